//! S1: hostile XML. Nearly all are messages to a server; two are asked of the XML layer itself as well, with its limits
//! off: that depth does not reach the stack, and that names which collide in hash tables cost what others do.

use std::time::{Duration, Instant};

use dtr::contract::Contract;
use dtr::xml::{Event, Limits, Reader};
use dtr::xsd::validate;

use super::besked::steps;
use super::vagt::Vagt;
use super::{Case, Outcome};

/// What a thread gets for its stack, to see that depth needs none.
const STACK: usize = 256 << 10;

/// Four times as many names take less than this many times as long: of quadratic time it were sixteen.
const LINEAR: u32 = 12;

/// Names that collide take less than this many times as long as others: in a hash table it were thousands.
const DEARER: u32 = 6;

/// How often a time is taken.
const TRIES: usize = 5;

pub(super) fn run(cases: &[Case]) -> Vec<Outcome> {
    let server = Vagt::start();
    let run = |case: &Case| {
        server.case(case)?;
        match case.name.trim_start_matches("S1/").split_once('-') {
            Some(("15", _)) => without_stack(case),
            Some(("32", _)) => in_linear_time(case),
            _ => Ok(()),
        }
    };
    cases.iter().map(run).collect()
}

/// What stands in the Body.
fn message(case: &Case) -> String {
    let body = steps(case)[0].body(&case.folder, "");
    let text = String::from_utf8(body).unwrap();
    let begin = text.find("<s:Body>").unwrap() + "<s:Body>".len();
    let end = text.rfind("</s:Body>").unwrap();
    text[begin..end].to_owned()
}

/// Reader and validator take the message whole on a small stack.
fn without_stack(case: &Case) -> Outcome {
    let text = message(case);
    let thread = std::thread::Builder::new().stack_size(STACK);
    let work = move || {
        let contract = Contract::new("https://localhost", "http://localhost");
        let contract = contract.map_err(|errors| format!("{errors:?}"))?;
        let schema = contract.schema("ImportService-v2").ok_or("no schema")?;
        let report = validate(schema, &text, Limits::unlimited());
        report.map_err(|error| error.to_string())?;
        Ok(())
    };
    let done = thread.spawn(work).unwrap().join();
    done.unwrap_or_else(|_| Err("it panicked".to_owned()))
}

/// The names cost what as many others of their length do, and four times as many cost about four times as much. The
/// best of some tries counts, for other work disturbs.
fn in_linear_time(case: &Case) -> Outcome {
    let text = message(case);
    let begin = text.find(" n").unwrap();
    let end = text.rfind("''").unwrap() + 2;
    let names: Vec<_> = text[begin..end].split_inclusive("''").collect();
    // Out of their order, for which sorting is too quick: an odd step goes through all of a power of two.
    let names: Vec<_> = (0..names.len())
        .map(|n| names[n.wrapping_mul(40_503) % names.len()])
        .collect();
    let length = names[0].len() - " n=''".len();
    let plain: Vec<_> = (0..names.len())
        .map(|n| {
            format!(
                " n{:0length$}=''",
                n.wrapping_mul(2_654_435_761) % 1_000_003
            )
        })
        .collect();
    let plain: Vec<_> = plain.iter().map(String::as_str).collect();
    let best = |names: &[&str]| {
        let document = format!("<a{}/>", names.concat());
        (0..TRIES).map(|_| read(&document)).min().unwrap()
    };
    let (quarter, all) = (best(&names[..names.len() / 4]), best(&names));
    let others = best(&plain);
    if all < quarter * LINEAR && all < others * DEARER {
        Ok(())
    } else {
        Err(format!(
            "{quarter:?} for a quarter, {all:?} for all, {others:?} for others"
        ))
    }
}

fn read(document: &str) -> Duration {
    let begun = Instant::now();
    let mut reader = Reader::new(document, Limits::unlimited());
    while !matches!(reader.next().unwrap(), Event::Eof) {}
    begun.elapsed()
}
