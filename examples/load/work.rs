//! The workloads of the table in `docs/ydelse.md`: what each sends, and what the right answer is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT_ENCODING, CONTENT_TYPE, HOST, IF_NONE_MATCH};
use hyper::{Request, StatusCode};

use crate::drive::{Answer, Caller, Target, Work};
use crate::faelles::{Failure, envelope, numbers_in};

/// Records of a batch.
pub(crate) const BATCH: u64 = 500;

/// Whether an answer may be any: the bare server's is always the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    Register,
    Bare,
}

/// Numbers that no record of this folder has, whatever ran before: P-numbers and names are made of them, for the
/// register warns of those that are shared.
fn fresh() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    if LAST.load(Ordering::Relaxed) == 0 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        // Half a million a second are left for a run before it meets the next one's.
        let start = since.as_secs() % 16_000 * 500_000;
        let _ = LAST.compare_exchange(0, start + 1, Ordering::Relaxed, Ordering::Relaxed);
    }
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// A call of a SOAP service.
pub(crate) fn soap(path: &str, body: String) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = hyper::Method::POST;
    set(&mut request, path);
    let xml = hyper::header::HeaderValue::from_static("text/xml; charset=utf-8");
    request.headers_mut().insert(CONTENT_TYPE, xml);
    request
}

fn set(request: &mut Request<Full<Bytes>>, path: &str) {
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    let host = hyper::header::HeaderValue::from_static("localhost");
    request.headers_mut().insert(HOST, host);
}

/// An envelope with a MessageID, so that the answer is stored for a retry.
fn numbered(number: u64, operation: &str, inside: &str) -> String {
    let header = format!(
        "<s:Header xmlns:a=\"http://www.w3.org/2005/08/addressing\"><a:MessageID>urn:load:{number}</a:MessageID></s:Header>\
         <s:Body>"
    );
    envelope("import", operation, inside).replacen("<s:Body>", &header, 1)
}

/// A unit with every field, under a daginstitution; `wrong` breaks three of them.
fn unit(parent: &str, wrong: bool) -> String {
    let number = fresh();
    let p_number = 1_000_000_000 + number;
    let (house, post, kind) = match wrong {
        // As the register writes it: no warning tells of what was normalised.
        false => ("4B", "8270", "6012"),
        true => ("4bbbbbbbbbbbbbbbbbbb", "82", "alle"),
    };
    format!(
        "<i:anvisningsenhed><daginstitutionsNummer>{parent}</daginstitutionsNummer><enhedsNavn>Rævelygten \
         {number}</enhedsNavn><adresse><vejNavn>Bøgeskrænten</vejNavn><vejKode>0714</vejKode><husNummer>{house}</husNummer>\
         <etage>st</etage><doer>tv</doer><postNummer>{post}</postNummer><byNavn>Højbjerg</byNavn>\
         <supplerendeBynavn>Skåde</supplerendeBynavn><kommuneKode>0751</kommuneKode>\
         <dawaId>0a3f50a0-73c1-32b8-e044-0003ba298018</dawaId><geoBredde>56.10868</geoBredde>\
         <geoLaengde>10.19644</geoLaengde></adresse><instType3>{kind}</instType3>\
         <email>kernehuset@aarhus.example</email><telefonNummer>00 75 10 01</telefonNummer>\
         <cvrNummer>55133018</cvrNummer><pNummer>{p_number}</pNummer><gyldigFra>2026-09-01</gyldigFra></i:anvisningsenhed>"
    )
}

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len())
        .take(1500)
        .any(|part| part == text.as_bytes())
}

/// A and B: units are inserted, `batch` in each request. C: one unit with three errors of the schema.
pub(crate) struct Insert {
    pub(crate) parents: Vec<String>,
    pub(crate) batch: u64,
    pub(crate) wrong: bool,
    pub(crate) answers: Answers,
}

impl Work for Insert {
    fn request(&self, number: u64) -> Request<Full<Bytes>> {
        let units: String = (0..self.batch)
            .map(|part| {
                let place = (number * self.batch + part) as usize % self.parents.len();
                unit(&self.parents[place], self.wrong)
            })
            .collect();
        let body = numbered(fresh(), "InsertAnvisningsEnhed", &units);
        soap("/v2/ImportService", body)
    }

    fn is_right(&self, answer: &Answer) -> bool {
        let status = if self.wrong { "AFVIST" } else { "OK" };
        answer.status == StatusCode::OK
            && (self.answers == Answers::Bare
                || contains(&answer.body, &format!("<status>{status}</status>")))
    }
}

/// D: a document that the caller has; E: one that it has not; F: a page of the feed.
pub(crate) struct Get {
    pub(crate) path: String,
    pub(crate) etag: Option<String>,
    pub(crate) gzip: bool,
    pub(crate) status: StatusCode,
}

impl Work for Get {
    fn request(&self, _: u64) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(Bytes::new()));
        set(&mut request, &self.path);
        let known = self.etag.as_deref().and_then(|etag| etag.parse().ok());
        if let Some(etag) = known {
            request.headers_mut().insert(IF_NONE_MATCH, etag);
        }
        if self.gzip {
            let gzip = hyper::header::HeaderValue::from_static("gzip");
            request.headers_mut().insert(ACCEPT_ENCODING, gzip);
        }
        request
    }

    fn is_right(&self, answer: &Answer) -> bool {
        answer.status == self.status
    }
}

/// Pages of the site, one after the other.
pub(crate) struct Pages {
    pub(crate) paths: Vec<String>,
}

impl Work for Pages {
    fn request(&self, number: u64) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(Bytes::new()));
        // Neighbours are not asked for after each other.
        let at = number.wrapping_mul(7919) % self.paths.len() as u64;
        set(&mut request, &self.paths[at as usize]);
        let html = hyper::header::HeaderValue::from_static("text/html");
        request.headers_mut().insert(hyper::header::ACCEPT, html);
        request
    }

    fn is_right(&self, answer: &Answer) -> bool {
        answer.status == StatusCode::OK
    }
}

/// The whole register over SOAP.
pub(crate) struct GetAll;

impl Work for GetAll {
    fn request(&self, _: u64) -> Request<Full<Bytes>> {
        soap(
            "/v2/EksportService",
            envelope("eksport", "GetAllDagtilbud", ""),
        )
    }

    fn is_right(&self, answer: &Answer) -> bool {
        answer.status == StatusCode::OK
    }
}

/// One daginstitution over SOAP, as it stands.
pub(crate) struct Look {
    pub(crate) numbers: Vec<String>,
}

impl Work for Look {
    fn request(&self, number: u64) -> Request<Full<Bytes>> {
        let own = &self.numbers[number as usize % self.numbers.len()];
        let body = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><GetDaginstitutionByNummer \
             xmlns=\"urn:dagtilbudsregister:eksport:v2\"><daginstitutionsNummer>{own}</daginstitutionsNummer>\
             </GetDaginstitutionByNummer></s:Body></s:Envelope>"
        );
        soap("/v2/EksportService", body)
    }

    fn is_right(&self, answer: &Answer) -> bool {
        answer.status == StatusCode::OK && answer.body.len() > 400
    }
}

/// One daginstitution of another kommune inserted.
pub(crate) struct Quiet;

impl Work for Quiet {
    fn request(&self, _: u64) -> Request<Full<Bytes>> {
        let number = fresh();
        let body = numbered(number, "InsertDaginstitution", &top(number, "101"));
        soap("/v2/ImportService", body)
    }

    fn is_right(&self, answer: &Answer) -> bool {
        answer.status == StatusCode::OK && contains(&answer.body, "<status>OK</status>")
    }
}

/// Fills a register: so many daginstitutioner, units and addresses; gives the daginstitutioners' numbers.
pub(crate) async fn fill(target: &Target, counts: [u64; 3]) -> Result<Vec<String>, Failure> {
    let mut caller = Caller::connect(target).await?;
    let mut above: Vec<String> = Vec::new();
    let mut tops = Vec::new();
    for (level, count) in counts.into_iter().enumerate() {
        let mut made = Vec::new();
        while (made.len() as u64) < count {
            let records: String = (0..BATCH.min(count - made.len() as u64))
                .map(|part| {
                    let parent = above.get((made.len() + part as usize) % above.len().max(1));
                    record(level, parent.map_or("", String::as_str))
                })
                .collect();
            let operation = [
                "InsertDaginstitution",
                "InsertAnvisningsEnhed",
                "InsertAlternativAdresse",
            ][level];
            let request = soap("/v2/ImportService", envelope("import", operation, &records));
            let answer = caller.call(request).await?;
            let text = String::from_utf8_lossy(&answer.body);
            let numbers = numbers_in(&text);
            if numbers.is_empty() {
                return Err(format!(
                    "{operation}: {}",
                    text.chars().take(2000).collect::<String>()
                )
                .into());
            }
            made.extend(numbers);
        }
        if level == 0 {
            tops.clone_from(&made);
        }
        above = made;
    }
    Ok(tops)
}

/// Inserts so many units under daginstitutioner that are there, in batches.
pub(crate) async fn more(target: &Target, parents: &[String], units: u64) -> Result<(), Failure> {
    let mut caller = Caller::connect(target).await?;
    let work = Insert {
        parents: parents.to_vec(),
        batch: BATCH,
        wrong: false,
        answers: Answers::Register,
    };
    for number in 0..units.div_ceil(BATCH) {
        let answer = caller.call(work.request(number)).await?;
        if !work.is_right(&answer) {
            return Err(String::from_utf8_lossy(&answer.body).into_owned().into());
        }
    }
    Ok(())
}

/// A daginstitution.
fn top(number: u64, kommune: &str) -> String {
    format!(
        "<i:daginstitution><daginstitutionsNavn>Kernehuset {number}</daginstitutionsNavn><ejerformKode>1</ejerformKode>\
         <lovgrundlagKode>1</lovgrundlagKode><admKommuneKode>{kommune}</admKommuneKode></i:daginstitution>"
    )
}

fn record(level: usize, parent: &str) -> String {
    let number = fresh();
    match level {
        0 => top(number, "751"),
        1 => unit(parent, false),
        _ => format!(
            "<i:alternativadresse><enhedsNummer>{parent}</enhedsNummer><alternativAdresseNavn>Skovgruppen \
             {number}</alternativAdresseNavn><adresse><vejNavn>Bøgeskrænten</vejNavn><husNummer>4b</husNummer>\
             <postNummer>8270</postNummer></adresse></i:alternativadresse>"
        ),
    }
}
