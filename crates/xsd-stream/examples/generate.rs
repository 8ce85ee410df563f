//! Writes the document and the schemas of the validation benchmark.
//!
//! ```text
//! cargo run --release --example generate -- DIR [--records N]
//! ```
//!
//! `import.xml` is an import of N records (30,000 unless said otherwise, about
//! 20 MB) with patterns, enumerations, dates, a choice and attributes.
//! `import.xsd` describes it, `import-key.xsd` is the same with an `xs:key` over
//! the records' numbers. The same N gives the same bytes.

use std::fmt::Write as _;
use std::path::Path;

/// The schema; `@KEY@` is the place of the key.
const SCHEMA: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:bench:import" xmlns:b="urn:bench:import"
           targetNamespace="urn:bench:import" elementFormDefault="qualified">
  <xs:element name="import">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="store" type="Store" maxOccurs="unbounded"/>
      </xs:sequence>
      <xs:attribute name="sentFrom" type="CompanyNo" use="required"/>
    </xs:complexType>@KEY@
  </xs:element>
  <xs:complexType name="Store">
    <xs:sequence>
      <xs:element name="number" type="Number"/>
      <xs:element name="name" type="Name"/>
      <xs:element name="address" type="Address"/>
      <xs:element name="category" type="Category"/>
      <xs:choice>
        <xs:element name="companyNo" type="CompanyNo"/>
        <xs:element name="siteNum" type="SiteNum"/>
      </xs:choice>
      <xs:element name="email" type="Email" minOccurs="0"/>
      <xs:element name="contact" type="Contact" minOccurs="0" maxOccurs="3"/>
      <xs:element name="validFrom" type="xs:date"/>
      <xs:element name="changed" type="xs:dateTime"/>
    </xs:sequence>
    <xs:attribute name="version" type="xs:positiveInteger" use="required"/>
    <xs:attribute name="status" type="Status" default="Open"/>
    <xs:attribute name="origin" type="xs:token"/>
  </xs:complexType>
  <xs:complexType name="Address">
    <xs:sequence>
      <xs:element name="roadName" type="Name"/>
      <xs:element name="houseNumber" type="HouseNumber"/>
      <xs:element name="postalCode" type="PostalCode"/>
      <xs:element name="town" type="Name"/>
      <xs:element name="districtId" type="DistrictId"/>
      <xs:element name="geo" type="Geo" minOccurs="0"/>
    </xs:sequence>
  </xs:complexType>
  <xs:complexType name="Geo">
    <xs:attribute name="latitude" type="Degrees" use="required"/>
    <xs:attribute name="longitude" type="Degrees" use="required"/>
  </xs:complexType>
  <xs:simpleType name="Number"><xs:restriction base="xs:token"><xs:pattern value="[A-Z][0-9A-Z]{5}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Name"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="100"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="CompanyNo"><xs:restriction base="xs:token"><xs:pattern value="[0-9]{8}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="SiteNum"><xs:restriction base="xs:token"><xs:pattern value="[0-9]{10}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Email"><xs:restriction base="xs:token"><xs:maxLength value="254"/><xs:pattern value="[^@\s]+@[^@\s]+\.[^@\s]+"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Contact"><xs:restriction base="xs:token"><xs:pattern value="(\+45 ?)?[0-9]{2}( ?[0-9]{2}){3}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="HouseNumber"><xs:restriction base="xs:token"><xs:pattern value="[1-9][0-9]{0,2}[A-Z]?"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="PostalCode"><xs:restriction base="xs:token"><xs:pattern value="[0-9]{4}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="DistrictId"><xs:restriction base="xs:int"><xs:minInclusive value="101"/><xs:maxInclusive value="860"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Degrees"><xs:restriction base="xs:decimal"><xs:minInclusive value="-180"/><xs:maxInclusive value="180"/><xs:fractionDigits value="10"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Status"><xs:restriction base="xs:token"><xs:enumeration value="Open"/><xs:enumeration value="Closed"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Category">
    <xs:restriction base="xs:token">
      <xs:enumeration value="grocer"/><xs:enumeration value="bakery"/><xs:enumeration value="bookshop"/>
      <xs:enumeration value="general store"/><xs:enumeration value="village market"/><xs:enumeration value="second-hand"/>
    </xs:restriction>
  </xs:simpleType>
</xs:schema>
"#;

const KEY: &str = r#"
    <xs:key name="storeNumber">
      <xs:selector xpath="b:store"/>
      <xs:field xpath="b:number"/>
    </xs:key>"#;

const NAMES: [&str; 6] = [
    "Blomsterhuset Rævelygten",
    "Bageriet på Dunhammer",
    "Skovbutikken Egernet",
    "Den gamle købmandshandel Kærnemælken &amp; Venner",
    "Antikvariatet i Søndre Bakkegård",
    "Havecentret Åkanden",
];
const STREETS: [&str; 5] = [
    "Bøgeskrænten",
    "Rævekrogen",
    "Gammel Landevej",
    "Østre Strandpromenade",
    "Møllevangen",
];
const TOWNS: [&str; 4] = ["Højbjerg", "Aarhus C", "Nykøbing Sjælland", "Ærøskøbing"];
const KINDS: [&str; 6] = [
    "grocer",
    "bakery",
    "bookshop",
    "general store",
    "village market",
    "second-hand",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut folder, mut records) = (None, 30_000);
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--records" => records = given.next().ok_or("--records N")?.parse()?,
            _ => folder = Some(argument),
        }
    }
    let folder = folder.ok_or("usage: generate DIR [--records N]")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("import.xsd"), SCHEMA.replace("@KEY@", ""))?;
    std::fs::write(folder.join("import-key.xsd"), SCHEMA.replace("@KEY@", KEY))?;
    std::fs::write(folder.join("import.xml"), document(records))?;
    Ok(())
}

fn document(records: usize) -> String {
    let mut out = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<import xmlns=\"urn:bench:import\" sentFrom=\"12345678\">\n"
    ));
    for n in 0..records {
        record(&mut out, n);
    }
    out.push_str("</import>\n");
    out
}

/// Record `n`; writing to a `String` can't fail.
fn record(out: &mut String, n: usize) {
    let status = ["", " status=\"Open\"", " status=\"Closed\""][n % 3];
    let _ = writeln!(
        out,
        "  <store version=\"{}\"{status} origin=\"import {}\">",
        n % 17 + 1,
        n % 5
    );
    let _ = writeln!(out, "    <number>{}</number>", number(n));
    let _ = writeln!(out, "    <name>{} {n}</name>", NAMES[n % NAMES.len()]);
    address(out, n);
    let _ = writeln!(
        out,
        "    <category>{}</category>",
        KINDS[n / 7 % KINDS.len()]
    );
    let _ = match n % 4 {
        0 => writeln!(out, "    <companyNo>{:08}</companyNo>", 10_000_000 + n),
        _ => writeln!(out, "    <siteNum>{:010}</siteNum>", 1_975_000_000 + n),
    };
    let _ = writeln!(out, "    <email>owner.{n}@corner-shop.example</email>");
    for phone in 0..n % 3 {
        let _ = writeln!(
            out,
            "    <contact>{}75 10 {:02} {phone:02}</contact>",
            ["", "+45 "][phone % 2],
            n % 100
        );
    }
    let (year, month, day) = (1995 + n % 31, n % 12 + 1, n % 28 + 1);
    let _ = writeln!(
        out,
        "    <validFrom>{year}-{month:02}-{day:02}</validFrom>\n    <changed>2026-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z</changed>\n  </store>",
        n % 24,
        n % 60,
        n % 59,
        n % 1000
    );
}

fn address(out: &mut String, n: usize) {
    let _ = writeln!(
        out,
        "    <address>\n      <roadName>{}</roadName>\n      <houseNumber>{}{}</houseNumber>\n      <postalCode>{:04}</postalCode>\n      <town>{}</town>\n      <districtId>{}</districtId>",
        STREETS[n % STREETS.len()],
        n % 299 + 1,
        ["", "", "A", "B"][n % 4],
        1000 + n % 9000,
        TOWNS[n / 3 % TOWNS.len()],
        101 + n % 760
    );
    if !n.is_multiple_of(5) {
        let _ = writeln!(
            out,
            "      <geo latitude=\"5{}.{:05}\" longitude=\"1{}.{:05}\"/>",
            4 + n % 4,
            n * 37 % 100_000,
            n % 3,
            n * 91 % 100_000
        );
    }
    out.push_str("    </address>\n");
}

/// A letter and five of 36, different for every `n`.
fn number(n: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // Prime to 36^5, so that neighbours lie far apart and none coincide.
    let mut rest = n * 7_654_321 % 60_466_176;
    let mut digits = [b'G'; 6];
    for digit in digits[1..].iter_mut().rev() {
        *digit = DIGITS[rest % 36];
        rest /= 36;
    }
    digits.iter().map(|&b| char::from(b)).collect()
}
