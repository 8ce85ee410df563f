//! Chapters as HTML. What GitHub does for the reader of a repository is done here for that of the site: headings get anchors, and
//! links lead to pages. A link to what the site does not have stays as its words.

use std::collections::HashSet;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::chapters::{chapter, picture};
use super::{Page, Place};
use crate::problem;

/// A chapter as HTML.
#[derive(Debug)]
pub(super) struct Rendered {
    /// What stands under its first heading.
    pub(super) body: String,
    /// Its sections: the anchor and the heading of each.
    pub(super) contents: Vec<(String, String)>,
}

/// Renders a chapter. Its first heading is left out: it stands in the frame.
pub(super) fn rendered(text: &str, place: Place) -> Rendered {
    let text = text.split_once('\n').map_or("", |(_, rest)| rest);
    let mut events: Vec<_> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let contents = name_headings(&mut events);
    let mut leads_nowhere = false;
    let events = events.into_iter().flat_map(|event| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let to = linked(&dest_url, place);
            leads_nowhere = to.is_none();
            let link = to.map(|to| Tag::Link {
                link_type,
                dest_url: to.into(),
                title,
                id,
            });
            [link.map(Event::Start), None]
        }
        Event::End(TagEnd::Link) if leads_nowhere => [None, None],
        // The folder of an English page is another.
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let dest_url = match picture(&dest_url) {
                Some((name, ..)) => {
                    let page = Page::Picture(name);
                    Place { page, ..place }.path().into()
                }
                None => dest_url,
            };
            let image = Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            };
            [Some(Event::Start(image)), None]
        }
        // What may be wider than a narrow window scrolls by itself, also by keyboard.
        Event::Start(Tag::Table(columns)) => [
            Some(Event::Html(
                r#"<div class="rul" tabindex="0" role="group" aria-label="Table">"#.into(),
            )),
            Some(Event::Start(Tag::Table(columns))),
        ],
        Event::End(TagEnd::Table) => [
            Some(Event::End(TagEnd::Table)),
            Some(Event::Html("</div>\n".into())),
        ],
        Event::Start(Tag::CodeBlock(_)) => [
            Some(Event::Html(r#"<pre tabindex="0"><code>"#.into())),
            None,
        ],
        Event::End(TagEnd::CodeBlock) => [Some(Event::Html("</code></pre>\n".into())), None],
        other => [Some(other), None],
    });
    let mut out = String::new();
    html::push_html(&mut out, events.flatten());
    Rendered {
        // Written as XML by the renderer; as text, `>` is escaped.
        body: out.replace(" />", ">"),
        contents,
    }
}

/// Gives each heading the anchor that others link to; tells of those of the sections.
fn name_headings(events: &mut [Event<'_>]) -> Vec<(String, String)> {
    // The page has these itself.
    let mut taken = HashSet::from(["indhold".to_owned()]);
    let mut contents = Vec::new();
    for at in 0..events.len() {
        let from = events[at..].split_first_mut();
        let Some((Event::Start(Tag::Heading { id, level, .. }), inside)) = from else {
            continue;
        };
        let inside = inside.iter();
        let inside = inside.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let said: String = inside
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(&**text),
                _ => None,
            })
            .collect();
        let own = anchor(&said);
        let mut name = own.clone();
        for again in 1.. {
            if taken.insert(name.clone()) {
                break;
            }
            name = format!("{own}-{again}");
        }
        if *level == HeadingLevel::H2 {
            contents.push((name.clone(), said));
        }
        *id = Some(name.into());
    }
    contents
}

/// The anchor of a heading: lower case, without punctuation, spaces as hyphens.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Where a link of a chapter leads on the site, if the site has it.
fn linked(to: &str, place: Place) -> Option<String> {
    if to.starts_with('#') || to.contains("://") || to.starts_with("mailto:") {
        return Some(to.to_owned());
    }
    let (file, anchor) = match to.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (to, None),
    };
    let page = if let Some(own) = file.strip_suffix(".md").and_then(chapter) {
        Page::Manual(Some(own))
    } else if matches!(file, "../wsdl" | "../xsd") {
        Page::Contract
    } else {
        // A case shows what a code means; its page does too.
        let case = file.strip_prefix("../fixtures/cases/fejl/")?;
        let kode = case.split('-').next()?;
        Page::ErrorCode(problem::all().find(|entry| entry.kode == kode)?.kode)
    };
    let path = Place { page, ..place }.path();
    Some(match anchor {
        Some(anchor) => format!("{path}#{anchor}"),
        None => path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Language;

    fn shown(text: &str) -> String {
        let place = Place {
            language: Language::En,
            page: Page::Manual(None),
        };
        rendered(&format!("# Title\n{text}"), place).body
    }

    #[test]
    fn links_lead_to_pages_or_are_words() {
        for (link, to) in [
            ("drift.md", "/en/dokumentation/drift"),
            (
                "ydelse.md#fault-by-fault",
                "/en/dokumentation/ydelse#fault-by-fault",
            ),
            ("#here", "#here"),
            ("https://example.org/a.md", "https://example.org/a.md"),
            ("../wsdl", "/en/kontrakt"),
            (
                "../fixtures/cases/fejl/DTR5001-ukendt-kode",
                "/en/fejlkoder/DTR5001",
            ),
        ] {
            let html = shown(&format!("[words]({link})"));
            assert_eq!(html, format!("<p><a href=\"{to}\">words</a></p>\n"));
        }
        for nowhere in [
            "../CONTRIBUTING.md",
            "../fixtures/cases",
            "grafana.json",
            "none.md",
        ] {
            let html = shown(&format!("[`words`]({nowhere}), [more](drift.md)"));
            assert!(html.starts_with("<p><code>words</code>, <a "), "{html}");
        }
    }

    #[test]
    fn pictures_have_one_path() {
        let html = shown("![What is seen](billeder/map-phone.webp)");
        let path = "/dokumentation/billeder/map-phone.webp";
        assert_eq!(
            html,
            format!("<p><img src=\"{path}\" alt=\"What is seen\"></p>\n")
        );
    }

    #[test]
    fn headings_have_the_anchors_that_links_name() {
        let html = shown("## 3.1 Writes: `a_b` & more\n## Twice\n## Twice\n");
        for id in ["31-writes-a_b--more", "twice", "twice-1"] {
            assert!(html.contains(&format!("<h2 id=\"{id}\">")), "{html}");
        }
    }

    #[test]
    fn what_is_wide_scrolls_by_itself() {
        let html = shown("| a |\n| - |\n| b |\n\n```xml\n<a>&\n```\n");
        let group = r#"<div class="rul" tabindex="0" role="group" aria-label="Table"><table>"#;
        assert!(html.contains(group), "{html}");
        assert!(html.contains("</table>\n</div>"), "{html}");
        assert!(html.ends_with("<pre tabindex=\"0\"><code>&lt;a&gt;&amp;\n</code></pre>\n"));
    }
}
