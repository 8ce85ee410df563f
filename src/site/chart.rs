//! Pictures of numbers as SVG. The same numbers stand as a table beside each: a picture adds nothing that is not in it.

use std::fmt::Write as _;

/// Counts of years, openings beside closings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Year {
    pub(super) year: i32,
    pub(super) opened: u64,
    pub(super) closed: u64,
}

/// A count of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) label: String,
    pub(super) count: u64,
}

/// The size of a picture of years.
const WIDTH: u64 = 640;
const HEIGHT: u64 = 160;
/// Below the columns, for the years.
const FOOT: u64 = 20;

/// Columns by year: openings, and closings beside them. `title` is what a screen reader says instead.
pub(super) fn columns(years: &[Year], title: &str) -> String {
    let most = years.iter().map(|year| year.opened.max(year.closed)).max();
    let most = most.unwrap_or(0).max(1);
    let wide = WIDTH / (years.len() as u64).max(1);
    let bar = (wide / 2).saturating_sub(2).max(1);
    let mut out = begun(HEIGHT + FOOT, title);
    for (at, year) in years.iter().enumerate() {
        let left = at as u64 * wide;
        for (count, x, class) in [
            (year.opened, left, "bjælke"),
            (year.closed, left + bar + 1, "bjælke2"),
        ] {
            let tall = scaled(count, most, HEIGHT);
            rectangle(&mut out, class, (x, HEIGHT - tall), (bar, tall));
        }
        // Years that would stand in each other's way are left out; the table has all.
        if wide >= 36 || at % 5 == 0 {
            text(&mut out, left, HEIGHT + FOOT - 5, &year.year.to_string());
        }
    }
    // Writing into a String can't fail.
    let _ = write!(
        out,
        "<line class=\"akse\" x1=\"0\" y1=\"{HEIGHT}\" x2=\"{WIDTH}\" y2=\"{HEIGHT}\"/></svg>"
    );
    out
}

/// Bars, one under the other, in the order given.
pub(super) fn bars(counts: &[Count], title: &str) -> String {
    const ROW: u64 = 18;
    let most = counts
        .iter()
        .map(|count| count.count)
        .max()
        .unwrap_or(0)
        .max(1);
    let mut out = begun(ROW * counts.len() as u64, title);
    for (at, count) in counts.iter().enumerate() {
        let wide = scaled(count.count, most, WIDTH - 80);
        let top = at as u64 * ROW;
        rectangle(&mut out, "bjælke", (0, top + 2), (wide, ROW - 4));
        text(&mut out, wide + 6, top + ROW - 5, &count.count.to_string());
    }
    out.push_str("</svg>");
    out
}

fn begun(height: u64, title: &str) -> String {
    let title = escaped(title);
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\">\
         <title>{title}</title>"
    )
}

fn scaled(count: u64, most: u64, size: u64) -> u64 {
    match count {
        0 => 0,
        // What is there is seen, however little it is.
        count => (count * size / most).max(1),
    }
}

fn rectangle(out: &mut String, class: &str, (x, y): (u64, u64), (wide, tall): (u64, u64)) {
    if wide == 0 || tall == 0 {
        return;
    }
    // Writing into a String can't fail.
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{tall}\"/>"
    );
}

fn text(out: &mut String, x: u64, y: u64, text: &str) {
    // Writing into a String can't fail.
    let _ = write!(out, "<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
}

/// A text inside XML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_show_each_year_and_escape() {
        let year = |year, opened, closed| Year {
            year,
            opened,
            closed,
        };
        let svg = columns(&[year(2024, 10, 0), year(2025, 5, 1)], "a<b>&\"c\"");
        assert!(
            svg.contains("aria-label=\"a&lt;b&gt;&amp;&quot;c&quot;\""),
            "{svg}"
        );
        assert_eq!(svg.matches("<rect").count(), 3, "none for zero");
        assert!(svg.contains("height=\"160\" ") || svg.contains("height=\"160\"/>"));
        assert!(svg.contains(">2024</text>") && svg.contains(">2025</text>"));
        assert!(columns(&[], "").ends_with("</svg>"));
    }

    #[test]
    fn little_beside_much_is_still_seen() {
        let count = |label: &str, count| Count {
            label: label.into(),
            count,
        };
        let svg = bars(&[count("a", 1_000_000), count("b", 1)], "t");
        assert!(svg.contains("width=\"1\""), "{svg}");
    }
}
