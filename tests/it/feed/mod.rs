//! The change feed (kontrakt §9): no gap and no repeat, waiting, digests, who may read what.

mod historik;
mod kaede;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dtr::client::Response;
use dtr::contract::Contract;
use dtr::register::{Content, Institutionsnummer, Tidspunkt, Tjeneste};
use dtr::store::sqlite::{Options, SqliteStore};
use dtr::store::{Handling, NewChange, OrgKind, Outcome, StoreExt};
use dtr::xml::Limits;
use hyper::Method;
use serde_json::Value;

use crate::support::messages::*;
use crate::support::tilslutning::of_kommune;
use crate::support::{Element, TestApp};
use kaede::{ZERO, digest};

const FEED: &str = "/feed/v1/aendringer";

async fn get(app: &TestApp, path: &str) -> Response {
    app.anyone().get(&app.public(path), &[]).await.unwrap()
}

/// A page, which must be valid by the contract.
async fn page(app: &TestApp, query: &str) -> Element {
    let answer = get(app, &format!("{FEED}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    valid(&answer.text());
    Element::parse(&answer.text())
}

fn valid(page: &str) {
    let contract = Contract::new("https://a.example", "http://a.example").unwrap();
    let schema = contract.schema("Feed-v1").unwrap();
    let report = dtr::xsd::validate(schema, page, Limits::unlimited()).unwrap();
    assert!(report.is_valid(), "{:?}: {page}", report.errors.first());
}

fn numbers(page: &Element) -> Vec<u64> {
    let changes = page.all("aendring").into_iter();
    changes
        .map(|change| change.attribute("sekvens").unwrap().parse().unwrap())
        .collect()
}

fn last(page: &Element) -> u64 {
    page.child("sidsteSekvens").unwrap().text.parse().unwrap()
}

async fn insert(app: &TestApp, name: &str, kommune: u16) -> String {
    let message = write("InsertDaginstitution", &[institution(name, kommune)]);
    app.operatoer().import_v2(message).ok().await.number()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_have_no_gap_and_no_repeat_while_others_write() {
    let app = TestApp::start().await;
    let kommune = app.kommune();
    let writing = tokio::spawn(async move {
        for turn in 0..40 {
            let names: Vec<_> = (0..5)
                .map(|n| institution(&format!("Hus {turn} {n}"), 751))
                .collect();
            let message = write("InsertDaginstitution", &names);
            kommune.import_v2(message).ok().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let (mut at, mut hash) = (0, ZERO.to_owned());
    let mut seen = Vec::new();
    while seen.len() < 200 {
        let page = page(&app, &format!("efter={at}&antal=7&vent=5")).await;
        assert_eq!(page.text_of("kaedeFoer"), hash, "after {at}");
        hash = digest(&hash, &page);
        assert_eq!(page.text_of("kaede"), hash, "after {at}");
        seen.extend(numbers(&page));
        at = last(&page);
        assert_eq!(seen.last(), Some(&at));
    }
    writing.await.unwrap();
    assert_eq!(seen, (1..=200).collect::<Vec<_>>());
    let head: Value = serde_json::from_slice(&get(&app, "/feed/v1/hoved.json").await.body).unwrap();
    assert_eq!(
        (&head["sekvens"], &head["kaede"]),
        (&200.into(), &hash.clone().into())
    );
    // The same again from memory and in other pages, and after a restart from the history.
    let app = app.restart().await;
    let whole = page(&app, "antal=1000").await;
    assert_eq!(numbers(&whole), seen);
    assert_eq!(digest(ZERO, &whole), hash);
    let tail = page(&app, "efter=198").await;
    assert_eq!(
        (numbers(&tail), tail.text_of("kaede")),
        (vec![199, 200], hash.as_str())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_waits_for_a_change_and_no_longer() {
    let app = TestApp::start().await;
    insert(&app, "Æblehaven", 751).await;
    let begun = Instant::now();
    let none = page(&app, "efter=1&vent=1").await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!((numbers(&none).len(), last(&none)), (0, 1));
    assert_eq!(none.text_of("kaede"), none.text_of("kaedeFoer"));
    // Woken by the change and not by the end of its time. Where the machine is too busy to tell the two apart: once more.
    let mut at = 1;
    let mut woken = false;
    for round in 0..10 {
        let begun = Instant::now();
        let ((page, took), _) = tokio::join!(
            async {
                let page = page(&app, &format!("efter={at}&vent=20")).await;
                (page, begun.elapsed())
            },
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                insert(&app, &format!("Pæretræet {round}"), 101).await;
            }
        );
        woken = took < Duration::from_secs(20);
        at += 1;
        if woken {
            assert_eq!(numbers(&page), [at]);
            break;
        }
    }
    assert!(woken, "it waits for the end of its time");
    // A change of another kommune does not end the waiting, and is not looked at again: the poll ends with its own, which comes
    // after it, unless both come too late.
    for round in 0..10 {
        let asked = format!("efter={at}&vent=20&kommune=751");
        let (of_751, ()) = tokio::join!(page(&app, &asked), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            insert(&app, &format!("Blommen {round}"), 101).await;
            insert(&app, &format!("Mirabellen {round}"), 751).await;
        });
        at += 2;
        if numbers(&of_751) == [at] {
            break;
        }
        assert!(round < 9 && last(&of_751) < at, "it ends with another's");
    }
    let of_751 = page(&app, &format!("efter={}&vent=1&kommune=751", at - 2)).await;
    assert_eq!(numbers(&of_751), [at]);
    insert(&app, "Slåen", 101).await;
    let of_751 = page(&app, &format!("efter={at}&vent=1&kommune=751")).await;
    assert_eq!((numbers(&of_751).len(), last(&of_751)), (0, at + 1));
    assert!(of_751.child("kaede").is_none(), "changes are left out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_that_waits_does_not_hold_up_the_end() {
    let app = TestApp::start().await;
    insert(&app, "Æblehaven", 751).await;
    let (client, url) = (app.anyone(), app.public(&format!("{FEED}?efter=1&vent=25")));
    let waiting = tokio::spawn(async move { client.get(&url, &[]).await });
    let metrics = app.admin("/metrics");
    while !app
        .anyone()
        .get(&metrics, &[])
        .await
        .unwrap()
        .text()
        .contains("dtr_polls_waiting{listener=\"public\"} 1")
    {
        tokio::task::yield_now().await;
    }
    app.stop().await;
    // After its 25 seconds it were answered with a page.
    let told = waiting.await.unwrap().unwrap();
    assert_eq!(told.status, 503);
    assert!(told.header("retry-after").is_some());
}

#[tokio::test]
async fn what_can_not_be_asked_is_told() {
    let app = TestApp::start().await;
    insert(&app, "Æblehaven", 751).await;
    for (query, status, code) in [
        ("efter=2", 400, "DTR1008"),
        ("antal=0", 400, "DTR1008"),
        ("vent=26", 400, "DTR1008"),
        ("kommune=alle", 400, "DTR1008"),
        ("epoke=00000000-0000-4000-8000-000000000000", 410, "DTR1023"),
    ] {
        let answer = get(&app, &format!("{FEED}?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        assert!(answer.text().contains(code), "{query}: {}", answer.text());
    }
    let epoke = page(&app, "").await.text_of("epoke").to_owned();
    assert_eq!(numbers(&page(&app, &format!("epoke={epoke}")).await), [1]);
    for path in ["/feed/v1/atom.xml?a=1", "/feed/v1/hoved.json?a=1"] {
        assert_eq!(get(&app, path).await.status, 400, "{path}");
    }
    for path in [
        "/feed/v1/privat/aendringer",
        "/feed/v1/",
        "/feed/v2/aendringer",
    ] {
        assert_eq!(get(&app, path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_seen_what_another_process_wrote_can_ask_after_it_at_once() {
    let app = TestApp::start().await;
    insert(&app, "Æblehaven", 751).await;
    // As a command beside the server does. The writer notices it within 250 ms; a document made
    // meanwhile names it already.
    let other = SqliteStore::open(&app.config.database.fil, Options::default()).unwrap();
    for at in 2..6 {
        let written = other.write(move |tx| {
            let mut record = tx
                .record(Institutionsnummer::parse("G30001").unwrap())?
                .unwrap();
            if let Content::Daginstitution(top) = Arc::make_mut(&mut record.content) {
                top.navn = format!("Navn {at}");
            }
            let origin = tx.historik(record.nummer)?.remove(0).origin;
            let change = NewChange {
                handling: Handling::Aendret,
                origin,
                record,
            };
            tx.save(change, Tidspunkt::from_millis(0))
                .map(Outcome::Keep)
        });
        let written = written.unwrap().await.unwrap();
        assert_eq!(written.unwrap().sekvens.0, at);
        let none = page(&app, &format!("efter={at}&antal=1")).await;
        assert_eq!((numbers(&none).len(), last(&none)), (0, at));
        assert_eq!(
            none.text_of("kaede").len(),
            64,
            "the chain is taken up there"
        );
    }
    let beyond = get(&app, &format!("{FEED}?efter=6")).await;
    assert_eq!(beyond.status, 400);
}

#[tokio::test]
async fn pages_can_be_asked_for_conditionally() {
    let app = TestApp::start().await;
    insert(&app, "Æblehaven", 751).await;
    let url = app.public(&format!("{FEED}?efter=0"));
    let anyone = app.anyone();
    let first = anyone.get(&url, &[]).await.unwrap();
    let epoke = Element::parse(&first.text()).text_of("epoke").to_owned();
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(etag, format!("\"{}-1\"", &epoke[..8]));
    let again = anyone.get(&url, &[("If-None-Match", &etag)]).await.unwrap();
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let head = anyone
        .send(Method::HEAD, &url, &[], Default::default())
        .await
        .unwrap();
    assert_eq!(head.status, 200);
    assert_eq!(head.body.len(), 0);
    assert_eq!(
        head.header("content-length").unwrap(),
        first.body.len().to_string()
    );
    insert(&app, "Pæretræet", 751).await;
    let changed = anyone.get(&url, &[("If-None-Match", &etag)]).await.unwrap();
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn a_kommune_sees_what_concerns_it_and_what_leaves_it() {
    let app = TestApp::start().await;
    let aarhus = insert(&app, "Æblehaven", 751).await;
    insert(&app, "Vestervang", 101).await;
    let unit = write("InsertAnvisningsEnhed", &[unit(&aarhus, "Kernehuset")]);
    app.operatoer().import_v2(unit).ok().await;
    let fields = institution_fields("Æblehaven", 101);
    let moved = institution_update(&aarhus, "", &fields);
    app.operatoer()
        .import_v2(write("UpdateDaginstitution", &[moved]))
        .ok()
        .await;
    insert(&app, "Sidst", 101).await;
    let own = page(&app, "kommune=751").await;
    assert_eq!((numbers(&own), last(&own)), (vec![1, 3, 4], 5));
    let theirs = page(&app, "kommune=101&antal=2").await;
    assert_eq!((numbers(&theirs), last(&theirs)), (vec![2, 4], 4));
    let rest = page(&app, "kommune=101&efter=4").await;
    assert_eq!((numbers(&rest), last(&rest)), (vec![5], 5));
}

#[tokio::test]
async fn the_private_feed_names_who_and_is_for_those_with_a_right_to_it() {
    let app = TestApp::start().await;
    insert(&app, "Æblehaven", 751).await;
    let path = "/feed/v1/privat/aendringer";
    for name in ["kommune", "kommune2", "operatoer"] {
        let answer = app.caller(name).get(path).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        valid(&answer.text());
        let page = Element::parse(&answer.text());
        assert!(page.text_of("operation").ends_with("InsertDaginstitution"));
        assert_eq!(
            digest(ZERO, &page),
            page.text_of("kaede"),
            "who is no part of it"
        );
    }
    let open = app.kommune().get(FEED).await;
    let shown = Element::parse(&open.text());
    assert_eq!(shown.text_of("aktoerNavn"), "Eksempelstyrelsen");
    assert_eq!(shown.text_of("aktoerCvrNummer"), "99300035");
    for private in ["operation", "korrelationsId", "systemId"] {
        assert!(shown.first(private).is_none(), "{private}");
    }
    assert_eq!(digest(ZERO, &shown), shown.text_of("kaede"));
    let atom = get(&app, "/feed/v1/atom.xml").await;
    let atom = atom.text();
    assert!(atom.contains("<name>Eksempelstyrelsen</name>"), "{atom}");
    assert_eq!(
        open.text(),
        get(&app, FEED).await.text(),
        "alike on both listeners"
    );
    let refused = async |name: &str| {
        let answer = app.caller(name).get(path).await;
        (answer.status.as_u16(), answer.text().contains("DTR1024"))
    };
    assert_eq!(refused("leverandoer").await, (403, true));
    assert_eq!(refused("aftager").await, (403, true));
    let system = app.system("aftager", "99200022").await;
    assert_eq!(
        refused("aftager").await,
        (403, true),
        "a system without an agreement"
    );
    let mut aftale = of_kommune(system, 751, dtr::register::Omfang::Alle);
    aftale.tjeneste = Tjeneste::Eksport;
    let id = app.aftale(aftale).await;
    assert_eq!(refused("aftager").await, (200, false));
    app.end_aftale(id).await;
    assert_eq!(refused("aftager").await, (403, true));
    app.organisation("99300035", OrgKind::PrivatEjer).await;
}

#[tokio::test]
async fn a_feed_reader_finds_the_last_changes() {
    let app = TestApp::start().await;
    let empty = Element::parse(&get(&app, "/feed/v1/atom.xml").await.text());
    assert_eq!((empty.name.as_str(), empty.all("entry").len()), ("feed", 0));
    for turn in 0..3 {
        let names: Vec<_> = (0..20)
            .map(|n| {
                institution(
                    &format!("Hus <{turn}> & {n}")
                        .replace('<', "(")
                        .replace('>', ")")
                        .replace('&', "&amp;"),
                    751,
                )
            })
            .collect();
        let message = write("InsertDaginstitution", &names);
        app.kommune().import_v2(message).ok().await;
    }
    let answer = get(&app, "/feed/v1/atom.xml").await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/atom+xml; charset=utf-8")
    );
    let feed = Element::parse(&answer.text());
    assert_eq!(feed.namespace, "http://www.w3.org/2005/Atom");
    let entries = feed.all("entry");
    assert_eq!(entries.len(), 50);
    assert_eq!(entries[0].text_of("title"), "G30060 Hus (2) & 19: oprettet");
    assert!(Tidspunkt::parse(entries[0].text_of("updated")).is_ok());
    let link = entries[0].child("link").unwrap().attribute("href").unwrap();
    let path = &link[link.find("/feed/").unwrap()..];
    let page = Element::parse(&get(&app, path).await.text());
    assert_eq!(numbers(&page), [60]);
}
