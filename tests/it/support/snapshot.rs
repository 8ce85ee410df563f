//! Answers as they lie in a folder: ids replaced, tags on lines of their own, and the first difference told.

/// Where a UUID stands.
pub(crate) fn find_uuid(text: &str) -> Option<usize> {
    let is_uuid = |window: &[u8]| {
        window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    text.as_bytes().windows(36).position(is_uuid)
}

/// Line breaks and indentation between tags; everything else as it was sent.
pub(crate) fn pretty(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len() * 2);
    let mut depth = 0_usize;
    let mut rest = xml.trim_end();
    let mut after_start = false;
    while let Some(end) = rest.find('>') {
        let tag = &rest[..=end];
        let start = tag.find('<').unwrap_or(0);
        let (text, tag) = tag.split_at(start);
        let closing = tag.starts_with("</");
        depth -= usize::from(closing);
        let inline = !text.trim().is_empty() || (closing && after_start);
        if inline {
            out.push_str(text);
        } else if !out.is_empty() {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
        out.push_str(tag);
        after_start = !closing && !tag.ends_with("/>") && !tag.starts_with("<?");
        depth += usize::from(after_start);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out.push('\n');
    out
}

/// The first line that differs, with both forms.
pub(crate) fn difference(expected: &str, actual: &str) -> Option<String> {
    if expected == actual {
        return None;
    }
    let (mut left, mut right) = (expected.lines(), actual.lines());
    let mut line = 0;
    loop {
        line += 1;
        let (left, right) = (left.next(), right.next());
        if left != right || left.is_none() {
            let show = |text: Option<&str>| text.unwrap_or("(end)").to_owned();
            return Some(format!(
                "line {line}\n    expected {}\n    answered {}",
                show(left),
                show(right)
            ));
        }
    }
}
