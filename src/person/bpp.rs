//! OIO Basic Privilege Profile 1.1 and 1.2: a list of privileges in XML, in base64. Read with the strict reader of messages:
//! no DTD, no entity, bounded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::privilege::{MOST_GROUPS, MOST_PRIVILEGES, Privileges, Unreadable};
use crate::xml::{Event, Limits, Name, Reader, StartTag};

/// The longest list, in characters of base64.
const LONGEST: usize = 256 << 10;
/// The longest name of a privilege.
const LONGEST_NAME: usize = 512;

/// The namespaces of the versions, which differ in nothing else.
const NAMESPACES: [&str; 2] = [
    "http://digst.dk/oiosaml/basic_privilege_profile",
    "http://itst.dk/oiosaml/basic_privilege_profile",
];

/// Reads a list. Its base64 may have white space.
///
/// # Errors
/// [`Unreadable`]; nothing of such a list counts.
pub fn read(value: &str) -> Result<Privileges, Unreadable> {
    if value.len() > LONGEST {
        return Err(Unreadable("too long"));
    }
    let packed: String = value.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD
        .decode(packed)
        .map_err(|_| Unreadable("not base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| Unreadable("not UTF-8"))?;
    list(&text)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.depth = 4;
    limits.attributes = 4;
    limits.elements = MOST_GROUPS * 4;
    limits.text = 4 << 10;
    limits.attribute_value = 1 << 10;
    limits.misc_count = 16;
    limits.misc_bytes = 4 << 10;
    limits
}

/// A group as far as it was read.
#[derive(Debug, Default)]
struct Open {
    scope: String,
    names: Vec<String>,
    constrained: bool,
}

/// What is being read inside a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Group,
    Privilege,
    /// A constraint, or what may be one.
    Constraint,
}

fn list(text: &str) -> Result<Privileges, Unreadable> {
    let mut reader = Reader::new(text.trim_start_matches('\u{feff}'), limits());
    let mut told = Privileges::default();
    let (mut open, mut inside): (Option<Open>, _) = (None, Inside::Group);
    let mut name = String::new();
    loop {
        let depth = reader.depth();
        match reader.next().map_err(|_| Unreadable("not such XML"))? {
            Event::Start(tag) => match (depth, &mut open) {
                (0, _) => root(&tag)?,
                (1, _) => open = Some(group(&tag)?),
                (_, Some(group)) if inside == Inside::Group => {
                    name.clear();
                    inside = member(&tag.name);
                    group.constrained |= inside == Inside::Constraint;
                }
                // Inside of a constraint anything may stand; inside of a privilege only its name.
                _ if inside == Inside::Constraint => {}
                _ => return Err(Unreadable("an element in a privilege")),
            },
            Event::Text(part) if inside == Inside::Privilege => name.push_str(&part.value),
            Event::Text(part) if inside == Inside::Group => {
                if !part.value.chars().all(char::is_whitespace) {
                    return Err(Unreadable("text between elements"));
                }
            }
            Event::Text(_) => {}
            Event::End(_) => match (depth, &mut open) {
                (3, Some(group)) => {
                    if inside == Inside::Privilege {
                        add(group, &name)?;
                    }
                    inside = Inside::Group;
                }
                (2, group) => {
                    if let Some(group) = group.take() {
                        told.add(&group.scope, group.names, group.constrained)?;
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(told),
        }
    }
}

/// Whether an element is one of the profile: its parts stand in its namespace, and in the wild in none.
fn is(name: &Name<'_, '_>, local: &str) -> bool {
    name.local == local && (name.namespace.is_empty() || NAMESPACES.contains(&name.namespace))
}

fn root(tag: &StartTag<'_, '_>) -> Result<(), Unreadable> {
    let own = tag.name.local == "PrivilegeList" && NAMESPACES.contains(&tag.name.namespace);
    own.then_some(())
        .ok_or(Unreadable("not a list of privileges"))
}

fn group(tag: &StartTag<'_, '_>) -> Result<Open, Unreadable> {
    if !is(&tag.name, "PrivilegeGroup") {
        return Err(Unreadable("an unknown element in the list"));
    }
    let scope = tag
        .attribute("", "Scope")
        .ok_or(Unreadable("a group without a scope"))?;
    Ok(Open {
        scope: scope.value.trim().to_owned(),
        // Any other attribute may narrow the group.
        constrained: tag.attributes().len() > 1,
        ..Open::default()
    })
}

fn member(name: &Name<'_, '_>) -> Inside {
    if is(name, "Privilege") {
        Inside::Privilege
    } else {
        Inside::Constraint
    }
}

fn add(group: &mut Open, name: &str) -> Result<(), Unreadable> {
    let name = name.trim();
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(Unreadable("a privilege without a name, or with a long one"));
    }
    if group.names.len() >= MOST_PRIVILEGES {
        return Err(Unreadable("too many privileges"));
    }
    group.names.push(name.to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::privilege::{Ignored, Scope};
    use super::*;
    use crate::register::{Cvr, PNummer};

    fn packed(xml: &str) -> String {
        STANDARD.encode(xml)
    }

    fn of(inner: &str) -> Result<Privileges, Unreadable> {
        let namespace = NAMESPACES[0];
        read(&packed(&format!(
            "<b:PrivilegeList xmlns:b=\"{namespace}\">{inner}</b:PrivilegeList>"
        )))
    }

    const CVR: &str = "urn:dk:gov:saml:cvrNumberIdentifier:12345678";
    const PLACE: &str = "urn:dk:gov:saml:productionUnitIdentifier:1234567890";

    #[test]
    fn groups_are_read_in_both_versions_and_with_or_without_a_namespace() {
        let cvr = Scope::Organisation(Cvr::parse("12345678").unwrap());
        let place = Scope::Place(PNummer::parse("1234567890").unwrap());
        for namespace in NAMESPACES {
            let bare = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bpp:PrivilegeList xmlns:bpp=\"{namespace}\">\n\
                 <PrivilegeGroup Scope=\"{CVR}\">\n<Privilege>urn:a</Privilege><Privilege> urn:b </Privilege></PrivilegeGroup>\
                 <PrivilegeGroup Scope=\"{PLACE}\"><Privilege>urn:c</Privilege></PrivilegeGroup>\
                 <PrivilegeGroup Scope=\"{CVR}\"><Privilege>urn:d</Privilege></PrivilegeGroup></bpp:PrivilegeList>"
            );
            let inherited = bare.replace("bpp:", "").replace("xmlns:bpp", "xmlns");
            for xml in [bare, inherited] {
                let told = read(&packed(&xml)).unwrap();
                let groups = told
                    .groups
                    .iter()
                    .map(|group| (group.scope, group.names.join(" ")));
                let expected = [
                    (cvr, "urn:a urn:b".to_owned()),
                    (place, "urn:c".to_owned()),
                    (cvr, "urn:d".to_owned()),
                ];
                assert_eq!(groups.collect::<Vec<_>>(), expected, "{xml}");
            }
        }
    }

    #[test]
    fn base64_may_be_broken_into_lines() {
        let xml = format!("<PrivilegeList xmlns=\"{}\"/>", NAMESPACES[1]);
        let broken: Vec<_> = packed(&xml).chars().map(String::from).collect();
        assert_eq!(read(&broken.join("\r\n\t ")), Ok(Privileges::default()));
    }

    #[test]
    fn a_constraint_of_any_name_makes_its_group_count_for_nothing() {
        for narrowed in [
            "<Constraint Name=\"urn:x\">1</Constraint><Privilege>urn:a</Privilege>",
            "<Privilege>urn:a</Privilege><Constraint Name=\"urn:x\"><deep>1</deep></Constraint>",
            "<Privilege>urn:a</Privilege><Andet/>",
            "<Privilege xmlns=\"urn:another\">urn:a</Privilege>",
        ] {
            let told = of(&format!(
                "<PrivilegeGroup Scope=\"{CVR}\">{narrowed}</PrivilegeGroup>\
                                    <PrivilegeGroup Scope=\"{CVR}\"><Privilege>urn:b</Privilege></PrivilegeGroup>"
            ));
            let told = told.unwrap();
            assert_eq!(told.ignored, [Ignored::Constraint], "{narrowed}");
            assert_eq!(told.groups.len(), 1);
            assert_eq!(told.groups[0].names, ["urn:b"]);
        }
        let attribute = of(&format!(
            "<PrivilegeGroup Scope=\"{CVR}\" Til=\"2026\"><Privilege>a</Privilege></PrivilegeGroup>"
        ));
        assert_eq!(attribute.unwrap().ignored, [Ignored::Constraint]);
        let se = of(
            "<PrivilegeGroup Scope=\"urn:dk:gov:saml:seNumberIdentifier:12345678\"><Privilege>a</Privilege></PrivilegeGroup>",
        );
        assert_eq!(se.unwrap().ignored, [Ignored::Scope]);
    }

    #[test]
    fn what_is_not_such_a_list_is_refused_whole() {
        let group =
            |inner: &str| format!("<PrivilegeGroup Scope=\"{CVR}\">{inner}</PrivilegeGroup>");
        for inner in [
            "<Privilege>urn:a</Privilege>".to_owned(),
            "<PrivilegeGroup><Privilege>urn:a</Privilege></PrivilegeGroup>".to_owned(),
            "løs tekst".to_owned(),
            group("løs tekst"),
            group("<Privilege></Privilege>"),
            group("<Privilege>a<b/></Privilege>"),
            group(&format!(
                "<Privilege>{}</Privilege>",
                "x".repeat(LONGEST_NAME + 1)
            )),
            group(&"<Privilege>a</Privilege>".repeat(MOST_PRIVILEGES + 1)),
            format!("<PrivilegeGroup Scope=\"{CVR}\"/>").repeat(MOST_GROUPS + 1),
            group("<Constraint><a><b/></a></Constraint>"),
        ] {
            assert!(of(&inner).is_err(), "{}", &inner[..inner.len().min(120)]);
        }
        let entity = format!(
            "<!DOCTYPE a [<!ENTITY x \"urn:a\">]><PrivilegeList xmlns=\"{}\">{}</PrivilegeList>",
            NAMESPACES[0],
            group("<Privilege>&x;</Privilege>")
        );
        for value in [
            packed(&entity),
            packed("<PrivilegeList/>"),
            packed("<PrivilegeList xmlns=\"http://digst.dk/\"/>"),
            packed(&format!("<Liste xmlns=\"{}\"/>", NAMESPACES[0])),
            packed(""),
            STANDARD.encode([0xff, 0xfe]),
            "ikke base64!".to_owned(),
            "A".repeat(LONGEST + 4),
        ] {
            assert!(read(&value).is_err(), "{}", &value[..value.len().min(80)]);
        }
    }
}
