//! The mutations. Each gives a text, the places where an error may stand if
//! the text is invalid, and says nothing about whether it is: that is for the
//! engines to agree on.

use crate::document::{Element, Message};

/// A mutated message.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// Byte offsets at which the first error may stand.
    pub(crate) places: Vec<usize>,
}

/// A small generator of numbers (SplitMix64), so that a seed names a run.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

type Mutation = fn(&Message, &mut Random) -> Option<Mutant>;

/// Every kind of mutation.
pub(crate) const MUTATIONS: [Mutation; 24] = [
    drop,
    duplicate,
    rename,
    swap,
    foreign,
    value,
    value,
    value,
    edit_value,
    edit_value,
    add_attribute,
    change_attribute,
    drop_attribute,
    text_between,
    wrap,
    child_in_leaf,
    pad,
    nil,
    xsi_type,
    harmless,
    malformed,
    stray,
    empty,
    flood,
];

const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// Values that fit some types and not others.
const VALUES: [&str; 44] = [
    "",
    "x",
    "0",
    "1",
    "-1",
    "+5",
    "007",
    "1.0",
    "1.",
    ".5",
    "1e5",
    "12,5",
    "999999999999",
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "true",
    "TRUE",
    "false",
    "2026-02-28",
    "2026-02-29",
    "2024-02-29",
    "2026-02-30",
    "2026-2-3",
    "2026-12-01Z",
    "2026-11-22T03:10:00.123Z",
    "2026-11-22T24:00:00.000Z",
    "2026-11-22T24:00:01.000Z",
    "2026-11-22T03:10:00Z",
    "2026-11-22T03:10:60.000Z",
    "G30001",
    "g30001",
    "Æ30001",
    "90",
    "90.0",
    "90.00000000001",
    "-90.0000000001",
    "1.12345678901",
    "NaN",
    "INF",
    "a@b.c",
    "00 75 10 01",
    "æøå ÆØÅ",
    "\u{A0}1",
];

/// Texts that cannot be told by eye; ends with a name of 300 characters.
fn odd_value(random: &mut Random) -> String {
    match random.below(4) {
        0 => "n".repeat(300),
        1 => "å".repeat(40),
        2 => "å".repeat(41),
        _ => "\u{1F600}".repeat(34),
    }
}

fn mutant(kind: &'static str, text: String, places: Vec<usize>) -> Option<Mutant> {
    Some(Mutant { kind, text, places })
}

/// `text[from..to]` replaced by `new`.
fn splice(text: &str, from: usize, to: usize, new: &str) -> String {
    [&text[..from], new, &text[to..]].concat()
}

fn any<'m>(m: &'m Message, random: &mut Random) -> &'m Element {
    &m.elements[random.below(m.elements.len())]
}

fn choose<'m>(
    m: &'m Message,
    random: &mut Random,
    fits: impl Fn(&Element) -> bool,
) -> Option<&'m Element> {
    let list: Vec<&Element> = m.elements.iter().filter(|e| fits(e)).collect();
    (!list.is_empty()).then(|| list[random.below(list.len())])
}

fn inner<'m>(m: &'m Message, random: &mut Random) -> Option<&'m Element> {
    choose(m, random, |e| e.parent.is_some())
}

fn leaf<'m>(m: &'m Message, random: &mut Random) -> Option<&'m Element> {
    choose(m, random, Element::is_leaf)
}

/// The next tag at or after `from`, which is where something is missed.
fn next_tag(text: &str, from: usize) -> usize {
    text[from..].find('<').map_or(text.len(), |n| from + n)
}

/// An element is left out: missed where the next tag stands.
fn drop(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = inner(m, random)?;
    let text = splice(&m.text, e.start, e.end, "");
    let place = next_tag(&text, e.start);
    mutant("drop", text, vec![place])
}

/// An element twice: the second one is too many.
fn duplicate(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = inner(m, random)?;
    let text = splice(&m.text, e.end, e.end, &m.text[e.start..e.end]);
    mutant("duplicate", text, vec![e.end])
}

/// Another local name: unknown where it stands.
fn rename(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    let prefix = e
        .qname
        .split_once(':')
        .map_or(String::new(), |(p, _)| format!("{p}:"));
    let new = prefix + ["ukendt", "Navn", "enhedsnavn", "æøå"][random.below(4)];
    let text = splice(&m.text, e.close + 2, e.end - 1, &new);
    let text = splice(&text, e.start + 1, e.after_name(), &new);
    mutant("rename", text, vec![e.start])
}

/// Two neighbours change places: either may be the one out of order.
fn swap(m: &Message, random: &mut Random) -> Option<Mutant> {
    let parent = choose(m, random, |e| e.children.len() > 1)?;
    let i = random.below(parent.children.len() - 1);
    let (a, b) = (
        &m.elements[parent.children[i]],
        &m.elements[parent.children[i + 1]],
    );
    let second = a.start + (b.end - b.start) + (b.start - a.end);
    let new = [
        &m.text[b.start..b.end],
        &m.text[a.end..b.start],
        &m.text[a.start..a.end],
    ]
    .concat();
    mutant(
        "swap",
        splice(&m.text, a.start, b.end, &new),
        vec![a.start, second],
    )
}

/// The element, and what has its prefix below, in another namespace.
fn foreign(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    if m.text[e.start..e.content].contains("xmlns") {
        return None;
    }
    let name = e
        .qname
        .split_once(':')
        .map_or("xmlns".to_owned(), |(p, _)| format!("xmlns:{p}"));
    let uri = random.pick(&[
        "urn:forkert",
        "urn:dagtilbudsregister:typer:v3",
        "URN:dagtilbudsregister:typer:v2",
    ]);
    let text = splice(
        &m.text,
        e.after_name(),
        e.after_name(),
        &format!(" {name}=\"{uri}\""),
    );
    mutant("namespace", text, vec![e.start])
}

/// The place of an error in the value that now stands at `at`: its first
/// character that is not white space; the end tag when there is none.
fn value_place(value: &str, at: usize) -> usize {
    let trimmed = value.trim_start_matches([' ', '\t', '\n', '\r']);
    if trimmed.is_empty() {
        at
    } else {
        at + value.len() - trimmed.len()
    }
}

/// Another value.
fn value(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = leaf(m, random)?;
    let new = if random.below(10) == 0 {
        odd_value(random)
    } else {
        random.pick(&VALUES).to_owned()
    };
    mutant(
        "value",
        splice(&m.text, e.content, e.close, &new),
        vec![value_place(&new, e.content)],
    )
}

/// The value, a little changed.
fn edit_value(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = choose(m, random, |e| e.is_leaf() && e.close > e.content)?;
    let old = &m.text[e.content..e.close];
    if old.contains('&') {
        return None;
    }
    let mut chars: Vec<char> = old.chars().collect();
    let at = random.below(chars.len());
    match random.below(8) {
        0 => drop_char(&mut chars, at),
        1 => chars.insert(at, '0'),
        2 => chars.push('1'),
        3 => chars[at] = 'é',
        4 => chars.insert(at, ' '),
        5 => chars = old.to_uppercase().chars().collect(),
        6 => chars.insert(0, '-'),
        _ => chars[at] = char::from(b'0' + random.below(10) as u8),
    }
    let new: String = chars.into_iter().collect();
    mutant(
        "edit",
        splice(&m.text, e.content, e.close, &new),
        vec![value_place(&new, e.content)],
    )
}

fn drop_char(chars: &mut Vec<char>, at: usize) {
    chars.remove(at);
}

/// An attribute more: unknown where its name stands.
fn add_attribute(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    let new = random.pick(&[
        " ukendt=\"1\"",
        " forventetVersion=\"2\"",
        " xml:lang=\"da\"",
        " f:x=\"1\" xmlns:f=\"urn:f\"",
        " ForventetVersion=\"2\"",
        " f:forventetVersion=\"2\" xmlns:f=\"urn:dagtilbudsregister:typer:v2\"",
    ]);
    let text = splice(&m.text, e.after_name(), e.after_name(), new);
    mutant("attribute", text, vec![e.after_name() + 1])
}

/// Another attribute value: wrong where the value begins.
fn change_attribute(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = choose(m, random, |e| !e.attributes.is_empty())?;
    let (_, at, length) = e.attributes[0];
    let new = random.pick(&VALUES);
    mutant(
        "attribute value",
        splice(&m.text, at, at + length, new),
        vec![at],
    )
}

fn drop_attribute(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = choose(m, random, |e| !e.attributes.is_empty())?;
    let (name, at, length) = e.attributes[0];
    mutant(
        "attribute dropped",
        splice(&m.text, name, at + length + 1, ""),
        vec![],
    )
}

/// Text where only elements may stand.
fn text_between(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = choose(m, random, |e| !e.is_leaf())?;
    let child = &m.elements[e.children[random.below(e.children.len())]];
    let (new, at) = match random.below(3) {
        0 => ("tekst", child.start),
        1 => ("æ", child.end),
        _ => ("<![CDATA[ ]]>", child.end),
    };
    // What stands before it joins it, but the error is at its first letter.
    mutant("text between", splice(&m.text, at, at, new), vec![at])
}

/// An element around it: unknown where it begins.
fn wrap(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    let new = format!("<omslag>{}</omslag>", &m.text[e.start..e.end]);
    mutant("wrap", splice(&m.text, e.start, e.end, &new), vec![e.start])
}

/// An element inside a value.
fn child_in_leaf(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = leaf(m, random)?;
    let at = [e.content, e.close][random.below(2)];
    mutant(
        "child in value",
        splice(&m.text, at, at, "<under/>"),
        vec![at],
    )
}

/// White space around and inside a value.
fn pad(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = leaf(m, random)?;
    let old = &m.text[e.content..e.close];
    let new = match random.below(5) {
        0 => format!(" {old} "),
        1 => format!("\n\t{old}\r\n"),
        2 => format!("{old}\u{A0}"),
        3 => old.replace(' ', "  "),
        _ => "  ".to_owned(),
    };
    mutant(
        "white space",
        splice(&m.text, e.content, e.close, &new),
        vec![value_place(&new, e.content)],
    )
}

/// `xsi:nil`: no element of ours is nillable.
fn nil(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    let value = random.pick(&["true", "1", "false", "0", " true ", "ja", ""]);
    let new = format!(" xsi:nil=\"{value}\" {XSI}");
    let text = splice(&m.text, e.after_name(), e.after_name(), &new);
    let name = e.after_name() + 1;
    mutant("xsi:nil", text, vec![name, name + "xsi:nil=\"".len()])
}

/// `xsi:type`, which may name nothing, another type, or the very type.
fn xsi_type(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    let value = random.pick(&[
        "xs:string",
        "ty:Navn",
        "ty:AnvisningsenhedInsert",
        "ty:Adresse",
        "ty:Dato",
        "xs:anyType",
        "ty:Ukendt",
        "xs:int",
        "nix:int",
        ":a",
        "",
        "ty:KommuneKode",
        "xs:token",
        "ty:DaginstitutionInsert",
    ]);
    let version = if m.text.contains(":v1\"") { "v1" } else { "v2" };
    let new = format!(
        " xsi:type=\"{value}\" {XSI} xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:ty=\"urn:dagtilbudsregister:typer:{version}\""
    );
    let text = splice(&m.text, e.after_name(), e.after_name(), &new);
    let name = e.after_name() + 1;
    mutant("xsi:type", text, vec![name, name + "xsi:type=\"".len()])
}

/// Changes that XML does not care about.
fn harmless(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = leaf(m, random)?;
    let old = &m.text[e.content..e.close];
    let half = old
        .char_indices()
        .nth(old.chars().count() / 2)
        .map_or(0, |(at, _)| at);
    let text = match random.below(8) {
        0 => splice(&m.text, e.content, e.content, "<!-- kommentar -->"),
        1 => splice(&m.text, e.content + half, e.content + half, "<!-- - -->"),
        2 if !old.contains('&') => {
            splice(&m.text, e.content, e.close, &format!("<![CDATA[{old}]]>"))
        }
        3 if !old.contains('&') => old.chars().next().map(|c| {
            splice(
                &m.text,
                e.content,
                e.content + c.len_utf8(),
                &format!("&#x{:x};", u32::from(c)),
            )
        })?,
        4 => splice(
            &m.text,
            e.content + half,
            e.content + half,
            "<?instruks x?>",
        ),
        5 => splice(&m.text, e.end - 1, e.end - 1, " \n"),
        6 => splice(
            &m.text,
            e.after_name(),
            e.after_name(),
            "\n xmlns:ubrugt='urn:u'\t",
        ),
        _ => splice(&m.text, e.start, e.start, "\r\n<!---->\r"),
    };
    mutant("harmless", text, vec![])
}

/// No longer well-formed.
fn malformed(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    let text = match random.below(8) {
        0 => splice(&m.text, e.close, e.end, ""),
        1 => splice(&m.text, e.content, e.content, "&ukendt;"),
        2 => splice(&m.text, e.content, e.content, "a & b"),
        3 => splice(&m.text, e.content, e.content, "]]>"),
        4 => splice(&m.text, e.after_name(), e.after_name(), " a=1"),
        5 => splice(&m.text, e.after_name(), e.after_name(), " a='1' a='2'"),
        6 => splice(&m.text, e.start + 1, e.start + 1, "nix:"),
        _ => splice(&m.text, e.content, e.content, "\u{1}"),
    };
    mutant("malformed", text, vec![])
}

/// A copy of an element somewhere else.
fn stray(m: &Message, random: &mut Random) -> Option<Mutant> {
    let (e, to) = (inner(m, random)?, inner(m, random)?);
    let text = splice(&m.text, to.start, to.start, &m.text[e.start..e.end]);
    // If it may stand there, what follows it may not.
    mutant("stray", text, vec![to.start, to.start + e.end - e.start])
}

/// Nothing left inside: missed where the element ends.
fn empty(m: &Message, random: &mut Random) -> Option<Mutant> {
    let e = any(m, random);
    if random.below(2) == 0 {
        let text = splice(&m.text, e.content - 1, e.end, "/>");
        return mutant("empty", text, vec![e.start]);
    }
    mutant(
        "empty",
        splice(&m.text, e.content, e.close, ""),
        vec![e.content],
    )
}

/// More records than are allowed: the 501st is too many.
fn flood(m: &Message, random: &mut Random) -> Option<Mutant> {
    let root = m
        .elements
        .first()
        .filter(|root| !root.qname.ends_with("Response"))?;
    let e = &m.elements[*root.children.last()?];
    let before = root
        .children
        .iter()
        .filter(|c| m.elements[**c].qname == e.qname)
        .count();
    let copies = [500, 501][random.below(2)] - before;
    let one = &m.text[e.start..e.end];
    let text = splice(&m.text, e.end, e.end, &one.repeat(copies));
    let last = e.end + one.len() * copies.saturating_sub(1);
    mutant("flood", text, vec![last])
}
