//! The contract's files: the flat WSDLs are made from the modular ones, both are served as they stand, the table of
//! operations is theirs, and the schemas decide.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dtr::contract::services::ALL;
use dtr::contract::{Contract, Operation, Service};
use dtr::import::WRITES;
use dtr::services;
use dtr::xml::Limits;
use dtr::xsd::{self, Document, Schema};

use crate::support::{Element, TestApp};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One file of a modular one: the types hold the schemas themselves, imported ones first, instead of imports.
fn flattened(wsdl: &Path) -> String {
    let text = read(wsdl);
    let (before, rest) = text.split_once("<wsdl:types>\n").unwrap();
    let (imports, after) = rest.split_once("  </wsdl:types>").unwrap();
    let mut schemas = String::new();
    inline(
        imports,
        wsdl.parent().unwrap(),
        &mut BTreeSet::new(),
        &mut schemas,
    );
    format!("{before}<wsdl:types>\n{schemas}  </wsdl:types>{after}")
}

/// Appends every schema that `text`, which stands in `folder`, imports: depth first, each once.
fn inline(text: &str, folder: &Path, seen: &mut BTreeSet<PathBuf>, out: &mut String) {
    for import in text.split("<xs:import ").skip(1) {
        let location = import.split("schemaLocation=\"").nth(1).unwrap();
        let location = &location[..location.find('"').unwrap()];
        let file = folder.join(location).canonicalize().unwrap();
        if !seen.insert(file.clone()) {
            continue;
        }
        let schema = read(&file);
        inline(&schema, file.parent().unwrap(), seen, out);
        let (declaration, schema) = schema.split_once('\n').unwrap();
        assert!(declaration.starts_with("<?xml "), "{}", file.display());
        for line in schema.split_inclusive('\n') {
            match line.split_once(" schemaLocation=\"") {
                Some((import, _)) => out.push_str(&format!("{import}/>\n")),
                None => out.push_str(line),
            }
        }
    }
}

#[test]
fn the_flat_wsdls_are_made_from_the_modular_ones() {
    for service in ALL {
        let name = format!("{}.wsdl", service.document);
        let file = folder("wsdl/flat").join(&name);
        let made = flattened(&folder("wsdl").join(&name));
        if std::env::var_os("DTR_OPDATER").is_some() {
            std::fs::write(&file, &made).unwrap();
        }
        assert!(
            read(&file) == made,
            "{name} is out of date: DTR_OPDATER=1 writes it anew"
        );
    }
}

/// A one-file WSDL without its SOAP 1.2 half.
fn with_soap11_alone(flat: &str) -> String {
    let mut out = String::with_capacity(flat.len());
    let mut until = None;
    for line in flat.split_inclusive('\n') {
        match (until, line.trim()) {
            (Some(end), here) => {
                if here == end {
                    until = None;
                }
            }
            (None, here) if here.starts_with("xmlns:soap12=") => {}
            (None, here) if here.starts_with("<wsdl:binding") && here.contains("Soap12\"") => {
                until = Some("</wsdl:binding>");
                // The blank line before it.
                assert_eq!(out.pop(), Some('\n'));
            }
            (None, here) if here.starts_with("<wsdl:port ") && here.contains("Soap12\"") => {
                until = Some("</wsdl:port>");
            }
            (None, _) => out.push_str(line),
        }
    }
    assert_eq!(until, None);
    out
}

#[test]
fn the_wsdls_of_soap_1_1_are_made_from_the_flat_ones() {
    for service in ALL {
        let name = format!("{}.wsdl", service.document);
        let file = folder("wsdl/soap11").join(&name);
        let made = with_soap11_alone(&flattened(&folder("wsdl").join(&name)));
        if std::env::var_os("DTR_OPDATER").is_some() {
            std::fs::write(&file, &made).unwrap();
        }
        assert!(
            read(&file) == made,
            "{name} is out of date: DTR_OPDATER=1 writes it anew"
        );
        let prose = made
            .replace("SOAP 1.1 og 1.2", "")
            .replace("SOAP 1.1 and 1.2", "");
        assert!(!prose.to_lowercase().contains("soap12"), "{name}");
        let wsdl = Element::parse(&made);
        for kind in ["binding", "service"] {
            let found = wsdl.children.iter().filter(|c| c.name == kind).count();
            assert_eq!(found, 1, "{name}: {kind}");
        }
        let table = table(service);
        let names: Vec<_> = table.iter().map(|operation| operation.name).collect();
        assert_eq!(operations(wsdl.child("binding").unwrap()), names);
    }
}

/// Words that a generator would have to bend when they name a field, a parameter or a class.
const RESERVED: &str = "abstract and as assert async await base bool boolean break byte case catch char class const continue \
     def default del delegate delete do double elif else end enum eval event except exec explicit export extends extern \
     fallthrough false final finally fixed float for foreach friend from func function global goto if implements implicit \
     import in inline instanceof int interface internal is lambda let lock long mutable namespace native new nil none \
     nonlocal not null object operator or out override package params pass print private protected public raise range \
     readonly ref register rescue return sbyte sealed select self short signed sizeof static string struct super switch \
     synchronized template then this throw throws trait transient true try type typedef typename typeof union unless \
     unsafe unset unsigned use using var virtual void volatile when where while with yield";

#[test]
fn no_name_makes_a_generator_stumble() {
    let reserved: BTreeSet<_> = RESERVED.split_whitespace().collect();
    for service in ALL {
        let name = service.document;
        let wsdl = read(&folder("wsdl/flat").join(format!("{name}.wsdl")));
        let wsdl = Element::parse(&wsdl);
        // What becomes a class: with all of a service in one package (wsimport -p), each needs a name of its own, on file
        // systems that do not tell case apart too.
        let mut classes = vec![
            wsdl.child("portType").unwrap(),
            wsdl.child("service").unwrap(),
        ];
        let faults: BTreeSet<_> = wsdl
            .child("portType")
            .unwrap()
            .all("fault")
            .iter()
            .filter_map(|fault| fault.attribute("message"))
            .filter_map(|message| message.split(':').nth(1))
            .collect();
        let messages = wsdl.children.iter().filter(|c| c.name == "message");
        classes
            .extend(messages.filter(|m| m.attribute("name").is_some_and(|n| faults.contains(n))));
        for schema in &wsdl.child("types").unwrap().children {
            classes.extend(
                schema
                    .children
                    .iter()
                    .filter(|child| match child.name.as_str() {
                        "complexType" | "simpleType" => true,
                        "element" => child.attribute("type").is_none(),
                        _ => false,
                    }),
            );
            for named in schema
                .all("element")
                .into_iter()
                .chain(schema.all("attribute"))
            {
                let own = named.attribute("name").unwrap();
                assert!(
                    !reserved.contains(own.to_lowercase().as_str()),
                    "{name}: {own}"
                );
            }
        }
        let mut seen = BTreeSet::new();
        for class in classes {
            let own = class.attribute("name").unwrap();
            assert!(
                seen.insert(own.to_lowercase()),
                "{name}: {own} is there twice"
            );
            assert!(
                !reserved.contains(own.to_lowercase().as_str()),
                "{name}: {own}"
            );
        }
        assert!(seen.len() > 40, "{name}: {}", seen.len());
    }
}

#[test]
fn the_wsdls_declare_the_operations_of_the_table() {
    for service in ALL {
        let wsdl = read(&folder("wsdl").join(format!("{}.wsdl", service.document)));
        let schema = read(&folder("xsd").join(format!("{}.xsd", service.document)));
        let (wsdl, schema) = (Element::parse(&wsdl), Element::parse(&schema));
        let table = table(service);
        let names: Vec<_> = table.iter().map(|operation| operation.name).collect();
        let port_type = wsdl.child("portType").unwrap();
        assert_eq!(operations(port_type), names, "{service:?}");
        let bindings: Vec<_> = wsdl
            .children
            .iter()
            .filter(|c| c.name == "binding")
            .collect();
        assert_eq!(bindings.len(), 2, "SOAP 1.1, then SOAP 1.2");
        for (binding, namespace) in bindings.into_iter().zip([
            "http://schemas.xmlsoap.org/wsdl/soap/",
            "http://schemas.xmlsoap.org/wsdl/soap12/",
        ]) {
            assert_eq!(binding.children[0].namespace, namespace);
            assert_eq!(operations(binding), names, "{service:?}");
            let actions: Vec<_> = binding
                .all("operation")
                .into_iter()
                .filter_map(|operation| operation.attribute("soapAction"))
                .collect();
            let right: Vec<_> = table
                .iter()
                .map(|operation| operation.action(service))
                .collect();
            assert_eq!(actions, right);
        }
        for operation in table {
            element_and_answer(&schema, operation);
        }
    }
}

/// The operations of a service as it is defined.
fn table(service: &Service) -> Vec<&'static Operation> {
    let mut all = services::all().into_iter();
    let definition = all.find(|own| own.service == service).unwrap();
    let operations = definition.operations.into_iter();
    operations.map(|own| own.operation()).collect()
}

fn operations(of: &Element) -> Vec<&str> {
    let own = of.children.iter().filter(|child| child.name == "operation");
    own.filter_map(|operation| operation.attribute("name"))
        .collect()
}

/// The element of the call, and that of the answer with its one child.
fn element_and_answer(schema: &Element, operation: &Operation) {
    let find = |name: &str| {
        let mut found = schema.children.iter();
        found.find(|child| child.name == "element" && child.attribute("name") == Some(name))
    };
    let call = find(operation.name).unwrap_or_else(|| panic!("no element {}", operation.name));
    if let Some(write) = WRITES.iter().find(|own| own.operation == *operation) {
        let record = call.all("element").pop().unwrap();
        assert_eq!(record.attribute("name"), Some(write.level.element()));
        assert_eq!(record.attribute("maxOccurs"), Some("500"));
    }
    let answer = find(&format!("{}Response", operation.name)).unwrap();
    let children: Vec<_> = answer
        .all("element")
        .iter()
        .map(|e| e.attribute("name"))
        .collect();
    assert_eq!(children, [Some(operation.result)], "{}", operation.name);
}

#[tokio::test]
async fn the_files_are_served_as_they_stand() {
    let app = TestApp::with(|config| {
        config.service_url = Some("https://service.example:4711".to_owned());
    })
    .await;
    let anyone = app.anyone();
    let mut files = 0;
    let contract = Contract::new("https://a.example", "http://a.example").unwrap();
    for path in contract.paths() {
        files += 1;
        let served = anyone.get(&app.public(&path), &[]).await.unwrap();
        assert_eq!(served.status, 200, "{path}");
        assert_eq!(
            served.header("content-type"),
            Some("text/xml; charset=utf-8")
        );
        let own = read(&folder(path.trim_start_matches('/')));
        let own = own.replace(
            "\"https://localhost:8443/",
            "\"https://service.example:4711/",
        );
        assert!(served.text() == own, "{path} is not served as it stands");
        assert_eq!(
            own.contains("service.example"),
            path.ends_with(".wsdl"),
            "{path}"
        );
    }
    let count = |name: &str| std::fs::read_dir(folder(name)).unwrap().count();
    let wsdls = count("wsdl") - 2 + count("wsdl/flat") + count("wsdl/soap11");
    assert_eq!(files, count("xsd") + wsdls);
    for path in [
        "/xsd/Typer-v3.xsd",
        "/wsdl/",
        "/xsd/../Cargo.toml",
        "/wsdl/flat/",
        "/wsdl/soap11/",
        "/wsdl/flat/soap11/ImportService-v2.wsdl",
    ] {
        let answer = anyone.get(&app.public(path), &[]).await.unwrap();
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_schema_can_be_fetched_by_name() {
    let app = TestApp::start().await;
    let caller = app.leverandoer();
    for file in std::fs::read_dir(folder("xsd")).unwrap().flatten() {
        let name = file.file_name().into_string().unwrap();
        let name = name.strip_suffix(".xsd").unwrap();
        let body = format!(
            "<GetXMLSchema xmlns=\"urn:dagtilbudsregister:import:v2\"><skemanavn>{name}</skemanavn></GetXMLSchema>"
        );
        let answer = caller.import_v2(body).send().await;
        let schema = answer.tree().text_of("GetXMLSchemaResult").to_owned();
        let public = format!("schemaLocation=\"{}/xsd/", app.app.public_url);
        assert_eq!(
            schema.replace(&public, "schemaLocation=\""),
            read(&file.path())
        );
    }
}

#[test]
fn only_parameters_of_calls_have_a_default() {
    for file in std::fs::read_dir(folder("xsd")).unwrap().flatten() {
        let schema = read(&file.path());
        let with_default = schema.lines().filter(|line| line.contains(" default=\""));
        for line in with_default {
            let known = ["\"proeve\"", "\"inkluderNedlagte\"", "\"maksAntal\""];
            assert!(known.iter().any(|name| line.contains(name)), "{line}");
            // Directly under the element of the call, where an empty one is refused.
            assert!(line.starts_with("        <xs:element name="), "{line}");
        }
        // A call's flag that may be left out has one: else generated clients of .NET may leave it out.
        let optional = "type=\"xs:boolean\" minOccurs=\"0\"";
        let defaults = format!("{optional} default=\"false\"/>");
        assert_eq!(
            schema.matches(optional).count(),
            schema.matches(&defaults).count()
        );
    }
}

/// The contract's schemas with one file changed.
fn changed(file: &str, change: impl Fn(&str) -> String) -> Result<Schema, String> {
    let resolve = |location: &str, _: &str| {
        let text = read(&folder("xsd").join(location));
        let text = if location == file {
            change(&text)
        } else {
            text
        };
        Some(Document {
            location: location.to_owned(),
            bytes: text.into_bytes(),
        })
    };
    Schema::compile(&resolve, &["ImportService-v2.xsd"])
        .map_err(|errors| errors.iter().map(|error| format!("{error}\n")).collect())
}

#[test]
fn the_schemas_decide_and_nothing_else() {
    let message = crate::support::messages::write(
        "InsertDaginstitution",
        &[crate::support::messages::institution("Æblehaven", 751)],
    );
    let errors = |schema: &Schema| -> Vec<_> {
        let report = xsd::validate(schema, &message, Limits::default()).unwrap();
        report
            .errors
            .iter()
            .map(|error| error.kind.name())
            .collect()
    };
    let as_it_stands = changed("none", str::to_owned).unwrap();
    assert!(errors(&as_it_stands).is_empty());
    let shorter = changed("Typer-v2.xsd", |text| {
        text.replace(
            "<xs:maxLength value=\"132\"/>",
            "<xs:maxLength value=\"5\"/>",
        )
    });
    assert_eq!(errors(&shorter.unwrap()), ["TooLong"]);
    let renamed = changed("Typer-v2.xsd", |text| {
        text.replace("name=\"daginstitutionsNavn\"", "name=\"navn\"")
    });
    assert_eq!(errors(&renamed.unwrap()), ["UnexpectedElement"]);
}

#[test]
fn a_schema_that_cannot_be_used_is_refused_by_name() {
    let broken: [(&str, &str, &str); 4] = [
        ("xs:sequence", "xs:sekvens", "sekvens"),
        (
            "<xs:minLength value=\"1\"/>",
            "<xs:assertion test=\"true()\"/>",
            "assertion",
        ),
        ("type=\"typer:Navn\"", "type=\"typer:Name\"", "Name"),
        (
            "<xs:maxLength value=\"132\"/>",
            "<xs:maxLength value=\"lang\"/>",
            "lang",
        ),
    ];
    for (from, to, named) in broken {
        let refused = changed("Typer-v2.xsd", |text| text.replace(from, to));
        let error = refused.map(|_| ()).unwrap_err();
        assert!(
            error.contains(named) && error.contains("Typer-v2.xsd"),
            "{error}"
        );
    }
}
