//! One mistake among the children of a plain sequence is one error, where it was made.

use super::*;

const UNITS: &str = "
<xs:element name='liste'><xs:complexType><xs:sequence>
  <xs:element name='enhed' type='Enhed' maxOccurs='3'/>
</xs:sequence></xs:complexType></xs:element>
<xs:complexType name='Enhed'><xs:sequence>
  <xs:element name='over' type='xs:token'/>
  <xs:element name='navn' type='xs:token'/>
  <xs:element name='adresse' type='Adresse'/>
  <xs:element name='type3' type='xs:int'/>
  <xs:element name='email' type='xs:token' minOccurs='0'/>
  <xs:element name='telefon' type='xs:token' minOccurs='0'/>
  <xs:element name='pNummer' type='xs:token' minOccurs='0'/>
  <xs:element name='afloeser' type='xs:token' minOccurs='0' maxOccurs='2'/>
</xs:sequence></xs:complexType>
<xs:complexType name='Adresse'><xs:sequence>
  <xs:element name='vejNavn' type='xs:token'/>
  <xs:element name='husNummer' type='xs:token'/>
  <xs:element name='etage' type='xs:token' minOccurs='0'/>
  <xs:element name='postNummer' type='xs:token'/>
</xs:sequence></xs:complexType>";

const ADDRESS: &str = "<adresse><vejNavn>V</vejNavn><husNummer>1</husNummer><etage>2</etage>\
    <postNummer>8000</postNummer></adresse>";

fn unit() -> String {
    format!(
        "<enhed><over>o</over><navn>n</navn>{ADDRESS}<type3>1</type3><email>e</email>\
         <telefon>t</telefon><pNummer>p</pNummer><afloeser>a</afloeser></enhed>"
    )
}

/// Path, kind, the first characters where it is, and what the kind carries.
fn told(schema: &Schema, xml: &str) -> Vec<String> {
    let report = validate(schema, xml, Limits::default()).unwrap();
    assert_eq!(report.more, 0);
    let show = |e: &ValidationError| {
        let path = e.path.replace("/liste/enhed[1]", "");
        let at: String = xml[e.offset..].chars().take(7).collect();
        let args: Vec<String> = e.kind.args().into_iter().map(|(_, v)| v).collect();
        format!("{path} {} @{at} {}", e.kind.name(), args.join("|"))
    };
    report.errors.iter().map(show).collect()
}

fn one(change: impl Fn(&str) -> String) -> Vec<String> {
    let schema = schema(UNITS);
    let unit = unit();
    let xml = format!("<liste xmlns='urn:t'>{}</liste>", change(&unit));
    assert_ne!(change(&unit), unit);
    told(&schema, &xml)
}

fn moved(unit: &str, element: &str, before: &str) -> String {
    let from = unit.find(&format!("<{element}>")).unwrap();
    let close = format!("</{element}>");
    let to = unit.find(&close).unwrap() + close.len();
    let taken = unit[from..to].to_owned();
    let rest = format!("{}{}", &unit[..from], &unit[to..]);
    rest.replacen(before, &format!("{taken}{before}"), 1)
}

#[test]
fn a_missing_child_is_named_at_its_next_sibling_or_the_end_tag() {
    for (gone, want) in [
        (
            "<husNummer>1</husNummer>",
            "/adresse/husNummer MissingElement @<etage> husNummer|etage",
        ),
        (
            "<postNummer>8000</postNummer>",
            "/adresse/postNummer MissingElement @</adres postNummer|",
        ),
        ("<over>o</over>", "/over MissingElement @<navn>n over|navn"),
        (
            "<type3>1</type3>",
            "/type3 MissingElement @<email> type3|email",
        ),
        (ADDRESS, "/adresse MissingElement @<type3> adresse|type3"),
    ] {
        assert_eq!(one(|unit| unit.replace(gone, "")), [want], "{gone}");
    }
    // Two mistakes are two errors; an empty element is one.
    let two = one(|u| u.replace("<over>o</over><navn>n</navn>", ""));
    assert_eq!(two.len(), 2, "{two:?}");
    assert_eq!(
        one(|u| u.replace(ADDRESS, "<adresse></adresse>")),
        ["/adresse MissingElement @</adres vejNavn, husNummer, postNummer|"]
    );
    assert_eq!(
        one(|u| u.replace(ADDRESS, "<adresse>Vej 1</adresse>")),
        ["/adresse TextNotAllowed @Vej 1</ Vej 1|vejNavn, husNummer, etage, postNummer"]
    );
}

#[test]
fn a_misplaced_child_alone_is_named() {
    for (element, before, want) in [
        (
            "pNummer",
            "<over>",
            "/pNummer MisplacedElement @<pNumme pNummer|telefon|afloeser",
        ),
        (
            "pNummer",
            "<email>",
            "/pNummer MisplacedElement @<pNumme pNummer|telefon|afloeser",
        ),
        (
            "pNummer",
            "<type3>",
            "/pNummer MisplacedElement @<pNumme pNummer|telefon|afloeser",
        ),
        (
            "over",
            "<email>",
            "/over MisplacedElement @<over>o over||navn",
        ),
        (
            "over",
            "</enhed>",
            "/over MisplacedElement @<over>o over||navn",
        ),
        (
            "email",
            "</enhed>",
            "/email MisplacedElement @<email> email|type3|telefon",
        ),
        (
            "adresse",
            "<over>",
            "/adresse MisplacedElement @<adress adresse|navn|type3",
        ),
        (
            "navn",
            "<over>",
            "/navn MisplacedElement @<navn>n navn|over|adresse",
        ),
        (
            "husNummer",
            "</adresse>",
            "/adresse/husNummer MisplacedElement @<husNum husNummer|vejNavn|etage",
        ),
    ] {
        let found = one(|unit| moved(unit, element, before));
        assert_eq!(found, [want], "{element} before {before}");
    }
}

#[test]
fn a_child_in_another_element_is_told_where_it_belongs() {
    for (element, before, want) in [
        (
            "email",
            "<husNummer>",
            "/adresse/email BelongsElsewhere @<email> email|enhed",
        ),
        (
            "type3",
            "</adresse>",
            "/adresse/type3 BelongsElsewhere @<type3> type3|enhed",
        ),
        (
            "over",
            "<vejNavn>",
            "/adresse/over BelongsElsewhere @<over>o over|enhed",
        ),
        (
            "postNummer",
            "<type3>",
            "/postNummer BelongsElsewhere @<postNu postNummer|adresse",
        ),
        (
            "postNummer",
            "<over>",
            "/postNummer BelongsElsewhere @<postNu postNummer|adresse",
        ),
        (
            "etage",
            "<navn>",
            "/etage BelongsElsewhere @<etage> etage|adresse",
        ),
    ] {
        let found = one(|unit| moved(unit, element, before));
        assert_eq!(found, [want], "{element} before {before}");
    }
}

#[test]
fn too_many_unknown_and_misspelled_children() {
    let again = |what: &'static str| move |u: &str| u.replace(what, &what.repeat(2));
    assert_eq!(
        one(again("<etage>2</etage>")),
        ["/adresse/etage[2] TooManyElements @<etage> etage|1"]
    );
    assert_eq!(
        one(again("<over>o</over>")),
        ["/over[2] TooManyElements @<over>o over|1"]
    );
    assert_eq!(
        one(|u| u.replace("<email>", "<over>x</over><email>")),
        ["/over[2] TooManyElements @<over>x over|1"]
    );
    assert_eq!(
        one(|u| u.replace(
            "<afloeser>a</afloeser>",
            &"<afloeser>a</afloeser>".repeat(4)
        )),
        ["/afloeser[3] TooManyElements @<afloes afloeser|2"]
    );
    assert_eq!(
        told(
            &schema(UNITS),
            &format!("<liste xmlns='urn:t'>{}</liste>", unit().repeat(9))
        ),
        ["/liste/enhed[4] TooManyElements @<enhed> enhed|3"]
    );
    assert_eq!(
        one(|u| u.replace("husNummer", "husnumer")),
        ["/adresse/husnumer MisspelledElement @<husnum husnumer|husNummer"]
    );
    assert_eq!(
        one(|u| u.replace("afloeser", "afløser")),
        ["/afløser MisspelledElement @<afløse afløser|afloeser"]
    );
    assert_eq!(
        one(|u| u.replace("enhed", "enheder")),
        ["/liste/enheder MisspelledElement @<enhede enheder|enhed"]
    );
    assert_eq!(
        one(|u| u.replace("navn>", "betegnelse>")),
        ["/betegnelse UnexpectedElement @<betegn betegnelse|navn|enhed|urn:t"]
    );
    assert_eq!(
        one(|u| u.replace("<email>", "<note>x</note><email>")),
        ["/note UnexpectedElement @<note>x note|email|enhed|urn:t"]
    );
    assert_eq!(
        one(|u| u.replace("<navn>n", "<navn><a/><b/>n")),
        ["/navn/a ElementNotAllowed @<a/><b/ a"]
    );
}

#[test]
fn a_wrong_namespace_is_told_once() {
    let schema = schema(UNITS);
    let (unit, foreign) = (unit(), "xmlns='urn:u' xmlns:r='urn:t'");
    let wrong = |p: &str| format!("{p} WrongNamespace");
    for (xml, want) in [
        (
            format!("<r:liste {foreign}>{unit}{unit}</r:liste>"),
            wrong("/liste/enhed[1]"),
        ),
        (
            format!("<r:liste xmlns:r='urn:t'>{unit}</r:liste>"),
            wrong("/liste/enhed[1]"),
        ),
        (
            format!(
                "<liste xmlns='urn:t'>{}</liste>",
                unit.replace("<vejNavn>", "<vejNavn xmlns='urn:u'>")
            ),
            wrong("/liste/enhed[1]/adresse/vejNavn"),
        ),
    ] {
        let found = errors(&schema, &xml);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            want.starts_with(found[0].split("[1]").next().unwrap()),
            "{found:?}"
        );
    }
    let xml = format!(
        "<r:liste {foreign}>{}</r:liste>",
        unit.replace("<navn>n</navn>", "")
    );
    assert_eq!(errors(&schema, &xml).len(), 2);
}

#[test]
fn nothing_invalid_is_let_through() {
    // Every order of a few children: valid exactly when the sequence says so.
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:sequence>\
           <xs:element name='a' type='xs:token'/><xs:element name='b' type='xs:token' minOccurs='0'/>\
           <xs:element name='c' type='xs:token' maxOccurs='2'/><xs:element name='d' minOccurs='0'>\
             <xs:complexType><xs:sequence><xs:element name='e' type='xs:token'/></xs:sequence></xs:complexType>\
           </xs:element></xs:sequence></xs:complexType></xs:element>",
    );
    let parts = [
        "<a/>",
        "<b/>",
        "<c/>",
        "<d><e/></d>",
        "<d/>",
        "<e/>",
        "<x/>",
        "<a xmlns=''/>",
    ];
    let valid = ["02", "022", "012", "0122", "023", "0223", "0123", "01223"];
    for length in 0..=5_u32 {
        for number in 0..8_usize.pow(length) {
            let digits = format!("{number:0width$o}", width = length as usize);
            let digits = if length == 0 { "" } else { &digits };
            let body: String = digits
                .bytes()
                .map(|b| parts[usize::from(b - b'0')])
                .collect();
            let report = validate(
                &schema,
                &format!("<r xmlns='urn:t'>{body}</r>"),
                Limits::default(),
            );
            assert_eq!(
                report.unwrap().is_valid(),
                valid.contains(&digits),
                "{body}"
            );
        }
    }
}
