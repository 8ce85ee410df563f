//! A service of somebody else, whole in this file: one operation whose message is a tree. The product serves it, and knows
//! nothing of it.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use dtr::audit::{Entry, Udfald};
use dtr::contract::{Files, Operation, Service};
use dtr::gateway::{Asked, Definition, Desk, Handler, Job, Next, Writing};
use dtr::import::{Answered, audit_entry};
use dtr::message::{Build, Built};
use dtr::register::Version;
use dtr::services;
use dtr::soap::Shaped;
use dtr::store::{Outcome, StoreExt, Undo};
use dtr::xsd::{AttributeValue, ElementEnd, ElementStart, Sink};

use tracing::dispatcher::{Dispatch, set_default};

use crate::support::TestApp;
use crate::support::caller::Answer;

static TOY: Service = Service {
    path: "/v1/ToyService",
    document: "ToyService-v1",
    short: "toy:v1",
    namespace: "urn:example:toy:v1",
    type_namespace: "urn:example:toy:v1",
    version: Version::V1,
    files: Files {
        xsd: XSD,
        wsdl: WSDL,
        flat: WSDL,
        soap11: WSDL,
    },
};

const XSD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:toy="urn:example:toy:v1"
           targetNamespace="urn:example:toy:v1" elementFormDefault="qualified">
  <xs:complexType name="Basket">
    <xs:choice minOccurs="0" maxOccurs="unbounded">
      <xs:element name="apple">
        <xs:complexType><xs:attribute name="grams" type="xs:positiveInteger" use="required"/></xs:complexType>
      </xs:element>
      <xs:element name="basket" type="toy:Basket"/>
    </xs:choice>
  </xs:complexType>
  <xs:element name="Weigh">
    <xs:complexType><xs:sequence><xs:element name="basket" type="toy:Basket"/></xs:sequence></xs:complexType>
  </xs:element>
  <xs:element name="WeighResponse">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="weight">
          <xs:complexType>
            <xs:sequence>
              <xs:element name="grams" type="xs:unsignedLong"/>
              <xs:element name="deepest" type="xs:unsignedLong"/>
            </xs:sequence>
          </xs:complexType>
        </xs:element>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>
"#;

const WSDL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
                  xmlns:toy="urn:example:toy:v1" targetNamespace="urn:example:toy:v1">
  <wsdl:service name="ToyService">
    <wsdl:port name="Toy" binding="toy:Toy"><soap:address location="https://localhost:8443/v1/ToyService"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"#;

/// Weighs a basket of apples and baskets, and keeps a line of it in the audit chain.
#[derive(Debug)]
struct Weigh;

static WEIGH: Operation = Operation::writes("Weigh", "weight");

#[derive(Debug, Default)]
struct Basket {
    apples: Vec<u64>,
    baskets: Vec<Basket>,
}

impl Basket {
    fn grams(&self) -> u64 {
        let inside: u64 = self.baskets.iter().map(Self::grams).sum();
        self.apples.iter().sum::<u64>() + inside
    }

    fn depth(&self) -> usize {
        1 + self.baskets.iter().map(Self::depth).max().unwrap_or(0)
    }
}

/// The baskets that are open; the first stands for the operation's element.
struct Packer(Vec<Basket>);

impl Sink for Packer {
    fn start(&mut self, element: &ElementStart<'_>) {
        if element.local == "basket" {
            self.0.push(Basket::default());
        }
    }

    fn attribute(&mut self, attribute: &AttributeValue<'_>) {
        let open = self.0.last_mut().unwrap();
        open.apples.extend(attribute.value.parse::<u64>());
    }

    fn end(&mut self, element: &ElementEnd<'_>) {
        if element.local == "basket" {
            let closed = self.0.pop().unwrap();
            self.0.last_mut().unwrap().baskets.push(closed);
        }
    }
}

impl Build for Packer {
    type Message = Basket;

    fn finish(mut self, _: &str) -> Built<Basket> {
        let mut all = self.0.swap_remove(0);
        Built {
            message: all.baskets.pop().unwrap_or_default(),
            problems: Vec::new(),
            records: 0,
        }
    }

    fn knows(name: &str) -> bool {
        ["basket", "apple", "@grams"].contains(&name)
    }
}

impl Shaped for Weigh {
    type Builder = Packer;

    fn operation(&'static self) -> &'static Operation {
        &WEIGH
    }

    fn builder(&self) -> Packer {
        Packer(vec![Basket::default()])
    }
}

impl Handler for Weigh {
    fn handle(&'static self, desk: &Desk<'_>, asked: Asked<Basket>) -> Next {
        let basket = &asked.request.message;
        let envelope = desk.envelope(&asked, 64, |w| {
            w.leaf("grams", &basket.grams().to_string());
            w.leaf("deepest", &basket.depth().to_string());
        });
        let now = desk.now();
        let answered = Answered {
            status: 200,
            envelope,
            kode: None,
            fejl: None,
            written: None,
        };
        Next::Write(Writing {
            about: asked.about(),
            waits: false,
            prepare: Box::new(move || Job {
                undo: Undo::Transaction,
                holds: Arc::new(()),
                run: Box::new(move |tx| {
                    let called = (asked.call.service, asked.request.operation);
                    let by = (&asked.caller, asked.call.id);
                    tx.audit(&Entry {
                        message_id: asked.request.key().map(str::to_owned),
                        ..audit_entry(called, by, Udfald::Gemt, Vec::new(), now)
                    })?;
                    Ok(Outcome::Keep(answered.clone()))
                }),
            }),
        })
    }
}

async fn served() -> TestApp {
    let mut all = services::all();
    all.push(Definition {
        service: &TOY,
        operations: vec![&Weigh],
    });
    TestApp::serving(all).await
}

fn weigh(inside: &str) -> String {
    format!("<Weigh xmlns=\"{}\">\n{inside}\n</Weigh>", TOY.namespace)
}

const GOOD: &str = "<basket><apple grams=\"120\"/><basket><apple grams=\" 90 \"/><basket/></basket>\
                    <apple grams=\"210\"/></basket>";

fn weighed(answer: &Answer) -> (&'static str, String, String) {
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let tree = answer.tree();
    let namespace = tree.first("weight").unwrap().namespace.clone();
    assert_eq!(namespace, TOY.namespace);
    let of = |name| tree.text_of(name).to_owned();
    ("weight", of("grams"), of("deepest"))
}

#[tokio::test]
async fn it_is_called_in_both_versions_of_soap() {
    let app = served().await;
    let caller = app.kommune();
    let right = ("weight", "420".to_owned(), "3".to_owned());
    let answer = caller
        .call(&TOY, weigh(GOOD))
        .message_id("urn:uuid:00000000-0000-4000-8000-000000000001")
        .http("SOAPAction", "\"urn:example:toy:v1/Weigh\"")
        .send()
        .await;
    assert_eq!(weighed(&answer), right);
    let (tree, action) = (answer.tree(), "urn:example:toy:v1/WeighResponse");
    assert_eq!(tree.text_of("Action"), action);
    let answer = caller.call(&TOY, weigh(GOOD)).soap12().send().await;
    assert_eq!(weighed(&answer), right);
    // The others are there as before.
    let hello = "<HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"/>";
    assert_eq!(caller.import_v2(hello).send().await.status(), 200);
}

#[tokio::test]
async fn its_files_are_served() {
    let app = served().await;
    let (caller, anyone) = (app.kommune(), app.anyone());
    let wsdl = WSDL.replace("https://localhost:8443", &app.app.service_url);
    for path in ["/v1/ToyService?wsdl", "/V1/toyservice/?singleWsdl"] {
        assert_eq!(caller.get(path).await.text(), wsdl, "{path}");
    }
    for (path, text) in [
        ("/wsdl/ToyService-v1.wsdl", wsdl.as_str()),
        ("/wsdl/flat/ToyService-v1.wsdl", &wsdl),
        ("/wsdl/soap11/ToyService-v1.wsdl", &wsdl),
        ("/xsd/ToyService-v1.xsd", XSD),
    ] {
        let got = anyone.get(&app.public(path), &[]).await.unwrap();
        assert_eq!(got.text(), text, "{path}");
    }
    let front = anyone.get(&app.public("/data"), &[]).await.unwrap();
    assert!(front.text().contains("/v1/ToyService</td>"));
    let other = caller.get("/v1/Nothing").await.text().into_owned();
    assert!(
        other.contains("/v2/EksportService, /v1/ToyService"),
        "{other}"
    );
    let schema = "<GetXMLSchema xmlns=\"urn:dagtilbudsregister:import:v2\"><skemanavn>ToyService-v1</skemanavn></GetXMLSchema>";
    let answer = caller.import_v2(schema).send().await;
    assert_eq!(answer.tree().text_of("GetXMLSchemaResult"), XSD);
}

#[tokio::test]
async fn an_invalid_message_is_told_where() {
    let app = served().await;
    let caller = app.kommune();
    let inside = "<basket>\n<basket><apple grams=\"-3\"/></basket>\n<pear/></basket>";
    for soap12 in [false, true] {
        let call = caller.call(&TOY, weigh(inside));
        let answer = if soap12 { call.soap12() } else { call }.send().await;
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.fault_code(), "DTR4000", "{}", answer.text());
        let tree = answer.tree();
        let places: Vec<_> = tree
            .all("fejl")
            .into_iter()
            .filter(|fejl| fejl.first("sti").is_some())
            .map(|fejl| (fejl.text_of("sti"), fejl.text_of("linje")))
            .collect();
        let right = [
            ("/Weigh/basket/basket[1]/apple[1]/@grams", "4"),
            ("/Weigh/basket/pear", "5"),
        ];
        assert_eq!(places, right, "{}", answer.text());
    }
}

#[tokio::test]
async fn what_it_does_not_have_is_refused() {
    let app = served().await;
    let caller = app.kommune();
    let other = format!("<Throw xmlns=\"{}\"/>", TOY.namespace);
    let answer = caller.call(&TOY, other).send().await;
    assert_eq!(answer.fault_code(), "DTR3008");
    assert!(
        answer.text().contains("/v1/ToyService has Weigh."),
        "{}",
        answer.text()
    );
    // Nor does anybody else have its operation.
    assert_eq!(caller.import_v2(weigh(GOOD)).fault(500).await, "DTR3008");
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn audit_log_and_metrics_name_it() {
    let log = Log::default();
    // With one alone, what a thread of another test logs first would count as logged nowhere.
    let both = [log.clone(), Log::default()].map(|log| {
        let subscriber = tracing_subscriber::fmt().with_ansi(false);
        Dispatch::new(subscriber.with_writer(move || log.clone()).finish())
    });
    let _logged = set_default(&both[0]);
    let app = served().await;
    let caller = app.kommune();
    weighed(&caller.call(&TOY, weigh(GOOD)).send().await);
    let invalid = weigh("<basket><apple grams=\"0\"/><secret/></basket>");
    assert_eq!(caller.call(&TOY, invalid).fault(500).await, "DTR4000");
    let wrong = caller.call(&TOY, weigh(GOOD)).http("SOAPAction", "Throw");
    assert_eq!(wrong.fault(500).await, "DTR3009");

    let mut lines = Vec::new();
    // The line of a refusal is written with the next commit.
    weighed(&caller.call(&TOY, weigh(GOOD)).send().await);
    let read = app.store().read(|view| {
        view.audit_lines(&mut |line| {
            lines.push(line.canonical);
            ControlFlow::Continue(())
        })
    });
    read.unwrap();
    let of = |outcome: &str| {
        let own = |line: &&String| line.contains("operation=toy:v1/Weigh\n");
        lines
            .iter()
            .filter(own)
            .filter(|line| line.contains(outcome))
            .count()
    };
    assert_eq!((of("udfald=gemt"), of("udfald=fejl")), (2, 1), "{lines:?}");

    let metrics = app.anyone().get(&app.admin("/metrics"), &[]).await.unwrap();
    let counted = "dtr_requests_total{listener=\"service\",service=\"toy:v1\",operation=\"Weigh\",status=\"200\"} 2";
    assert!(metrics.text().contains(counted), "{}", metrics.text());

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for part in [
        "service=\"toy:v1\" operation=\"Weigh\" status=200",
        "/Weigh/basket/apple[1]/@grams; ",
    ] {
        assert!(logged.contains(part), "{part} in {logged}");
    }
    assert!(
        logged.contains("/Weigh/basket/?") && !logged.contains("secret"),
        "{logged}"
    );
}
