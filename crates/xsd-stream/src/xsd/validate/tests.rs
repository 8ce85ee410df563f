//! Documents against small schemas.

use super::*;
use crate::xml::Event;
use crate::xsd::Document;

mod children;
mod values;

/// Compiles a schema given as what stands inside `xs:schema`.
fn schema(body: &str) -> Schema {
    let xsd = format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:t' \
         targetNamespace='urn:t' elementFormDefault='qualified'>{body}</xs:schema>"
    );
    let resolver = move |location: &str, _: &str| {
        Some(Document {
            location: location.to_owned(),
            bytes: xsd.clone().into_bytes(),
        })
    };
    Schema::compile(&resolver, &["t.xsd"]).unwrap_or_else(|e| panic!("{}", e[0]))
}

/// The errors of a document: path, kind.
fn errors(schema: &Schema, xml: &str) -> Vec<String> {
    let report = validate(schema, xml, Limits::default()).unwrap();
    report
        .errors
        .iter()
        .map(|e| format!("{} {}", e.path, e.kind.name()))
        .collect()
}

const RECORDS: &str = "
<xs:element name='liste'><xs:complexType><xs:sequence>
  <xs:element name='proeve' type='xs:boolean' minOccurs='0'/>
  <xs:element name='post' type='Post' minOccurs='1' maxOccurs='500'/>
</xs:sequence></xs:complexType></xs:element>
<xs:complexType name='Post'><xs:sequence>
  <xs:element name='navn' type='Navn'/>
  <xs:element name='kode' type='xs:int'/>
  <xs:element name='dato' type='xs:date' minOccurs='0'/>
  <xs:choice minOccurs='0'><xs:element name='a' type='xs:string'/><xs:element name='b' type='xs:string'/></xs:choice>
</xs:sequence><xs:attribute name='version' type='xs:nonNegativeInteger'/><xs:attribute name='art' use='required' type='Art'/></xs:complexType>
<xs:simpleType name='Navn'><xs:restriction base='xs:token'><xs:minLength value='1'/><xs:maxLength value='5'/></xs:restriction></xs:simpleType>
<xs:simpleType name='Art'><xs:restriction base='xs:token'><xs:enumeration value='x'/><xs:enumeration value='y'/></xs:restriction></xs:simpleType>";

fn records(body: &str) -> String {
    format!("<liste xmlns='urn:t'>{body}</liste>")
}

#[test]
fn one_error_for_one_mistake() {
    let schema = schema(RECORDS);
    let good = "<post art='x'><navn>æøåæø</navn><kode>07</kode></post>";
    for (body, want) in [
        (good.to_owned(), vec![]),
        (format!("<proeve> true </proeve>{good}"), vec![]),
        (
            good.replace("<navn>æøåæø</navn>", ""),
            vec!["/liste/post[1]/navn MissingElement"],
        ),
        (
            good.replace("<kode>07</kode>", ""),
            vec!["/liste/post[1]/kode MissingElement"],
        ),
        (
            good.replace("navn>", "namn>"),
            vec!["/liste/post[1]/namn MisspelledElement"],
        ),
        (
            good.replace("kode>", "kodde>"),
            vec!["/liste/post[1]/kodde MisspelledElement"],
        ),
        (
            good.replace("07", "x"),
            vec!["/liste/post[1]/kode InvalidLexical"],
        ),
        (
            good.replace("æøåæø", "æøåæøå"),
            vec!["/liste/post[1]/navn TooLong"],
        ),
        (
            good.replace("æøåæø", " "),
            vec!["/liste/post[1]/navn EmptyValue"],
        ),
        (
            good.replace(" art='x'", ""),
            vec!["/liste/post[1]/@art MissingAttribute"],
        ),
        (
            good.replace("'x'", "'z'"),
            vec!["/liste/post[1]/@art Enumeration"],
        ),
        (
            good.replace("art=", "q='1' art="),
            vec!["/liste/post[1]/@q UnknownAttribute"],
        ),
        (
            good.replace("</navn>", "</navn>x"),
            vec!["/liste/post[1] TextNotAllowed"],
        ),
        (
            good.replace("</post>", "<a/><b/></post>"),
            vec!["/liste/post[1]/b UnexpectedElement"],
        ),
        (good.replace("</post>", "<b/></post>"), vec![]),
        (
            good.replace("<kode>", "<kode><x/>"),
            vec!["/liste/post[1]/kode/x ElementNotAllowed"],
        ),
        (
            good.replace("</post>", "<navn>a</navn></post>"),
            vec!["/liste/post[1]/navn[2] UnexpectedElement"],
        ),
        (
            format!("{good}{}", good.replace("07", "")),
            vec!["/liste/post[2]/kode EmptyValue"],
        ),
        (
            format!("{good}<proeve>1</proeve>"),
            vec!["/liste/proeve MisplacedElement"],
        ),
        (String::new(), vec!["/liste/post MissingElement"]),
        (
            "<post art='q' version='-1'><dato>2023-02-29</dato></post>".to_owned(),
            vec![
                "/liste/post[1]/@art Enumeration",
                "/liste/post[1]/@version MinInclusive",
                "/liste/post[1]/dato UnexpectedElement",
                "/liste/post[1]/dato InvalidLexical",
            ],
        ),
    ] {
        assert_eq!(errors(&schema, &records(&body)), want, "{body}");
    }
    assert_eq!(errors(&schema, "<x/>"), ["/x UnknownRoot"]);
    assert_eq!(errors(&schema, "<liste/>"), ["/liste UnknownRoot"]);
}

#[test]
fn what_an_error_says() {
    let schema = schema(RECORDS);
    let xml = records("\n<post art='x'>\n<kode>\n  12a</kode></post>");
    let report = validate(&schema, &xml, Limits::default()).unwrap();
    let [missing, lexical] = &report.errors[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        missing.kind.args(),
        [
            ("expected", "navn".to_owned()),
            ("before", "kode".to_owned())
        ]
    );
    assert_eq!(&xml[missing.offset..missing.offset + 5], "<kode");
    assert_eq!(&xml[lexical.offset..lexical.offset + 3], "12a");
    assert_eq!(
        lexical.to_string(),
        "/liste/post[1]/kode: cvc-datatype-valid.1.2.1: '12a' is not a valid xs:int"
    );
    let xml = xml.replace(
        "12a</kode>",
        "12</kode><x xmlns='urn:u'/><kode xmlns='urn:u'/>",
    );
    let report = validate(&schema, &xml, Limits::default()).unwrap();
    assert_eq!(
        report.errors[1].kind.to_string(),
        "unexpected element 'x'; expected: dato, a, b"
    );
}

#[test]
fn occurrence_by_counting() {
    let body = "<xs:element name='r'><xs:complexType>%</xs:complexType></xs:element>";
    let children = |letters: &str| {
        let list: String = letters.chars().map(|c| format!("<{c}/>")).collect();
        format!("<r xmlns='urn:t'>{list}</r>")
    };
    let e = |n: &str, min: u32, max: &str| {
        format!("<xs:element name='{n}' type='xs:string' minOccurs='{min}' maxOccurs='{max}'/>")
    };
    let group = |tag: &str, min: u32, max: &str, inner: &str| {
        format!("<xs:{tag} minOccurs='{min}' maxOccurs='{max}'>{inner}</xs:{tag}>")
    };
    let long = "a".repeat(10_000);
    for (particle, good, bad) in [
        (
            group("sequence", 1, "1", &e("a", 2, "3")),
            &["aa", "aaa"][..],
            &["a", "aaaa", ""][..],
        ),
        (
            group("sequence", 1, "1", &e("a", 0, "10000")),
            &["", &long],
            &[],
        ),
        (
            group("sequence", 1, "1", &e("a", 10_000, "10000")),
            &[&long],
            &["a"],
        ),
        (
            group("sequence", 2, "3", &e("a", 1, "2")),
            &["aa", "aaa", "aaaaaa"],
            &["a", "aaaaaaa"],
        ),
        (
            group("sequence", 2, "2", &e("a", 3, "4")),
            &["aaaaaa", "aaaaaaaa"],
            &["aaaaa", "aaaaaaaaa"],
        ),
        (
            group("sequence", 2, "3", &(e("a", 1, "2") + &e("b", 0, "1"))),
            &["aa", "abab", "aabaab", "aba"],
            &["a", "b", "abb"],
        ),
        (
            group("choice", 2, "3", &(e("a", 1, "1") + &e("b", 1, "1"))),
            &["ab", "ba", "aaa"],
            &["a", "abab"],
        ),
        (
            group(
                "choice",
                0,
                "unbounded",
                &(e("a", 2, "2") + &e("b", 1, "1")),
            ),
            &["", "aab", "baab"],
            &["a", "aba"],
        ),
        (
            group("sequence", 5, "5", &e("a", 0, "1")),
            &["", "aaaaa"],
            &["aaaaaa"],
        ),
        (
            group("sequence", 3, "unbounded", &e("a", 1, "1")),
            &["aaa", "aaaaaaaa"],
            &["aa"],
        ),
        (
            group(
                "sequence",
                1,
                "1",
                &(group("sequence", 0, "2", &(e("a", 1, "1") + &e("b", 1, "1"))) + &e("c", 1, "1")),
            ),
            &["c", "abc", "ababc"],
            &["ac", "abababc", "ab"],
        ),
        (
            group(
                "all",
                1,
                "1",
                &(e("a", 1, "1") + &e("b", 0, "1") + &e("c", 1, "1")),
            ),
            &["abc", "cba", "ca"],
            &["a", "aac", "abcb"],
        ),
        (
            group("all", 0, "1", &(e("a", 1, "1") + &e("b", 1, "1"))),
            &["", "ab", "ba"],
            &["a"],
        ),
    ] {
        let schema = schema(&body.replace('%', &particle));
        for letters in good {
            assert_eq!(
                errors(&schema, &children(letters)),
                Vec::<String>::new(),
                "{particle} {letters}"
            );
        }
        for letters in bad {
            assert!(
                !errors(&schema, &children(letters)).is_empty(),
                "{particle} {letters}"
            );
        }
    }
}

#[test]
fn derivation_wildcards_and_instance_attributes() {
    let schema = schema(
        "<xs:complexType name='B'><xs:sequence><xs:element name='x' type='xs:string'/></xs:sequence></xs:complexType>
         <xs:complexType name='D'><xs:complexContent><xs:extension base='B'><xs:sequence><xs:element name='y' type='xs:string'/></xs:sequence>
           <xs:attribute name='k' default='v'/></xs:extension></xs:complexContent></xs:complexType>
         <xs:complexType name='M'><xs:simpleContent><xs:extension base='xs:decimal'><xs:attribute name='enhed' type='xs:token' fixed='m'/></xs:extension></xs:simpleContent></xs:complexType>
         <xs:element name='b' type='B' nillable='true'/><xs:element name='d' type='D'/><xs:element name='m' type='M'/>
         <xs:element name='f' type='xs:int' fixed='7'/><xs:element name='e'><xs:complexType/></xs:element>
         <xs:element name='w'><xs:complexType><xs:sequence><xs:any namespace='##other' processContents='lax'/><xs:any minOccurs='0'/></xs:sequence></xs:complexType></xs:element>
         <xs:element name='i'><xs:complexType><xs:attribute name='id' type='xs:ID'/><xs:attribute name='ref' type='xs:IDREF'/></xs:complexType></xs:element>
         <xs:element name='q' type='xs:QName'/><xs:element name='any'/>",
    );
    let xsi = "xmlns='urn:t' xmlns:t='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
    for (xml, want) in [
        ("<b @><x/></b>", &[][..]),
        ("<b @ xsi:type='D'><x/><y/></b>", &[]),
        ("<b @ xsi:type='t:D'><x/></b>", &["/b/y MissingElement"]),
        (
            "<d @ xsi:type='B'><x/></d>",
            &["/d/@type WrongType", "/d/y MissingElement"],
        ),
        ("<b @ xsi:type='Q'><x/></b>", &["/b/@type UnknownType"]),
        ("<b @ xsi:nil='true'/>", &[]),
        ("<b @ xsi:nil='1'> </b>", &["/b NilNotEmpty"]),
        ("<d @ xsi:nil='true'><x/><y/></d>", &["/d/@nil NotNillable"]),
        ("<d @ k=''><x/><y/></d>", &[]),
        ("<m @ enhed='m'>1.5</m>", &[]),
        ("<m @ enhed='cm'>1.5</m>", &["/m/@enhed FixedValue"]),
        ("<m @>1,5</m>", &["/m InvalidLexical"]),
        ("<f @/>", &[]),
        ("<f @> 07 </f>", &[]),
        ("<f @>8</f>", &["/f FixedValue"]),
        ("<e @/>", &[]),
        ("<e @> </e>", &["/e NotEmpty"]),
        ("<e @><x/></e>", &["/e/x NotEmpty"]),
        (
            "<w @><u xmlns='urn:u'><t:f>8</t:f><z/></u></w>",
            &["/w/u/f FixedValue"],
        ),
        ("<w @><f>7</f></w>", &["/w/f UnexpectedElement"]),
        ("<w @><u xmlns='urn:u'/><f>8</f></w>", &["/w/f FixedValue"]),
        (
            "<w @><u xmlns='urn:u'/><u xmlns='urn:u'/></w>",
            &["/w/u[2] UndeclaredElement"],
        ),
        (
            "<w @><u xmlns='urn:u'><i id='a'/><t:i id='b' ref='b'/></u></w>",
            &[],
        ),
        (
            "<any @>x<i id='a'/><i id='a' ref='c'/></any>",
            &["/any/i[2]/@id DuplicateId", "/any/i[2]/@ref UnknownIdref"],
        ),
        ("<q @>t:x</q>", &[]),
        ("<q @>u:x</q>", &["/q InvalidLexical"]),
        ("<any @ xsi:schemaLocation='urn:x http://x/y.xsd'/>", &[]),
    ] {
        assert_eq!(errors(&schema, &xml.replace('@', xsi)), want, "{xml}");
    }
}

#[test]
fn errors_are_bounded_and_nothing_recurses() {
    let schema = schema(RECORDS);
    let bad = "<post art='x'><navn/><kode>x</kode></post>".repeat(2_000);
    let report = validate(&schema, &records(&bad), Limits::default()).unwrap();
    // Two per record, and one for all from the 501st record on, which are too many.
    assert_eq!((report.errors.len(), report.more), (1000, 3001));
    let unknown: String = (0..100_000).map(|i| format!("<u{i}/>")).collect();
    let report = validate(&schema, &records(&unknown), Limits::default()).unwrap();
    // One of them is taken for the record that had to come.
    assert_eq!(report.errors.len() + report.more, 100_000);
    let any = super::tests::schema("<xs:element name='any'/>");
    let depth = 300_000;
    let deep = format!(
        "<any xmlns='urn:t'>{}{}</any>",
        "<x>".repeat(depth),
        "</x>".repeat(depth)
    );
    assert!(
        validate(&any, &deep, Limits::unlimited())
            .unwrap()
            .is_valid()
    );
}

/// Writes down what it is given.
#[derive(Default)]
struct Notes(String);

impl Sink for Notes {
    fn start(&mut self, e: &ElementStart<'_>) {
        self.0 += &format!("<{}{}", if e.known { "" } else { "?" }, e.local);
    }
    fn attribute(&mut self, a: &crate::xsd::AttributeValue<'_>) {
        self.0 += &format!(
            " {}={}{}{}",
            a.local,
            a.value,
            if a.valid { "" } else { "!" },
            if a.defaulted { "*" } else { "" }
        );
    }
    fn value(&mut self, v: &crate::xsd::SimpleValue<'_>) {
        self.0 += &format!(
            "[{}]{}{}",
            v.value,
            if v.valid { "" } else { "!" },
            if v.defaulted { "*" } else { "" }
        );
    }
    fn end(&mut self, e: &ElementEnd<'_>) {
        self.0 += &format!("/{}>", e.local);
    }
}

#[test]
fn what_a_sink_gets() {
    let schema = schema(RECORDS);
    let xml =
        records("<post art=' x ' q='1'><navn>  a  b </navn><kode>x</kode><z><y>1</y></z></post>");
    let mut notes = Notes::default();
    let mut validator = Validator::new(&schema);
    let mut reader = Reader::new(&xml, Limits::default());
    loop {
        match reader.next().unwrap() {
            Event::Start(tag) => validator.start(&tag, &mut notes),
            Event::Text(text) => validator.text(&text),
            Event::End(tag) => validator.end(&tag, &mut notes),
            Event::Eof => break,
        }
    }
    assert_eq!(validator.depth(), 0);
    assert_eq!(
        notes.0,
        "<liste<post art=x q=1!<navn[a b]/navn><kode[x]!/kode><?z<?y/y>/z>/post>/liste>"
    );
    assert_eq!(validator.finish().errors.len(), 3);
}

#[test]
fn substitution_groups() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='h' maxOccurs='2'/><xs:element ref='blocked' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>
         <xs:element name='h' type='xs:decimal' abstract='true'/><xs:element name='m' type='xs:int' substitutionGroup='h'/><xs:element name='n' substitutionGroup='m'/>
         <xs:element name='blocked' type='xs:int' block='substitution'/><xs:element name='b' substitutionGroup='blocked'/>",
    );
    for (xml, want) in [
        ("<r xmlns='urn:t'><m>1</m><n>2</n></r>", &[][..]),
        ("<r xmlns='urn:t'><n>1.5</n></r>", &["/r/n InvalidLexical"]),
        (
            "<r xmlns='urn:t'><h>1</h></r>",
            &["/r/h[1] AbstractElement"],
        ),
        (
            "<r xmlns='urn:t'><m>1</m><b>1</b></r>",
            &["/r/b UnexpectedElement"],
        ),
    ] {
        let found: Vec<String> = errors(&schema, xml)
            .iter()
            .map(|e| e.replace("/n[1]", "/n"))
            .collect();
        assert_eq!(found, want, "{xml}");
    }
}

#[test]
fn keys_and_references() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:sequence>
           <xs:element name='e' maxOccurs='unbounded'><xs:complexType><xs:sequence><xs:element name='n' type='xs:decimal' minOccurs='0'/></xs:sequence>
             <xs:attribute name='k' type='xs:int'/><xs:attribute name='ref' type='xs:int'/></xs:complexType></xs:element></xs:sequence></xs:complexType>
           <xs:key name='key'><xs:selector xpath='t:e' xmlns:t='urn:t'/><xs:field xpath='@k'/></xs:key>
           <xs:keyref name='keyref' refer='key'><xs:selector xpath='.//t:e' xmlns:t='urn:t'/><xs:field xpath='@ref'/></xs:keyref>
           <xs:unique name='unique'><xs:selector xpath='*'/><xs:field xpath='t:n' xmlns:t='urn:t'/></xs:unique></xs:element>",
    );
    for (body, want) in [
        (
            "<e k='1'/><e k='2' ref='1'/><e k='3' ref='2'><n>1</n></e>",
            &[][..],
        ),
        ("<e k='1'/><e k='01'/>", &["/r/e[2] DuplicateKey"]),
        ("<e/><e k='1'/>", &["/r/e[1] IncompleteKey"]),
        ("<e k='1' ref='2'/><e k='3'/>", &["/r/e[1] UnknownKeyref"]),
        (
            "<e k='1'><n>1.0</n></e><e k='2'><n>01</n></e>",
            &["/r/e[2] DuplicateKey"],
        ),
        (
            "<e k='1'><n/></e><e k='2'><n/></e>",
            &["/r/e[1]/n EmptyValue", "/r/e[2]/n EmptyValue"],
        ),
    ] {
        assert_eq!(
            errors(&schema, &format!("<r xmlns='urn:t'>{body}</r>")),
            want,
            "{body}"
        );
    }
}

#[test]
fn ids_through_wildcards() {
    let schema = schema(
        "<xs:attribute name='i' type='xs:ID'/><xs:attribute name='j' type='xs:ID'/>
         <xs:element name='w'><xs:complexType><xs:anyAttribute namespace='##any'/></xs:complexType></xs:element>
         <xs:element name='d'><xs:complexType><xs:attribute name='k' type='xs:ID'/><xs:anyAttribute/></xs:complexType></xs:element>",
    );
    for (xml, want) in [
        ("<w @ t:i='a'/>", &[][..]),
        ("<w @ t:i='a' t:j='b'/>", &["/w/@j SecondId"]),
        ("<d @ k='a' t:i='b'/>", &["/d/@i SecondId"]),
        ("<w @ t:q='a'/>", &["/w/@q UnknownAttribute"]),
    ] {
        assert_eq!(
            errors(&schema, &xml.replace('@', "xmlns='urn:t' xmlns:t='urn:t'")),
            want,
            "{xml}"
        );
    }
}

/// Every kind of error has a document above or here that shows it.
#[test]
fn remaining_kinds() {
    let schema = schema(
        "<xs:complexType name='A' abstract='true'/><xs:complexType name='D'><xs:complexContent><xs:extension base='A'/></xs:complexContent></xs:complexType>
         <xs:element name='a' type='A'/><xs:element name='f' type='xs:int' fixed='1' nillable='true'/>
         <xs:element name='u'><xs:simpleType><xs:union memberTypes='xs:int xs:date'/></xs:simpleType></xs:element>
         <xs:element name='n'><xs:simpleType><xs:restriction base='xs:decimal'><xs:totalDigits value='4'/><xs:fractionDigits value='2'/><xs:minExclusive value='-1'/><xs:maxInclusive value='10'/></xs:restriction></xs:simpleType></xs:element>
         <xs:element name='x'><xs:simpleType><xs:restriction base='xs:int'><xs:maxExclusive value='5'/></xs:restriction></xs:simpleType></xs:element>
         <xs:element name='l'><xs:simpleType><xs:restriction base='xs:hexBinary'><xs:length value='2'/></xs:restriction></xs:simpleType></xs:element>
         <xs:element name='k'><xs:complexType><xs:sequence><xs:element name='e'><xs:complexType><xs:sequence><xs:element name='g'><xs:complexType/></xs:element></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType>
           <xs:unique name='q'><xs:selector xpath='t:e' xmlns:t='urn:t'/><xs:field xpath='t:g' xmlns:t='urn:t'/></xs:unique></xs:element>",
    );
    let xsi = "xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
    for (xml, want) in [
        ("<a @/>", &["/a AbstractType"][..]),
        ("<a @ xsi:type='D'/>", &[]),
        ("<f @ xsi:nil='true'/>", &["/f NilFixed"]),
        ("<u @>2024-02-29</u>", &[]),
        ("<u @>x</u>", &["/u InvalidUnion"]),
        ("<n @>1.23</n>", &[]),
        ("<n @>1.234</n>", &["/n FractionDigits"]),
        ("<n @>12345</n>", &["/n TotalDigits"]),
        ("<n @>-1.0</n>", &["/n MinExclusive"]),
        ("<n @>10.01</n>", &["/n MaxInclusive"]),
        ("<x @>5</x>", &["/x MaxExclusive"]),
        ("<l @>0A0b</l>", &[]),
        ("<l @>0A</l>", &["/l Length"]),
        ("<k @><e><g/></e></k>", &["/k/e/g BadKeyField"]),
    ] {
        assert_eq!(errors(&schema, &xml.replace('@', xsi)), want, "{xml}");
    }
}

#[test]
fn keys_of_elements_that_no_outer_path_reaches() {
    // Between the scopes of `outer` and `inner` lie elements that are only counted.
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:choice maxOccurs='unbounded'>
             <xs:element ref='t:e'/><xs:element name='far'><xs:complexType><xs:sequence><xs:element name='way'>
               <xs:complexType><xs:sequence><xs:element ref='t:in' maxOccurs='2'/></xs:sequence></xs:complexType>
             </xs:element></xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType>
           <xs:key name='outer'><xs:selector xpath='t:e'/><xs:field xpath='t:n'/></xs:key></xs:element>
         <xs:element name='e'><xs:complexType><xs:sequence><xs:element ref='t:n'/><xs:element ref='t:in' minOccurs='0'/>
           </xs:sequence></xs:complexType></xs:element>
         <xs:element name='n' type='xs:int'/>
         <xs:element name='in'><xs:complexType><xs:sequence><xs:element ref='t:e' maxOccurs='9'/></xs:sequence></xs:complexType>
           <xs:unique name='inner'><xs:selector xpath='t:e'/><xs:field xpath='t:n'/></xs:unique></xs:element>"
            .replace("<xs:element name='r'>", "<xs:element name='r' xmlns:t='urn:t'>")
            .replace("<xs:element name='e'>", "<xs:element name='e' xmlns:t='urn:t'>")
            .replace("<xs:element name='in'>", "<xs:element name='in' xmlns:t='urn:t'>")
            .as_str(),
    );
    let e = |n: u32, inner: &str| format!("<e><n>{n}</n>{inner}</e>");
    let inner = |ns: &[u32]| {
        let list: String = ns.iter().map(|&n| e(n, "")).collect();
        format!("<in>{list}</in>")
    };
    let far = |ns: &[u32]| format!("<far><way>{}{}</way></far>", inner(ns), inner(&[1]));
    for (content, want) in [
        (e(1, "") + &far(&[1, 2]) + &e(2, ""), &[][..]),
        (
            e(1, "") + &far(&[1, 1]) + &e(1, ""),
            &[
                "/r/far[1]/way/in[1]/e[2] DuplicateKey",
                "/r/e[2] DuplicateKey",
            ],
        ),
        (
            e(1, &inner(&[3, 3])) + &far(&[5]) + &e(1, &inner(&[1])),
            &["/r/e[1]/in/e[2] DuplicateKey", "/r/e[2] DuplicateKey"],
        ),
    ] {
        let xml = format!("<r xmlns='urn:t'>{content}</r>");
        assert_eq!(errors(&schema, &xml), want, "{xml}");
    }
}
