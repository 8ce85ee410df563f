//! The reader against documents good, bad and hostile.

use super::*;

fn read(text: &str) -> Result<usize, XmlError> {
    read_with(text, Limits::default())
}

/// Reads to the end; gives the number of events.
fn read_with(text: &str, limits: Limits) -> Result<usize, XmlError> {
    let mut reader = Reader::new(text, limits);
    let mut events = 0;
    while !matches!(reader.next()?, Event::Eof) {
        events += 1;
    }
    Ok(events)
}

/// The events in a short form.
fn trace(text: &str) -> String {
    let mut reader = Reader::new(text, Limits::default());
    let mut out = String::new();
    loop {
        match reader.next().unwrap() {
            Event::Start(tag) => {
                out += &format!("<{}|{}", tag.name.namespace, tag.name.local);
                for a in tag.attributes() {
                    out += &format!(" {}|{}={:?}", a.name.namespace, a.name.local, a.value);
                }
                out += ">";
            }
            Event::End(tag) => out += &format!("</{}>", tag.name.local),
            Event::Text(text) => out += &format!("{:?}", text.value),
            Event::Eof => return out,
        }
    }
}

#[test]
fn events() {
    for (text, want) in [
        ("<a/>", "<|a></a>"),
        ("\u{20}<!-- c --><?p d?><a></a ><!-- e -->\n", "<|a></a>"),
        ("<?xml version='1.0'?>\n<a>x</a>", "<|a>\"x\"</a>"),
        (
            "<a>x<!-- c -->y<![CDATA[<z>]]]]>&amp;&#65;<b/> </a>",
            "<|a>\"xy<z>]]&A\"<|b></b>\" \"</a>",
        ),
        (
            "<a>\r\nx\ry<![CDATA[\r\n]]>&#13;</a>",
            "<|a>\"\\nx\\ny\\n\\r\"</a>",
        ),
        (
            "<a xmlns='u' b=\"1\" c='2'><d xmlns=''/><e/></a>",
            "<u|a |b=\"1\" |c=\"2\"><|d></d><u|e></e></a>",
        ),
        (
            "<p:a xmlns:p='u' p:b='1' b='2' xml:lang='da'/>",
            "<u|a u|b=\"1\" |b=\"2\" http://www.w3.org/XML/1998/namespace|lang=\"da\"></a>",
        ),
        (
            "<p:a xmlns:p='u'><p:a xmlns:p='v'/><p:b/></p:a>",
            "<u|a><v|a></a><u|b></b></a>",
        ),
        ("<a b='x\ny &lt;&#10;'/>", "<|a |b=\"x y <\\n\"></a>"),
        ("<a b = '>' c\n=\n\"'\"\n/>", "<|a |b=\">\" |c=\"'\"></a>"),
        ("<a><![CDATA[]]></a>", "<|a>\"\"</a>"),
        ("<blå-bær.1/>", "<|blå-bær.1></blå-bær.1>"),
    ] {
        assert_eq!(trace(text), want, "{text}");
    }
}

/// Each bad document with its kind and the byte where it is told.
const BAD: &[(&str, &str, usize)] = &[
    ("", "NoRoot", 0),
    (" \n", "NoRoot", 2),
    ("<!-- c -->", "NoRoot", 10),
    ("<a/><b/>", "SecondRoot", 4),
    ("<a></a><b></b>", "SecondRoot", 7),
    ("{\"a\": \"<b/>\"}", "NotXml", 0),
    (" a=1&b=2", "NotXml", 1),
    ("x<a/>", "TextOutsideRoot", 0),
    ("<a/> x", "TextOutsideRoot", 5),
    ("<a/>&#32;", "TextOutsideRoot", 4),
    ("\u{FEFF}\u{FEFF}<a/>", "TextOutsideRoot", 0),
    ("<![CDATA[ ]]><a/>", "CdataOutsideRoot", 0),
    ("<a/><![CDATA[]]>", "CdataOutsideRoot", 4),
    ("<a>", "UnclosedElement", 0),
    ("<a><b></b>", "UnclosedElement", 0),
    ("<a><b>", "UnclosedElement", 3),
    ("<a", "UnclosedMarkup", 0),
    ("<a b='1", "UnclosedMarkup", 0),
    ("<a></a", "UnclosedMarkup", 3),
    ("<a><!-- ", "UnclosedMarkup", 3),
    ("<a><![CDATA[ ]]", "UnclosedMarkup", 3),
    ("<a><?p ", "UnclosedMarkup", 3),
    ("<a></b>", "MismatchedEndTag", 3),
    ("<a><b></a></b>", "MismatchedEndTag", 6),
    ("<a></a b='1'>", "MismatchedEndTag", 3),
    ("<a></ a>", "MismatchedEndTag", 3),
    ("</a>", "UnexpectedEndTag", 0),
    ("<a/></a>", "UnexpectedEndTag", 4),
    ("<a><", "BadMarkup", 3),
    ("< a/>", "BadMarkup", 0),
    ("<a><></a>", "BadMarkup", 3),
    ("<a><!x></a>", "BadMarkup", 3),
    ("<!ELEMENT a ANY><a/>", "BadMarkup", 0),
    ("<1a/>", "BadName", 1),
    ("<a><-b/></a>", "BadName", 4),
    ("<a 1b=''/>", "BadName", 3),
    ("<a:b:c xmlns:a='u'/>", "BadQName", 1),
    ("<:a/>", "BadQName", 1),
    ("<a:/>", "BadQName", 1),
    ("<a xmlns:='u'/>", "BadQName", 3),
    ("<a b=''c=''/>", "MissingSpace", 7),
    ("<a b=\"x\"c=\"y\"/>", "MissingSpace", 8),
    ("<a b/>", "BadAttribute", 3),
    ("<a b=1/>", "BadAttribute", 3),
    ("<a b=/>", "BadAttribute", 3),
    ("<a ='1'/>", "BadAttribute", 3),
    ("<a/ b=''>", "MissingSpace", 2),
    ("<a b='<'/>", "LtInAttribute", 6),
    ("<a b='x><c d='y'/>", "LtInAttribute", 8),
    ("<a b='1' b='2'/>", "DuplicateAttribute", 9),
    (
        "<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>",
        "DuplicateAttribute",
        34,
    ),
    ("<a xmlns:p='u' xmlns:p='v'/>", "DuplicateAttribute", 15),
    ("<a xmlns='u' xmlns='v'/>", "DuplicateAttribute", 13),
    ("<p:a/>", "UnboundPrefix", 0),
    ("<a p:b=''/>", "UnboundPrefix", 3),
    ("<a><b xmlns:p='u'/><p:c/></a>", "UnboundPrefix", 19),
    ("<xmlns:a/>", "UnboundPrefix", 0),
    ("<a xmlns:p=''/>", "EmptyNamespace", 3),
    ("<a xmlns:xml='u'/>", "ReservedNamespace", 3),
    ("<a xmlns:xmlns='u'/>", "ReservedNamespace", 3),
    (
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "ReservedNamespace",
        3,
    ),
    (
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
        "ReservedNamespace",
        3,
    ),
    (
        "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
        "ReservedNamespace",
        3,
    ),
    ("<a>\u{1}</a>", "InvalidChar", 3),
    ("<a>\u{0}</a>", "InvalidChar", 3),
    ("<a b='\u{1F}'/>", "InvalidChar", 6),
    ("<a>x\u{FFFE}</a>", "InvalidChar", 4),
    ("<a><!-- \u{FFFF} --></a>", "InvalidChar", 8),
    ("<a>&#1;</a>", "InvalidChar", 3),
    ("<a>x&#0;</a>", "InvalidChar", 4),
    ("<a b='&#xFFFE;'/>", "InvalidChar", 6),
    ("<a>&nbsp;</a>", "UnknownEntity", 3),
    ("<a b='&x;'/>", "UnknownEntity", 6),
    ("<a>x & y</a>", "BadReference", 5),
    ("<a>&</a>", "BadReference", 3),
    ("<a>&amp</a>", "BadReference", 3),
    ("<a>&a &amp;</a>", "BadReference", 3),
    ("<a>&;</a>", "BadReference", 3),
    ("<a b='&'/>", "BadReference", 6),
    ("<a>x]]></a>", "CdataEndInText", 4),
    ("<a><!-- a -- b --></a>", "DoubleHyphen", 10),
    ("<a><!-- a ---></a>", "DoubleHyphen", 10),
    ("<?XML v?><a/>", "ReservedTarget", 0),
    ("<a><?Xml?></a>", "ReservedTarget", 3),
    ("<?1a?><a/>", "BadName", 2),
    ("<?a:b?><a/>", "BadName", 2),
    ("<? a?><a/>", "BadName", 2),
    (" <?xml version='1.0'?><a/>", "MisplacedDeclaration", 1),
    ("<a/><?xml version='1.0'?>", "MisplacedDeclaration", 4),
    ("<?xml encoding='utf-8'?><a/>", "BadDeclaration", 0),
    ("<?xml?><a/>", "BadDeclaration", 0),
    (
        "<?xml version='1.0' standalone='ja'?><a/>",
        "BadDeclaration",
        0,
    ),
    ("<?xml version='1.1'?><a/>", "UnsupportedVersion", 0),
    ("<!DOCTYPE a><a/>", "Doctype", 0),
    ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "Doctype", 0),
    ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "Doctype", 0),
    ("<a><!DOCTYPE a></a>", "Doctype", 3),
    ("<a/><!DOCTYPE a>", "Doctype", 4),
    ("<!DOCTYPE a [", "Doctype", 0),
];

#[test]
fn malformed_documents() {
    for &(text, kind, offset) in BAD {
        let error = read(text).expect_err(text);
        assert_eq!(
            (error.kind.name(), error.offset),
            (kind, offset),
            "{text:?}"
        );
    }
}

#[test]
fn every_kind_is_triggered_and_errors_stay() {
    let limits = XmlErrorKind::NAMES
        .iter()
        .filter(|n| n.starts_with("Too") || n.ends_with("TooLong"));
    assert_eq!(limits.count(), 9);
    for name in XmlErrorKind::NAMES {
        let limit = name.starts_with("Too") || name.ends_with("TooLong");
        assert!(
            limit || BAD.iter().any(|b| b.1 == *name),
            "{name} has no case"
        );
    }
    let mut reader = Reader::new("<a></b></a>", Limits::default());
    assert!(reader.next().is_ok());
    let first = reader.next().unwrap_err();
    assert_eq!(reader.next().unwrap_err(), first);
}

#[test]
fn limits_at_n_and_one_more() {
    let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    let attributes = |n: usize| {
        let list: String = (0..n).map(|i| format!(" a{i}='{i}'")).collect();
        format!("<a xmlns='u'{list}/>")
    };
    let declared = |n: usize| {
        let list: String = (0..n).map(|i| format!(" xmlns:a{i}='{i}'")).collect();
        format!("<a b=''{list}/>")
    };
    type Make<'m> = &'m dyn Fn(usize) -> String;
    let cases: [(&str, usize, Make<'_>); 9] = [
        ("TooDeep", 64, &nested),
        ("TooManyAttributes", 64, &attributes),
        ("TooManyDeclarations", 32, &declared),
        ("TooManyElements", 200_000, &|n| {
            format!("<a>{}</a>", "<b/>".repeat(n - 1))
        }),
        ("NameTooLong", 256, &|n| format!("<{}/>", "a".repeat(n))),
        ("TextTooLong", 1 << 20, &|n| {
            format!("<a>x<!-- -->&amp;{}</a>", "x".repeat(n - 2))
        }),
        ("AttributeTooLong", 64 << 10, &|n| {
            format!("<a b='{}'/>", "x".repeat(n))
        }),
        ("TooManyComments", 1_000, &|n| {
            format!("<a>{}</a>", "<?p?>".repeat(n))
        }),
        ("CommentsTooLong", 256 << 10, &|n| {
            format!("<a><!--{}--></a>", "x".repeat(n - 7))
        }),
    ];
    for (kind, n, make) in cases {
        read(&make(n)).unwrap_or_else(|e| panic!("{kind} at {n}: {e}"));
        let error = read(&make(n + 1)).expect_err(kind);
        assert_eq!(error.kind.name(), kind);
        assert_eq!(error.kind.args(), [("limit", n.to_string())]);
    }
}

/// None of these may take long or use the call stack.
#[test]
fn floods() {
    let million = 1_000_000;
    for (text, want) in [
        ("<a>".repeat(million), "TooDeep"),
        ("<a/>".repeat(million), "SecondRoot"),
        (
            format!("<a>{}", "<!---->".repeat(million)),
            "TooManyComments",
        ),
        (format!("<a>{}", "<?p?>".repeat(million)), "TooManyComments"),
        (format!("<a>{}", "&#65;".repeat(million * 2)), "TextTooLong"),
        (
            format!("<a>{}</a>", "<b/>".repeat(million)),
            "TooManyElements",
        ),
        (format!("<a {}", "b".repeat(million)), "UnclosedMarkup"),
        (format!("<{}/>", "b".repeat(million)), "NameTooLong"),
        (
            format!("<a b='{}'/>", "c".repeat(million)),
            "AttributeTooLong",
        ),
    ] {
        assert_eq!(read(&text).expect_err(want).kind.name(), want);
    }
    assert_eq!(
        read(&format!("<a>{}</a>", "<![CDATA[]]>".repeat(million))),
        Ok(3)
    );
    let depth = Limits::unlimited();
    let deep = format!("{}{}", "<a>".repeat(million), "</a>".repeat(million));
    assert_eq!(read_with(&deep, depth), Ok(2 * million));
    let scopes: String = (0..20_000).map(|i| format!("<a xmlns:p{i}='u'>")).collect();
    let scopes = format!(
        "{scopes}{}{}",
        "<p0:b/>".repeat(100_000),
        "</a>".repeat(20_000)
    );
    assert_eq!(read_with(&scopes, depth), Ok(240_000));
    let many: String = (0..80_000).map(|i| format!(" a{i}=''")).collect();
    assert_eq!(read_with(&format!("<a{many}/>"), depth), Ok(2));
    let error = read_with(&format!("<a{many} a7=''/>"), depth).unwrap_err();
    assert_eq!(
        error.kind,
        XmlErrorKind::DuplicateAttribute {
            name: "a7".to_owned()
        }
    );
}

#[test]
fn offsets_and_namespaces() {
    let text = "<a xmlns='u' xmlns:p='v'>x<b c=\"d\"><e/></b> </a>";
    let mut reader = Reader::new(text, Limits::default());
    let Ok(Event::Start(a)) = reader.next() else {
        panic!()
    };
    assert_eq!(
        a.declarations().collect::<Vec<_>>(),
        [("", "u"), ("p", "v")]
    );
    let _ = reader.next();
    let Ok(Event::Start(b)) = reader.next() else {
        panic!()
    };
    let start = b.offset;
    let c = b.attribute("", "c").unwrap();
    assert_eq!(
        (
            &text[c.offset..c.offset + 1],
            &text[c.value_offset..c.value_offset + 1]
        ),
        ("c", "d")
    );
    assert_eq!(b.namespaces().resolve_qname("p:x"), Some(("v", "x")));
    assert_eq!(b.namespaces().resolve_qname("x"), Some(("u", "x")));
    assert_eq!(b.namespaces().resolve_qname("q:x"), None);
    assert_eq!(b.namespaces().resolve_qname(":x"), None);
    assert_eq!(b.namespaces().in_scope(), [("", "u"), ("p", "v")]);
    let _ = (reader.next().is_ok(), reader.next().is_ok());
    assert_eq!(reader.depth(), 2);
    let Ok(Event::End(b)) = reader.next() else {
        panic!()
    };
    assert_eq!(&text[start..b.end], "<b c=\"d\"><e/></b>");
    assert_eq!(reader.depth(), 1);
}
