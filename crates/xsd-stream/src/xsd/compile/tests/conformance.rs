//! Rules of the recommendation that are easy to miss, each from both sides.
//! Where the W3C suite has a test for a rule, its name stands beside it.

use super::{compile, valid};

fn one(body: &str) -> Result<crate::xsd::Schema, String> {
    compile(&[("a.xsd", "", body)]).map_err(|errors| errors[0].to_string())
}

/// Compiles, or says why not.
fn right(body: &str) -> crate::xsd::Schema {
    one(body).unwrap_or_else(|e| panic!("{body}: {e}"))
}

/// Is refused, for this reason.
fn wrong(body: &str, constraint: &str) {
    match one(body) {
        Ok(_) => panic!("accepted: {body}"),
        Err(error) => assert!(error.contains(constraint), "{body}: {error}"),
    }
}

/// "Substitution Group OK (Transitive)" 2.3: each type between that of the
/// head and that of the member has a say.
#[test]
fn a_type_between_blocks_substitution() {
    let types = |block: &str, own: &str| {
        right(&format!(
            "<xs:complexType name='Head'><xs:sequence><xs:element name='p' minOccurs='0'/></xs:sequence></xs:complexType>
             <xs:complexType name='Between' {block}><xs:complexContent><xs:extension base='Head'><xs:attribute name='a'/></xs:extension></xs:complexContent></xs:complexType>
             <xs:complexType name='Member' {own}><xs:complexContent><xs:restriction base='Between'><xs:sequence/></xs:restriction></xs:complexContent></xs:complexType>
             <xs:element name='head' type='Head'/>
             <xs:element name='between' type='Between' substitutionGroup='head'/>
             <xs:element name='member' type='Member' substitutionGroup='head'/>
             <xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='head'/></xs:sequence></xs:complexType></xs:element>"
        ))
    };
    for (block, own, want) in [
        ("", "", true),
        ("block='restriction'", "", false),
        ("block='extension'", "", false),
        ("block='#all'", "", false),
        // That of the member itself speaks of what is derived from it.
        ("", "block='#all'", true),
    ] {
        let schema = types(block, own);
        assert_eq!(valid(&schema, "<r><member/></r>"), want, "{block} {own}");
        assert!(valid(&schema, "<r><between/></r>"), "{block} {own}");
    }
}

/// Structures 3.4.2: with several wildcards the type's own says how strictly
/// attributes are processed, else that of the first group.
#[test]
fn the_first_attribute_wildcard_says_how_strictly() {
    let group = |name: &str, process: &str, content: &str| {
        format!(
            "<xs:attributeGroup name='{name}'>{content}<xs:anyAttribute namespace='##other' processContents='{process}'/></xs:attributeGroup>"
        )
    };
    let groups = [
        group("Skip", "skip", ""),
        group("Strict", "strict", ""),
        group("SkipFirst", "skip", "<xs:attributeGroup ref='Strict'/>"),
        "<xs:attributeGroup name='InnerStrict'><xs:attributeGroup ref='Strict'/></xs:attributeGroup>".to_owned(),
    ]
    .concat();
    let own = "<xs:anyAttribute namespace='##any' processContents='skip'/>";
    for (refs, tail, want) in [
        ("Skip Strict", "", true),
        ("Strict Skip", "", false),
        ("SkipFirst", "", true),
        ("InnerStrict Skip", "", false),
        ("InnerStrict Skip Strict", "", false),
        ("Skip InnerStrict", "", true),
        ("Strict Skip", own, true),
    ] {
        let refs: String = (refs.split(' '))
            .map(|g| format!("<xs:attributeGroup ref='{g}'/>"))
            .collect();
        let schema = right(&format!(
            "{groups}<xs:element name='r'><xs:complexType>{refs}{tail}</xs:complexType></xs:element>"
        ));
        assert_eq!(
            valid(&schema, "<r xmlns:o='urn:o' o:a='1'/>"),
            want,
            "{refs}{tail}"
        );
    }
}

/// src-attribute.2: only an optional attribute has a default (attKb005,
/// attKc005, attP030).
#[test]
fn only_an_optional_attribute_has_a_default() {
    let t = |attribute: &str| {
        format!(
            "<xs:attribute name='g' default='x'/><xs:attributeGroup name='G'>{attribute}</xs:attributeGroup><xs:complexType name='T'><xs:attributeGroup ref='G'/></xs:complexType>"
        )
    };
    for used in ["prohibited", "required"] {
        wrong(
            &t(&format!(
                "<xs:attribute name='a' use='{used}' default='x'/>"
            )),
            "src-attribute.2",
        );
        wrong(
            &t(&format!("<xs:attribute ref='g' use='{used}' default='x'/>")),
            "src-attribute.2",
        );
        right(&t(&format!(
            "<xs:attribute name='a' use='{used}' fixed='x'/>"
        )));
        // The default of the global declaration is not one of the use.
        right(&t(&format!("<xs:attribute ref='g' use='{used}'/>")));
    }
    right(&t("<xs:attribute name='a' use='optional' default='x'/>"));
}

/// cos-all-limited.1.2: a reference can't repeat an all group either
/// (particlesEa025).
#[test]
fn a_reference_to_an_all_group_does_not_repeat() {
    let t = |bounds: &str| {
        format!("<xs:group name='g'><xs:all><xs:element name='a'/><xs:element name='b'/></xs:all></xs:group>
            <xs:element name='r'><xs:complexType><xs:group ref='g' {bounds}/></xs:complexType></xs:element>")
    };
    wrong(&t("maxOccurs='2'"), "cos-all-limited.1.2");
    wrong(
        &t("minOccurs='0' maxOccurs='unbounded'"),
        "cos-all-limited.1.2",
    );
    assert!(valid(&right(&t("minOccurs='0'")), "<r/>"));
    assert!(!valid(&right(&t("")), "<r/>"));
    let never = right(&t("minOccurs='0' maxOccurs='0'"));
    assert!(valid(&never, "<r/>") && !valid(&never, "<r><a/><b/></r>"));
}

/// Two documents that redefine each other's definition of one name, from
/// whichever the reading begins (s4_2_4si01, s4_2_4si01b).
#[test]
fn circular_redefinition() {
    let redefine = |document: &str| {
        format!(
            "<xs:redefine schemaLocation='{document}'><xs:complexType name='C'><xs:complexContent><xs:extension base='C'><xs:attribute name='a'/></xs:extension></xs:complexContent></xs:complexType></xs:redefine>"
        )
    };
    let original = "<xs:complexType name='C'/>";
    let wrong = |documents: &[(&str, &str, &str)]| {
        let errors = compile(documents).unwrap_err();
        assert_eq!(errors[0].constraint, "src-redefine", "{}", errors[0]);
    };
    let (to_a, to_b, to_c) = (redefine("a.xsd"), redefine("b.xsd"), redefine("c.xsd"));
    for (a, b) in [(original, ""), ("", original)] {
        let (a, b) = (format!("{to_b}{a}"), format!("{to_a}{b}"));
        wrong(&[("a.xsd", "", &a), ("b.xsd", "", &b)]);
    }
    wrong(&[("a.xsd", "", &format!("{to_a}{original}"))]);
    let around = format!("{to_a}{original}");
    wrong(&[
        ("a.xsd", "", &to_b),
        ("b.xsd", "", &to_c),
        ("c.xsd", "", &around),
    ]);
    // Right: one after the other, and a document that includes the one that redefines it.
    let schema = compile(&[
        (
            "a.xsd",
            "",
            &format!("{to_b}<xs:element name='c' type='C'/>"),
        ),
        (
            "b.xsd",
            "",
            &format!("<xs:include schemaLocation='a.xsd'/>{original}"),
        ),
    ]);
    let schema = schema.unwrap_or_else(|e| panic!("{}", e[0]));
    assert!(valid(&schema, "<c a='1'/>"));
}

/// Recurse-as-if-group and Recurse: in an `all` that may be left out whole its
/// member stays required, for an element (particlesK006) as for another `all`.
#[test]
fn restriction_of_all() {
    let types = |base: &str, derived: &str| {
        format!(
            "<xs:complexType name='B'>{base}</xs:complexType><xs:complexType name='D'><xs:complexContent><xs:restriction base='B'>{derived}</xs:restriction></xs:complexContent></xs:complexType>"
        )
    };
    let base = "<xs:all minOccurs='0'><xs:element name='a' minOccurs='0'/><xs:element name='b'/><xs:element name='c' minOccurs='0'/></xs:all>";
    let rule = "derivation-ok-restriction.5.4.2";
    for good in [
        "<xs:all minOccurs='0'><xs:element name='b'/></xs:all>",
        "<xs:all><xs:element name='b'/></xs:all>",
        "<xs:sequence><xs:element name='b'/></xs:sequence>",
        "<xs:sequence><xs:element name='c'/><xs:element name='b'/></xs:sequence>",
    ] {
        right(&types(base, good));
    }
    for bad in [
        "<xs:sequence><xs:element name='b' minOccurs='0'/></xs:sequence>",
        "<xs:all minOccurs='0'><xs:element name='b' minOccurs='0'/></xs:all>",
        "<xs:all><xs:element name='a'/></xs:all>",
        "<xs:all><xs:element name='x'/></xs:all>",
    ] {
        wrong(&types(base, bad), rule);
    }
    // An `all` of one means as much as its one member.
    let single = "<xs:all minOccurs='0'><xs:element name='b'/></xs:all>";
    right(&types(
        single,
        "<xs:sequence><xs:element name='b' minOccurs='0'/></xs:sequence>",
    ));
    right(&types(
        "<xs:sequence><xs:element name='b' minOccurs='0'/></xs:sequence>",
        single,
    ));
    wrong(
        &types("<xs:sequence><xs:element name='b'/></xs:sequence>", single),
        rule,
    );
}

/// Erratum E1-16: a notation has a public or a system identifier (errC004).
#[test]
fn a_notation_needs_one_identifier() {
    right("<xs:notation name='n' system='urn:n'/>");
    right("<xs:notation name='n' public='p q'/>");
    wrong("<xs:notation name='n'/>", "s4s");
    wrong("<xs:notation name='n' system='1:x'/>", "s4s");
}

/// cvc-elt.3.1 speaks of declared elements alone (elemZ033b).
#[test]
fn nil_on_an_element_without_declaration() {
    let schema = right(
        "<xs:element name='r' type='xs:anyType'/><xs:element name='n' type='xs:int' nillable='true'/>",
    );
    let with = |content: &str| {
        let xsi = "http://www.w3.org/2001/XMLSchema-instance";
        valid(&schema, &format!("<r xmlns:i='{xsi}'>{content}</r>"))
    };
    assert!(
        with("<q i:nil='true'/>") && with("<q i:nil='false'>x</q>") && with("<q i:nil='1'>x</q>")
    );
    assert!(with("<n i:nil='true'/>") && !with("<n i:nil='true'>1</n>"));
    assert!(!with("<q i:nil='yes'/>"));
    let declared = right("<xs:element name='r' type='xs:anyType'/>");
    assert!(!valid(
        &declared,
        "<r xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'/>"
    ));
}

/// Attributes of schema documents are anyURI too (anyURI_a001), and an
/// enumeration's values are of its type (anyURI_b006).
#[test]
fn references_in_schema_documents() {
    let enumeration = |value: &str| {
        format!(
            "<xs:simpleType name='S'><xs:restriction base='xs:anyURI'><xs:enumeration value='{value}'/></xs:restriction></xs:simpleType>"
        )
    };
    for good in ["", "//a", "\\\\", "æ ø", "file:///x"] {
        right(&enumeration(good));
    }
    for bad in ["//", ":a", "b:", "%"] {
        wrong(&enumeration(bad), "enumeration-valid-restriction");
    }
    for bad in [
        "<xs:annotation><xs:appinfo source='9:x'/></xs:annotation>",
        "<xs:annotation><xs:documentation source='//'/></xs:annotation>",
        "<xs:include schemaLocation=':x'/>",
        "<xs:import namespace='a#b#c'/>",
        "<xs:complexType name='T'><xs:anyAttribute namespace='urn:a 1:x'/></xs:complexType>",
    ] {
        wrong(bad, "s4s");
    }
    right(
        "<xs:complexType name='T'><xs:anyAttribute namespace='##local urn:a foo>bar'/></xs:complexType>",
    );
}
