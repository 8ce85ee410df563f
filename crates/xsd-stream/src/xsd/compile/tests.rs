//! Schemas that are wrong, each with the constraint it violates, and schemas
//! of several documents.

use crate::xml::Limits;
use crate::xsd::{MemoryResolver, Schema, SchemaError, validate};

mod conformance;

fn document(attributes: &str, body: &str) -> Vec<u8> {
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' {attributes}>\n{body}</xs:schema>"
    )
    .into_bytes()
}

fn compile(documents: &[(&str, &str, &str)]) -> Result<Schema, Vec<SchemaError>> {
    let documents = documents
        .iter()
        .map(|(name, attributes, body)| ((*name).to_owned(), document(attributes, body)));
    Schema::compile(&MemoryResolver(documents.collect()), &["a.xsd"])
}

#[test]
fn wrong_schemas() {
    let t = |content: &str| format!("<xs:complexType name='T'>{content}</xs:complexType>");
    let seq = |content: &str| t(&format!("<xs:sequence>{content}</xs:sequence>"));
    let restrict = |base: &str, content: &str| {
        format!(
            "<xs:simpleType name='S'><xs:restriction base='{base}'>{content}</xs:restriction></xs:simpleType>"
        )
    };
    let base = "<xs:complexType name='B'><xs:sequence><xs:element name='a' minOccurs='0' type='xs:int'/><xs:element name='b' maxOccurs='3' type='xs:string'/></xs:sequence><xs:attribute name='k' type='xs:int' use='required'/></xs:complexType>";
    let derived = |method: &str, content: &str| {
        format!(
            "{base}{}",
            t(&format!(
                "<xs:complexContent><xs:{method} base='B'>{content}</xs:{method}></xs:complexContent>"
            ))
        )
    };
    for (body, constraint) in [
        (restrict("xs:boolean", "<xs:enumeration value='true'/>"), "enumeration-valid-restriction"),
        ("<xs:elemant name='x'/>".to_owned(), "s4s"),
        ("<xs:element/>".to_owned(), "s4s"),
        ("<xs:element name='a:b'/>".to_owned(), "s4s"),
        ("<xs:element name='a' nil='1'/>".to_owned(), "s4s"),
        ("<xs:element name='a' minOccurs='0'/>".to_owned(), "s4s"),
        ("<xs:simpleType name='S'/>".to_owned(), "s4s"),
        ("text".to_owned(), "s4s"),
        (seq("<xs:all/>"), "s4s"),
        ("<xs:element name='a'/><xs:element name='a'/>".to_owned(), "sch-props-correct.2"),
        ("<xs:element name='a' type='Q'/>".to_owned(), "src-resolve"),
        ("<xs:element name='a' type='q:Q'/>".to_owned(), "src-resolve"),
        ("<xs:element name='a' type='q:Q' xmlns:q='urn:q'/>".to_owned(), "src-resolve.4"),
        (seq("<xs:element ref='q'/>"), "src-resolve"),
        (t("<xs:group ref='q'/>"), "src-resolve"),
        (t("<xs:attributeGroup ref='q'/>"), "src-resolve"),
        ("<xs:element name='a' type='xs:int'><xs:complexType/></xs:element>".to_owned(), "src-element.3"),
        ("<xs:element name='a' type='xs:int' default='1' fixed='1'/>".to_owned(), "src-element.1"),
        ("<xs:element name='a' type='xs:int' default='x'/>".to_owned(), "e-props-correct.2"),
        ("<xs:attribute name='a' type='xs:int' default='x'/>".to_owned(), "a-props-correct.2"),
        ("<xs:attribute name='xmlns' type='xs:int'/>".to_owned(), "no-xmlns"),
        (t("<xs:attribute name='a' use='required' default='x'/>"), "src-attribute.2"),
        (t("<xs:attribute name='a'/><xs:attribute name='a'/>"), "ct-props-correct.4"),
        (t("<xs:attribute name='a' type='xs:ID'/><xs:attribute name='b' type='xs:ID'/>"), "ct-props-correct.5"),
        (t("<xs:attribute name='a' type='xs:ID' fixed='x'/>"), "a-props-correct.3"),
        (seq("<xs:element name='a' minOccurs='3' maxOccurs='2'/>"), "p-props-correct.2.1"),
        (seq("<xs:element name='a' type='xs:int'/><xs:element name='a' type='xs:date'/>"), "cos-element-consistent"),
        (seq("<xs:element name='a' minOccurs='0'/><xs:element name='a'/>"), "cos-nonambig"),
        (seq("<xs:element name='a' maxOccurs='2'/><xs:element name='a'/>"), "cos-nonambig"),
        (seq("<xs:element name='a'/><xs:any minOccurs='0'/><xs:element name='b'/>"), "cos-nonambig"),
        (t("<xs:choice><xs:sequence><xs:element name='a'/><xs:element name='b'/></xs:sequence><xs:element name='a'/></xs:choice>"), "cos-nonambig"),
        (t("<xs:all maxOccurs='2'><xs:element name='a'/></xs:all>"), "cos-all-limited.1.2"),
        (t("<xs:all><xs:element name='a' maxOccurs='2'/></xs:all>"), "cos-all-limited.2"),
        (restrict("xs:int", "<xs:pattern value='['/>"), "pattern"),
        (restrict("xs:int", "<xs:maxLength value='3'/>"), "maxLength-valid-restriction"),
        (restrict("xs:int", "<xs:maxInclusive value='x'/>"), "maxInclusive-valid-restriction"),
        (restrict("xs:byte", "<xs:maxInclusive value='128'/>"), "maxInclusive-valid-restriction"),
        (restrict("xs:int", "<xs:minInclusive value='3'/><xs:maxInclusive value='2'/>"), "facet-consistency"),
        (restrict("xs:string", "<xs:minLength value='3'/><xs:maxLength value='2'/>"), "facet-consistency"),
        (restrict("xs:string", "<xs:maxLength value='3'/><xs:maxLength value='2'/>"), "src-single-facet-value"),
        (restrict("xs:token", "<xs:whiteSpace value='preserve'/>"), "whiteSpace-valid-restriction"),
        (restrict("xs:int", "<xs:enumeration value='x'/>"), "enumeration-valid-restriction"),
        (restrict("S", ""), "st-props-correct.2"),
        (restrict("F", "") + "<xs:simpleType name='F' final='restriction'><xs:restriction base='xs:int'/></xs:simpleType>", "st-props-correct.3"),
        (restrict("F", "<xs:maxLength value='2'/>") + "<xs:simpleType name='F'><xs:restriction base='xs:token'><xs:maxLength value='3' fixed='true'/></xs:restriction></xs:simpleType>", "maxLength-valid-restriction"),
        (t("<xs:complexContent><xs:extension base='T'/></xs:complexContent>"), "ct-props-correct.3"),
        (t("<xs:complexContent><xs:extension base='xs:int'/></xs:complexContent>"), "src-ct.1"),
        (t("<xs:simpleContent><xs:restriction base='xs:int'/></xs:simpleContent>"), "src-ct.2"),
        ("<xs:group name='g'><xs:sequence><xs:group ref='g'/></xs:sequence></xs:group>".to_owned(), "mg-props-correct.2"),
        ("<xs:attributeGroup name='g'><xs:attributeGroup ref='g'/></xs:attributeGroup>".to_owned(), "src-attribute_group.3"),
        ("<xs:element name='a' substitutionGroup='b'/><xs:element name='b' substitutionGroup='a'/>".to_owned(), "e-props-correct.6"),
        ("<xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:date' substitutionGroup='a'/>".to_owned(), "e-props-correct.4"),
        (derived("extension", "<xs:attribute name='k'/>"), "ct-props-correct.4"),
        (derived("restriction", "<xs:sequence/>"), "derivation-ok-restriction.5.4.2"),
        (derived("restriction", "<xs:sequence><xs:element name='b' maxOccurs='4' type='xs:string'/></xs:sequence>"), "derivation-ok-restriction.5.4.2"),
        (derived("restriction", "<xs:sequence><xs:element name='b' type='xs:anySimpleType'/></xs:sequence>"), "derivation-ok-restriction.5.4.2"),
        (derived("restriction", "<xs:sequence><xs:element name='b' type='xs:string'/></xs:sequence><xs:attribute name='k' type='xs:int'/>"), "derivation-ok-restriction"),
        (derived("restriction", "<xs:sequence><xs:element name='b' type='xs:string'/></xs:sequence><xs:attribute name='n'/>"), "derivation-ok-restriction"),
        ("<xs:element name='a'><xs:key name='k'><xs:selector xpath='b['/><xs:field xpath='@x'/></xs:key></xs:element>".to_owned(), "c-selector-xpath"),
        ("<xs:element name='a'><xs:key name='k'><xs:selector xpath='@x'/><xs:field xpath='@x'/></xs:key></xs:element>".to_owned(), "c-selector-xpath"),
        ("<xs:element name='a'><xs:key name='k'><xs:selector xpath='b'/><xs:field xpath='@x/c'/></xs:key></xs:element>".to_owned(), "c-fields-xpaths"),
        ("<xs:element name='a'><xs:keyref name='k' refer='q'><xs:selector xpath='b'/><xs:field xpath='@x'/></xs:keyref></xs:element>".to_owned(), "src-resolve"),
    ] {
        let errors = compile(&[("a.xsd", "", &body)]).err().unwrap_or_else(|| panic!("accepted: {body}"));
        let found: Vec<&str> = errors.iter().map(|e| e.constraint).collect();
        assert!(found.contains(&constraint), "{body}: {errors:?}");
        assert!(errors.iter().all(|e| e.document == "a.xsd" && e.line >= 1), "{errors:?}");
    }
}

#[test]
fn right_schemas() {
    for body in [
        "<xs:complexType name='T'><xs:sequence><xs:element name='a' minOccurs='2' maxOccurs='2'/><xs:element name='a'/></xs:sequence></xs:complexType>",
        "<xs:simpleType name='S'><xs:restriction base='xs:int'><xs:maxExclusive value='5'/></xs:restriction></xs:simpleType>
         <xs:simpleType name='R'><xs:restriction base='S'><xs:maxExclusive value='5.0'/></xs:restriction></xs:simpleType>",
        "<xs:complexType name='B'><xs:choice maxOccurs='unbounded'><xs:element name='a'/><xs:element name='b'/></xs:choice></xs:complexType>
         <xs:complexType name='D'><xs:complexContent><xs:restriction base='B'><xs:sequence><xs:element name='b'/><xs:element name='a'/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>",
        // The attribute use of a shared group is one and the same in both types.
        "<xs:attributeGroup name='G'><xs:attribute name='p'/></xs:attributeGroup><xs:complexType name='B'><xs:attributeGroup ref='G'/></xs:complexType>
         <xs:complexType name='D'><xs:complexContent><xs:extension base='B'><xs:attributeGroup ref='G'/></xs:extension></xs:complexContent></xs:complexType>",
        // Left out whole in both types, so its one member may be required.
        "<xs:complexType name='B'><xs:all minOccurs='0'><xs:element name='a' minOccurs='0'/><xs:element name='b'/></xs:all></xs:complexType>
         <xs:complexType name='D'><xs:complexContent><xs:restriction base='B'><xs:all minOccurs='0'><xs:element name='b'/></xs:all></xs:restriction></xs:complexContent></xs:complexType>",
        "<xs:element name='a' type='xs:anyType'/><xs:attribute name='b'/><xs:notation name='n' public='p'/>",
        "<xs:complexType name='T'><xs:attribute ref='xml:lang'/></xs:complexType><xs:import namespace='http://www.w3.org/XML/1998/namespace'/>",
    ] {
        // An import comes first.
        let (import, rest) = match body.find("<xs:import") {
            Some(at) => (&body[at..], &body[..at]),
            None => ("", body),
        };
        if let Err(errors) = compile(&[("a.xsd", "", &format!("{import}{rest}"))]) {
            panic!("{body}: {}", errors[0]);
        }
    }
}

fn valid(schema: &Schema, xml: &str) -> bool {
    validate(schema, xml, Limits::default()).unwrap().is_valid()
}

/// What is prohibited is not inherited, but takes nothing from what the type itself declares.
#[test]
fn prohibited_attributes() {
    let group = "<xs:attributeGroup name='G'><xs:attribute name='p' use='prohibited'/><xs:attribute name='q'/></xs:attributeGroup>";
    let base = "<xs:complexType name='B'><xs:attribute name='p'/><xs:attribute name='q'/></xs:complexType>";
    let with = |content: &str| {
        let derived = format!(
            "<xs:element name='r'><xs:complexType><xs:complexContent><xs:restriction base='B'>{content}</xs:restriction></xs:complexContent></xs:complexType></xs:element>"
        );
        compile(&[("a.xsd", "", &format!("{group}{base}{derived}"))]).unwrap()
    };
    for (content, attribute, want) in [
        ("", "p='x'", true),
        ("<xs:attribute name='p' use='prohibited'/>", "p='x'", false),
        // What a group prohibits is no part of it, and so takes nothing away.
        ("<xs:attributeGroup ref='G'/>", "p='x'", true),
        ("<xs:attributeGroup ref='G'/>", "q='x'", true),
        (
            "<xs:attribute name='p'/><xs:attributeGroup ref='G'/>",
            "p='x'",
            true,
        ),
        (
            "<xs:attribute name='q' use='prohibited'/><xs:attributeGroup ref='G'/>",
            "q='x'",
            true,
        ),
    ] {
        let xml = format!("<r {attribute}/>");
        assert_eq!(valid(&with(content), &xml), want, "{content}: {xml}");
    }
}

#[test]
fn include_import_and_chameleon() {
    let schema = compile(&[
        ("a.xsd", "targetNamespace='urn:a' xmlns='urn:a' xmlns:b='urn:b'",
         "<xs:include schemaLocation='c.xsd'/><xs:include schemaLocation='a2.xsd'/><xs:import namespace='urn:b' schemaLocation='b.xsd'/>
          <xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='c'/><xs:element ref='b:b'/></xs:sequence></xs:complexType></xs:element>"),
        ("a2.xsd", "targetNamespace='urn:a'", "<xs:include schemaLocation='a.xsd'/>"),
        ("b.xsd", "targetNamespace='urn:b'", "<xs:import schemaLocation='c.xsd'/><xs:element name='b' type='xs:int'/>"),
        // Without a namespace of its own it is in the one and in none.
        ("c.xsd", "", "<xs:element name='c' type='C'/><xs:simpleType name='C'><xs:restriction base='xs:int'/></xs:simpleType>"),
    ])
    .unwrap_or_else(|e| panic!("{}", e[0]));
    assert!(valid(
        &schema,
        "<r xmlns='urn:a'><c>1</c><b xmlns='urn:b'>2</b></r>"
    ));
    assert!(!valid(&schema, "<r xmlns='urn:a'><c>1</c><b>2</b></r>"));
    assert!(
        valid(&schema, "<c>1</c>") && schema.declares("", "c") && !schema.declares("urn:b", "c")
    );
}

#[test]
fn errors_name_their_document() {
    let errors = compile(&[
        (
            "a.xsd",
            "targetNamespace='urn:a'",
            "<xs:include schemaLocation='b.xsd'/>",
        ),
        (
            "b.xsd",
            "targetNamespace='urn:a'",
            "\n  <xs:element name='x' type='xs:nope'/>",
        ),
    ])
    .unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "b.xsd:3:3: src-resolve: there is no type 'nope' in namespace 'http://www.w3.org/2001/XMLSchema'"
    );
    let errors = compile(&[
        ("a.xsd", "", "<xs:include schemaLocation='b.xsd'/>"),
        ("b.xsd", "", "<"),
    ])
    .unwrap_err();
    assert_eq!(
        (errors[0].document.as_str(), errors[0].constraint),
        ("b.xsd", "xml")
    );
    assert_eq!(
        compile(&[]).unwrap_err()[0].constraint,
        "schema_reference.1"
    );
}

#[test]
fn redefinition() {
    let original = "<xs:simpleType name='S'><xs:restriction base='xs:token'><xs:maxLength value='5'/></xs:restriction></xs:simpleType>
        <xs:complexType name='C'><xs:sequence><xs:element name='x' type='S'/></xs:sequence></xs:complexType><xs:element name='c' type='C'/>";
    let redefined = |body: &str| {
        compile(&[
            (
                "a.xsd",
                "",
                &format!("<xs:redefine schemaLocation='b.xsd'>{body}</xs:redefine>"),
            ),
            ("b.xsd", "", original),
        ])
    };
    let schema = redefined(
        "<xs:simpleType name='S'><xs:restriction base='S'><xs:minLength value='2'/></xs:restriction></xs:simpleType>
         <xs:complexType name='C'><xs:complexContent><xs:extension base='C'><xs:sequence><xs:element name='y'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
    )
    .unwrap_or_else(|e| panic!("{}", e[0]));
    assert!(valid(&schema, "<c><x>abcde</x><y/></c>"));
    assert!(!valid(&schema, "<c><x>a</x><y/></c>") && !valid(&schema, "<c><x>abcdef</x><y/></c>"));
    assert!(!valid(&schema, "<c><x>abc</x></c>"));
    assert!(
        redefined("<xs:simpleType name='Q'><xs:restriction base='Q'/></xs:simpleType>").is_err()
    );
    assert!(
        redefined("<xs:simpleType name='S'><xs:restriction base='xs:int'/></xs:simpleType>")
            .is_err()
    );
}

/// Schemas that ask for much more than their size.
#[test]
fn schemas_cannot_exhaust_anything() {
    let unions: String = (1..90)
        .map(|i| {
            format!(
                "<xs:simpleType name='u{i}'><xs:union memberTypes='u{0} u{0}'/></xs:simpleType>",
                i - 1
            )
        })
        .collect();
    let unions =
        format!("<xs:simpleType name='u0'><xs:restriction base='xs:int'/></xs:simpleType>{unions}");
    assert!(compile(&[("a.xsd", "", &unions)]).is_err());
    let groups: String = (1..60)
        .map(|i| format!("<xs:group name='g{i}'><xs:sequence><xs:group ref='g{0}'/><xs:group ref='g{0}'/></xs:sequence></xs:group>", i - 1))
        .collect();
    let groups = format!(
        "<xs:group name='g0'><xs:sequence><xs:element name='a'/></xs:sequence></xs:group>{groups}<xs:complexType name='T'><xs:group ref='g59'/></xs:complexType>"
    );
    assert!(compile(&[("a.xsd", "", &groups)]).is_err());
    // Each branch may follow each: too many for this to be checked.
    let branches: String = (0..9_000)
        .map(|i| {
            format!("<xs:sequence><xs:element name='b{i}'/><xs:element name='a'/></xs:sequence>")
        })
        .collect();
    let branches = format!(
        "<xs:complexType name='T'><xs:choice maxOccurs='unbounded'>{branches}</xs:choice></xs:complexType>"
    );
    let errors = compile(&[("a.xsd", "", &branches)]).unwrap_err();
    assert_eq!(errors[0].constraint, "not supported", "{}", errors[0]);
    // Each element is looked for among all of the base type.
    let elements: String = (0..2_100)
        .map(|i| format!("<xs:element name='e{i}'/>"))
        .collect();
    let compared = format!(
        "<xs:complexType name='B'><xs:choice maxOccurs='unbounded'>{elements}</xs:choice></xs:complexType>
         <xs:complexType name='D'><xs:complexContent><xs:restriction base='B'><xs:sequence>{elements}</xs:sequence></xs:restriction></xs:complexContent></xs:complexType>"
    );
    let errors = compile(&[("a.xsd", "", &compared)]).unwrap_err();
    assert!(
        errors[0].message.contains("too large to compare"),
        "{}",
        errors[0]
    );
    let members: String = (1..3_000)
        .map(|i| format!("<xs:element name='e{i}' substitutionGroup='e{}'/>", i - 1))
        .collect();
    let members = format!("<xs:element name='e0'/>{members}");
    let errors = compile(&[("a.xsd", "", &members)]).unwrap_err();
    assert_eq!(errors[0].constraint, "not supported", "{}", errors[0]);
    let chain: String = (1..20_000)
        .map(|i| {
            format!(
                "<xs:simpleType name='s{i}'><xs:restriction base='s{}'/></xs:simpleType>",
                i - 1
            )
        })
        .collect();
    let chain =
        format!("{chain}<xs:simpleType name='s0'><xs:restriction base='xs:int'/></xs:simpleType>");
    assert!(compile(&[("a.xsd", "", &chain)]).is_ok());
}
