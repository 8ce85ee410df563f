//! S1: hostile XML. Nearly all are messages to a server; two are asked of the XML layer itself as well, with its limits
//! off: that depth does not reach the stack, and that names which collide in hash tables cost what others do.

use std::time::Duration;

use dtr::contract::Contract;
use dtr::xml::{Event, Limits, Reader};
use dtr::xsd::validate;

use super::besked::steps;
use super::vagt::Vagt;
use super::{Case, Outcome};
use crate::support::cpu;

/// What a thread gets for its stack, to see that depth needs none.
const STACK: usize = 256 << 10;

/// Names that collide take less than this many times as long as others: in a table of hashes it were thousands.
const DEARER: u32 = 6;

/// How often a time is taken.
const TRIES: usize = 5;

pub(super) fn run(cases: &[Case]) -> Vec<Outcome> {
    let server = Vagt::start();
    let run = |case: &Case| {
        server.case(case)?;
        match case.name.trim_start_matches("S1/").split_once('-') {
            Some(("15", _)) => without_stack(case),
            Some(("32", _)) => as_cheap_as_others(case),
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

/// The names cost about what as many others of their length do: time in the number of names, whatever they are.
fn as_cheap_as_others(case: &Case) -> Outcome {
    let text = message(case);
    let begin = text.find(" n").unwrap();
    let end = text.rfind("''").unwrap() + 2;
    let names: Vec<_> = text[begin..end].split_inclusive("''").collect();
    let length = names[0].len() - " n=''".len();
    // Out of their order, as the others are: an odd step goes through all of a power of two.
    let colliding: String = (0..names.len())
        .map(|n| names[n.wrapping_mul(40_503) % names.len()])
        .collect();
    let others: String = (0..names.len())
        .map(|n| format!(" n{:0length$}=''", n * 40_503 % 1_000_003))
        .collect();
    // In turns, so that what else the machine does disturbs both; the best of each counts.
    let times: Vec<_> = (0..TRIES)
        .map(|_| (read(&colliding), read(&others)))
        .collect();
    let colliding = times.iter().map(|(time, _)| *time).min().unwrap();
    let others = times.iter().map(|(_, time)| *time).min().unwrap();
    if colliding < others * DEARER {
        Ok(())
    } else {
        Err(format!("{colliding:?}, and {others:?} for others"))
    }
}

/// The processor time that an element with these attributes takes.
fn read(attributes: &str) -> Duration {
    let document = format!("<a{attributes}/>");
    let before = cpu::of_thread();
    let mut reader = Reader::new(&document, Limits::unlimited());
    while !matches!(reader.next().unwrap(), Event::Eof) {}
    cpu::of_thread() - before
}
