//! From what the XML layer found to the catalogue. Its kinds have stable names; a kind that this table does not know yet
//! falls back to the general entry, and a test keeps that from happening.

use crate::xml::{Positions, XmlError, XmlErrorKind, decode::DecodeError};

use super::{Entry, Place, Problem, xml};

/// A message that is not well-formed, or over a limit.
pub fn from_xml(error: &XmlError) -> Problem {
    let entry = xml_entry(error.kind.name()).unwrap_or(&xml::IKKE_XML);
    let problem = Problem {
        values: error.kind.args(),
        ..Problem::new(entry).at(Place::offset(error.offset))
    };
    match &error.kind {
        XmlErrorKind::UnclosedMarkup { what } => problem.with_words("what", markup(what)),
        _ => problem,
    }
}

/// What the reader calls the kinds of markup, in both languages.
fn markup(what: &str) -> [&str; 2] {
    match what {
        "comment" => ["en kommentar", "a comment"],
        "CDATA section" => ["et CDATA-afsnit", "a CDATA section"],
        "processing instruction" => ["en instruktion", "a processing instruction"],
        _ => ["et tag", "a tag"],
    }
}

/// A message whose bytes are not text; `before` is what can be read before the place.
pub fn from_decode(error: &DecodeError, before: &str) -> Problem {
    let entry = decode_entry(error.kind.name()).unwrap_or(&xml::IKKE_XML);
    let at = Positions::new(before).at(before.len());
    let problem = Problem {
        values: error.kind.args(),
        ..Problem::new(entry)
    };
    problem
        .with("byte", error.offset + 1)
        .with("linje", at.line)
        .with("kolonne", at.column)
        .at(Place::offset(before.len()))
}

fn decode_entry(kind: &str) -> Option<&'static Entry> {
    Some(match kind {
        "BomConflict" => &xml::TEGNSAET_MODSTRID,
        "DeclarationConflict" => &xml::ERKLAERING_MODSTRID,
        "MisnamedEncoding" => &xml::TEGNSAET_NAVN,
        "NotXml" => &xml::SLET_IKKE_XML,
        "UnsupportedEncoding" => &xml::TEGNSAET_UKENDT,
        "MissingBom" => &xml::BOM_MANGLER,
        "InvalidBytes" => &xml::TEGN_I_STYKKER,
        _ => return None,
    })
}

fn xml_entry(kind: &str) -> Option<&'static Entry> {
    Some(match kind {
        "NoRoot" => &xml::INGEN_ROD,
        "SecondRoot" => &xml::FLERE_ROEDDER,
        "NotXml" => &xml::SLET_IKKE_XML,
        "TextOutsideRoot" => &xml::TEKST_UDENFOR,
        "CdataOutsideRoot" => &xml::CDATA_UDENFOR,
        "UnclosedElement" => &xml::IKKE_LUKKET,
        "UnclosedMarkup" => &xml::MARKUP_IKKE_LUKKET,
        "MismatchedEndTag" => &xml::FORKERT_SLUT,
        "UnexpectedEndTag" => &xml::OVERSKYDENDE_SLUT,
        "BadMarkup" => &xml::IKKE_MARKUP,
        "BadName" => &xml::FORKERT_NAVN,
        "BadQName" => &xml::FORKERT_QNAVN,
        "MissingSpace" => &xml::MELLEMRUM_MANGLER,
        "BadAttribute" => &xml::FORKERT_ATTRIBUT,
        "LtInAttribute" => &xml::LT_I_ATTRIBUT,
        "DuplicateAttribute" => &xml::ATTRIBUT_TO_GANGE,
        "UnboundPrefix" => &xml::UKENDT_PRAEFIKS,
        "EmptyNamespace" => &xml::TOMT_NAVNERUM,
        "ReservedNamespace" => &xml::RESERVERET_NAVNERUM,
        "InvalidChar" => &xml::FORBUDT_TEGN,
        "UnknownEntity" => &xml::UKENDT_ENTITET,
        "BadReference" => &xml::FORKERT_REFERENCE,
        "CdataEndInText" => &xml::CDATA_SLUT_I_TEKST,
        "DoubleHyphen" => &xml::STREGER_I_KOMMENTAR,
        "ReservedTarget" => &xml::RESERVERET_PI,
        "MisplacedDeclaration" => &xml::ERKLAERING_FORKERT_STED,
        "BadDeclaration" => &xml::FORKERT_ERKLAERING,
        "UnsupportedVersion" => &xml::XML_VERSION,
        "Doctype" => &xml::DOCTYPE,
        "TooDeep" => &xml::FOR_DYB,
        "TooManyAttributes" => &xml::FOR_MANGE_ATTRIBUTTER,
        "TooManyDeclarations" => &xml::FOR_MANGE_NAVNERUM,
        "TooManyElements" => &xml::FOR_MANGE_ELEMENTER,
        "NameTooLong" => &xml::FOR_LANGT_NAVN,
        "TextTooLong" => &xml::FOR_LANG_TEKST,
        "AttributeTooLong" => &xml::FOR_LANG_VAERDI,
        "TooManyComments" => &xml::FOR_MANGE_KOMMENTARER,
        "CommentsTooLong" => &xml::FOR_LANGE_KOMMENTARER,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::decode::DecodeErrorKind;

    #[test]
    fn every_kind_of_the_xml_layer_has_an_entry() {
        for kind in XmlErrorKind::NAMES {
            assert!(xml_entry(kind).is_some(), "{kind}");
        }
        for kind in DecodeErrorKind::NAMES {
            assert!(decode_entry(kind).is_some(), "{kind}");
        }
    }
}
