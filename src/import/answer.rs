//! Writes `importSvar` (kontrakt §4).

use uuid::Uuid;

use crate::contract::{Operation, Service};
use crate::problem::Problem;
use crate::register::Tidspunkt;
use crate::soap::{self, Reply, envelope};

use super::Stored;

/// What an `importSvar` says.
#[derive(Debug)]
pub struct ImportAnswer<'a> {
    /// The service called.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// Who it answers.
    pub reply: Reply<'a>,
    /// `OK` or `AFVIST`.
    pub ok: bool,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
    /// Names the call.
    pub id: Uuid,
    /// When it was answered; the time of the last change for a stored write.
    pub at: Tidspunkt,
    /// The records of an accepted write.
    pub results: &'a [Stored],
    /// Errors and warnings.
    pub problems: &'a [Problem],
    /// How many more errors there were than were kept.
    pub more: usize,
    /// The decoded message that the problems' offsets point into.
    pub text: &'a str,
}

/// The whole envelope.
pub fn import_answer(answer: &ImportAnswer<'_>) -> Vec<u8> {
    let response = format!("{}Response", answer.operation.name);
    let action = format!("{}Response", answer.operation.action(answer.service));
    let capacity = 512 + 160 * answer.results.len() + 896 * answer.problems.len();
    envelope(answer.reply, &action, capacity, None, |w| {
        w.open(&response);
        w.attr("xmlns", answer.service.namespace);
        if !answer.problems.is_empty() {
            w.attr("xmlns:f", soap::FEJL);
        }
        w.open("importSvar");
        w.leaf("status", if answer.ok { "OK" } else { "AFVIST" });
        w.leaf("proeve", if answer.dry_run { "true" } else { "false" });
        w.leaf("korrelationsId", &answer.id.to_string());
        let last = answer.results.last().map(|stored| &stored.change);
        let at = last
            .filter(|_| !answer.dry_run)
            .map_or(answer.at, |change| change.tidspunkt);
        w.leaf("tidspunkt", &at.to_string());
        if let Some(change) = last.filter(|_| !answer.dry_run) {
            w.leaf("sekvens", &change.sekvens.to_string());
        }
        for stored in answer.results {
            result(w, stored, answer.dry_run);
        }
        let (problems, more) = (answer.problems, answer.more);
        soap::problems(w, ["fejl", "flereFejl"], problems, more, answer.text);
        w.close("importSvar");
        w.close(&response);
    })
}

/// One record. A dry run names no number that it did not reserve, and no sequence.
fn result(w: &mut crate::xml::Writer, stored: &Stored, dry_run: bool) {
    let change = &stored.change;
    w.open("resultat");
    w.leaf("nr", &stored.nr.to_string());
    w.leaf("niveau", change.record.niveau().element());
    if !dry_run || change.handling != crate::store::Handling::Oprettet {
        w.leaf("institutionsnummer", change.record.nummer.as_str());
    }
    w.leaf("version", &change.record.life.version.to_string());
    if !dry_run {
        w.leaf("sekvens", &change.sekvens.to_string());
    }
    w.close("resultat");
}
