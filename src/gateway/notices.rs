//! An organisation's notices as Atom, at its secret address: what waits for its answer, and how many findings are open. Whoever
//! asks with another address is told what is told of any path that is not there.

use super::common::{self, Common, NotGiven};
use crate::agreements::{MOST_NOTICED, Notices, Secret, notices, principal};
use crate::register::Anmodning;
use crate::server::exchange::{Answer, DocumentCall};
use crate::store::{self, Read, Store, StoreExt};
use crate::xml::Writer;

impl<S: Store> Common<S> {
    /// The notices at an address.
    pub(super) fn notices(&self, secret: Secret, call: &DocumentCall) -> Result<Answer, NotGiven> {
        self.asked(call)?;
        let told = self.store.read(|view| {
            let told = notices(view, secret)?;
            told.map(|told| atom(&told, view)).transpose()
        })?;
        let bytes = told.ok_or_else(|| common::no_path(call, "/"))?;
        let mut answer = common::given(call, bytes, None);
        // It is one organisation's, and its address is a secret.
        answer
            .headers
            .push(("cache-control", "no-store".to_owned()));
        Ok(answer)
    }
}

fn atom(told: &Notices, view: &dyn Read) -> store::Result<Vec<u8>> {
    let own = &told.organisation;
    let run = view.last_kontrol()?.map(|run| run.begyndt);
    let newest = told.waiting.iter().map(|request| request.oprettet).max();
    let mut w = Writer::with_capacity(8 * 1024);
    w.declaration();
    w.open("feed").attr("xmlns", "http://www.w3.org/2005/Atom");
    w.leaf("id", &format!("urn:dtr:varsler:{}", own.cvr));
    w.leaf(
        "title",
        &format!("Dagtilbudsregisteret: {}", told.addressee()),
    );
    w.leaf(
        "updated",
        &newest.max(run).unwrap_or(own.oprettet).to_string(),
    );
    w.open("author");
    w.leaf("name", "Dagtilbudsregisteret");
    w.close("author");
    if told.waiting.len() == MOST_NOTICED as usize {
        let more =
            format!("Her står de første {MOST_NOTICED}. / The first {MOST_NOTICED} stand here.");
        w.leaf("subtitle", &more);
    }
    for request in &told.waiting {
        entry(&mut w, request, view)?;
    }
    if let (Some((open, new)), Some(run)) = (told.findings, run) {
        w.open("entry");
        // Another one with each run, so that a reader shows it again.
        w.leaf("id", &format!("urn:dtr:fund:{}:{}", own.cvr, run.millis()));
        w.leaf(
            "title",
            &format!("{open} åbne fund, {new} nye / {open} open findings, {new} new"),
        );
        w.leaf("updated", &run.to_string());
        let kommune = own.kommune.map(|code| code.to_string()).unwrap_or_default();
        w.leaf("summary", &format!("/fund/{kommune}.xml"));
        w.close("entry");
    }
    w.close("feed");
    Ok(w.into_bytes())
}

fn entry(w: &mut Writer, request: &Anmodning, view: &dyn Read) -> store::Result<()> {
    let system = view.system(request.system)?;
    let name = system.map(|system| system.navn).unwrap_or_default();
    w.open("entry");
    w.leaf("id", &format!("urn:dtr:anmodning:{}", request.id));
    let title = format!(
        "{}: {} ({name}) venter på svar / waits for an answer",
        request.id, request.system
    );
    w.leaf("title", &title);
    w.leaf("updated", &request.oprettet.to_string());
    let summary = format!(
        "{}: {}, {}, {} {}",
        principal(request.part),
        request.tjeneste.navn(),
        request.omfang.art(),
        request.fra,
        request
            .til
            .map_or_else(String::new, |last| format!("- {last}")),
    );
    w.leaf("summary", summary.trim_end());
    w.close("entry");
    Ok(())
}
