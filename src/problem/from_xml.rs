//! From what the XML layer and the validator found to the catalogue. Their kinds have stable names; a kind that this
//! table does not know yet falls back to the general entry, and a test keeps that from happening.

use crate::xml::{XmlError, decode::DecodeError};
use crate::xsd::ValidationError;

use super::{Entry, Place, Problem, schema, xml, zone};

/// A message that is not well-formed, or over a limit.
pub fn from_xml(error: &XmlError) -> Problem {
    let entry = xml_entry(error.kind.name()).unwrap_or(&xml::IKKE_XML);
    Problem {
        entry,
        values: error.kind.args(),
        place: Place::offset(error.offset),
    }
}

/// A message whose bytes are not text. There is no line yet: the byte is named in the text.
pub fn from_decode(error: &DecodeError) -> Problem {
    let entry = decode_entry(error.kind.name()).unwrap_or(&xml::IKKE_XML);
    Problem {
        entry,
        values: error.kind.args(),
        place: Place::NOWHERE,
    }
    .with("byte", error.offset + 1)
}

/// A message that the schema refuses. The record's position is read off the path.
pub fn from_schema(error: &ValidationError) -> Problem {
    let mut entry = schema_entry(error.kind.name()).unwrap_or(&schema::UGYLDIG);
    let mut values = error.kind.args();
    for (name, value) in &mut values {
        if let ("found", Some(bare)) = (*name, value.strip_prefix("{}")) {
            *value = format!("{bare} (uden navnerum / without namespace)");
        }
    }
    if entry == &schema::UVENTET_ELEMENT
        && values
            .iter()
            .any(|(name, value)| *name == "expected" && value.is_empty())
    {
        entry = &schema::INTET_MERE;
    }
    let place = Place {
        nr: record_of(&error.path),
        sti: Some(error.path.clone()),
        offset: Some(error.offset),
    };
    if let Some(problem) = zone::problem(&error.kind, &error.path) {
        return problem.at(place);
    }
    Problem {
        entry,
        values,
        place,
    }
    .with("regel", error.constraint())
}

/// The position of the second step, such as 3 in `/InsertDaginstitution/daginstitution[3]/ejerformKode`.
fn record_of(path: &str) -> Option<u32> {
    let step = path.split('/').nth(2)?;
    step.split_once('[')?.1.strip_suffix(']')?.parse().ok()
}

fn decode_entry(kind: &str) -> Option<&'static Entry> {
    Some(match kind {
        "BomConflict" => &xml::TEGNSAET_MODSTRID,
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

/// Kinds that no schema of the contract can give rise to have no entry of their own: the general one names the rule.
fn schema_entry(kind: &str) -> Option<&'static Entry> {
    Some(match kind {
        "UnknownRoot" => &schema::UKENDT_ROD,
        "UnexpectedElement" => &schema::UVENTET_ELEMENT,
        "MissingElement" => &schema::MANGLENDE_ELEMENT,
        "ElementNotAllowed" => &schema::ELEMENT_I_VAERDI,
        "TextNotAllowed" => &schema::TEKST_MELLEM_ELEMENTER,
        "NotEmpty" => &schema::SKAL_VAERE_TOM,
        "UnknownAttribute" => &schema::UKENDT_ATTRIBUT,
        "MissingAttribute" => &schema::MANGLENDE_ATTRIBUT,
        "InvalidLexical" => &schema::FORKERT_VAERDI,
        "Pattern" => &schema::MOENSTER,
        "Enumeration" => &schema::IKKE_PAA_LISTE,
        "TooShort" => &schema::FOR_KORT,
        "TooLong" => &schema::FOR_LANG,
        "MinInclusive" => &schema::FOR_LILLE,
        "MaxInclusive" => &schema::FOR_STOR,
        "FractionDigits" => &schema::FOR_MANGE_DECIMALER,
        "UnknownType" | "WrongType" => &schema::XSI_TYPE,
        "NotNillable" => &schema::XSI_NIL,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{XmlErrorKind, decode::DecodeErrorKind};
    use crate::xsd::ErrorKind;

    #[test]
    fn every_kind_of_the_xml_layer_has_an_entry() {
        for kind in XmlErrorKind::NAMES {
            assert!(xml_entry(kind).is_some(), "{kind}");
        }
        for kind in DecodeErrorKind::NAMES {
            assert!(decode_entry(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn a_kind_without_an_entry_names_its_rule() {
        let error = ValidationError {
            kind: ErrorKind::NilNotEmpty,
            offset: 7,
            path: "/InsertDaginstitution/daginstitution[3]/ejerformKode".into(),
        };
        let problem = from_schema(&error);
        assert_eq!(problem.entry, &schema::UGYLDIG);
        assert!(problem.da().contains("cvc-elt.3.2.1"), "{}", problem.da());
        assert_eq!((problem.place.nr, problem.place.offset), (Some(3), Some(7)));
    }
}
