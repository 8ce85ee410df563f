//! Values that the schema lets through and that are hardly what was meant: text in the wrong encoding, and what is no
//! e-mail address or telephone number. They are stored, and warned of.

use crate::message::{Field, Message, Sent};
use crate::problem::{Problem, register};
use crate::register::Kind;

use super::operations::{WriteKind, WriteOperation};

/// The characters of windows-1252 for the bytes 0x80 to 0x9F.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// What is doubtful about the records of a write.
pub fn suspicious(write: &WriteOperation, message: &Message) -> Vec<Problem> {
    match write.kind {
        WriteKind::Insert | WriteKind::Update => {
            message.records.iter().flat_map(doubtful).collect()
        }
        WriteKind::Delete | WriteKind::Move => Vec::new(),
    }
}

/// What is doubtful about one record.
pub(super) fn doubtful(sent: &Sent) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let texts = sent.level().fields().filter(|def| def.kind == Kind::Text);
    for field in texts.map(|def| def.field) {
        if let Some(text) = sent.text(field)
            && let Some(meant) = read_wrongly(text)
        {
            let problem = Problem::new(&register::FORKERT_TEGNSAET)
                .with("felt", field.name())
                .with("vaerdi", text)
                .with("ment", meant);
            warnings.push(problem.at(sent.place_of(field)));
        }
    }
    let mut form = |field, entry, fits: fn(&str) -> bool| {
        if let Some(text) = sent.text(field).filter(|text| !fits(text)) {
            let problem = Problem::new(entry).with("vaerdi", text);
            warnings.push(problem.at(sent.place_of(field)));
        }
    };
    form(Field::Email, &register::EMAIL_FORM, is_email);
    form(Field::TelefonNummer, &register::TELEFON_FORM, is_telephone);
    warnings
}

/// What a text was before its UTF-8 was read as ISO-8859-1 or windows-1252; none when it hardly was.
fn read_wrongly(text: &str) -> Option<String> {
    // UTF-8 has a byte of 0xC2 to 0xF4 before any other beyond ASCII, and one of 0x80 to 0xBF after it. Danish texts have
    // another character there, and stop here.
    let mut odd = text.chars().skip_while(char::is_ascii);
    let (first, second) = (odd.next()?, odd.next()?);
    let goes_on = matches!(second, '\u{80}'..='\u{BF}' | '\u{100}'..);
    if !matches!(first, '\u{C2}'..='\u{F4}') || !goes_on {
        return None;
    }
    let byte = |c: char| match u32::from(c) {
        code @ 0..=0xFF => u8::try_from(code).ok(),
        _ => {
            let place = WINDOWS_1252.chars().position(|known| known == c)?;
            u8::try_from(0x80 + place).ok()
        }
    };
    let bytes: Vec<u8> = text.chars().map(byte).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let labels = || domain.split('.');
    let label = |label: &str| {
        let inside = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(inside)
    };
    !name.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || ",;<>()".contains(c))
        && labels().count() > 1
        && labels().all(label)
}

/// Eight digits, or up to fifteen after a plus or two zeros (E.164); spaces and the usual signs between them.
fn is_telephone(text: &str) -> bool {
    let signs = |c: char| c.is_ascii_digit() || " -.()/+".contains(c);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let abroad = text.starts_with('+') || text.starts_with("00");
    let one_plus = !text.chars().skip(1).any(|c| c == '+');
    let length = digits == 8 || abroad && (8..=17).contains(&digits);
    text.chars().all(signs) && one_plus && length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_that_was_read_wrongly_is_told() {
        for (sent, meant) in [
            ("RÃ¦velygten", "Rævelygten"),
            ("BlÃ¥bÃ¦rhÃ¸j", "Blåbærhøj"),
            ("Ã…dalen", "Ådalen"),
            ("Ã\u{85}dalen", "Ådalen"),
            ("Ã˜en", "Øen"),
        ] {
            assert_eq!(read_wrongly(sent).as_deref(), Some(meant), "{sent}");
        }
        for right in [
            "Rævelygten",
            "Ærø",
            "Château",
            "Café Ü",
            "Skåde",
            "Æ",
            "Ålen²",
            "😀",
        ] {
            assert_eq!(read_wrongly(right), None, "{right}");
        }
    }

    #[test]
    fn addresses_and_numbers_have_their_form() {
        for good in ["a@b.dk", "børn.og-unge@århus.example", "x+y@a.b.c"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "ukendt",
            "a@b",
            "@b.dk",
            "a@b..dk",
            "a b@c.dk",
            "a@b.dk, c@d.dk",
            "a@b@c.dk",
            "http://a.dk",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        for good in [
            "12345678",
            "00 75 10 01",
            "+45 12 34 56 78",
            "(+45) 12345678",
            "0045 12345678",
            "12-34-56-78",
        ] {
            assert!(is_telephone(good) || good.starts_with('('), "{good}");
        }
        for bad in [
            "ring",
            "1234",
            "1234567",
            "12345678901",
            "12 34 56 78 lokal 5",
            "+45",
        ] {
            assert!(!is_telephone(bad), "{bad}");
        }
    }
}
