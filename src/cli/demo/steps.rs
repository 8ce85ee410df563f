//! What the demonstration does, step by step. A step that does not go as it should ends it.

use std::path::Path;

use super::caller::{Call, Caller};
use super::messages;
use super::svar::ImportSvar;
use super::told::Told;
use super::words::Both;
use crate::cli::common::CliError;
use crate::client::{Client, Response};
use crate::contract::services::EKSPORT_V2;
use crate::store::sqlite;

/// The fixture register: what `dtr demo` starts from, in order.
const FIXTURES: [(&str, &str); 3] = [
    (
        "InsertDaginstitution",
        include_str!("../../../fixtures/register/1-daginstitutioner.xml"),
    ),
    (
        "InsertAnvisningsEnhed",
        include_str!("../../../fixtures/register/2-anvisningsenheder.xml"),
    ),
    (
        "InsertAlternativAdresse",
        include_str!("../../../fixtures/register/3-alternativadresser.xml"),
    ),
];

/// The case number of the fixture's writes: the operator must give one.
const CASE: &str = "DEMO-2026-1";
/// A daginstitution of the fixture in Aarhus, and one in København.
const OWN: &str = "G30001";
const FOREIGN: &str = "G30023";
/// How many lines of a document are shown.
const SHOWN: usize = 24;

/// Who calls, and where.
pub(super) struct Demo<'a> {
    pub(super) operatoer: Caller,
    pub(super) kommune: Caller,
    pub(super) aftager: Caller,
    /// The public listener.
    pub(super) public_url: &'a str,
    /// The register's file.
    pub(super) database: &'a Path,
}

impl Demo<'_> {
    /// All of it.
    pub(super) async fn run(&self, told: &mut Told<'_>) -> Result<(), CliError> {
        self.fill(told).await?;
        let (daginstitution, enhed) = self.maintain(told).await?;
        self.retry_and_try(told).await?;
        self.reorganise(told, &daginstitution, &enhed).await?;
        self.export(told, &enhed).await?;
        verify(told, self.database)
    }

    /// The fixture register, sent like any other write.
    async fn fill(&self, told: &mut Told<'_>) -> Result<(), CliError> {
        told.step(&Both::new(
            "Operatøren (operatoer) fylder det tomme register med opdigtede dagtilbud",
            "The operator (operatoer) fills the empty register with made-up dagtilbud",
        ))?;
        for (operation, document) in FIXTURES {
            let body = without_declaration(document);
            let call = Call {
                case_number: Some(CASE),
                ..Call::write(operation, body)
            };
            let (response, svar) = self.operatoer.write(&call).await?;
            expect(&svar, "OK", operation)?;
            let warnings = svar.fejl.len();
            let (records, status) = (svar.resultater.len(), response.status.as_u16());
            let answer = &svar.status;
            told.detail(&Both::new(
                format!("{operation}: {records} poster -> {answer} (HTTP {status}, {warnings} advarsler)"),
                format!("{operation}: {records} records -> {answer} (HTTP {status}, {warnings} warnings)"),
            ))?;
        }
        Ok(())
    }

    /// A life begins: a daginstitution, its unit, an address; an update; and a message full of errors.
    async fn maintain(&self, told: &mut Told<'_>) -> Result<(String, String), CliError> {
        let body = messages::insert_daginstitution("Dagtilbud Æblehaven", false);
        let title = Both::new(
            "Aarhus Kommune opretter en daginstitution",
            "Aarhus Kommune opens a daginstitution",
        );
        let daginstitution = self
            .issued(told, &title, "InsertDaginstitution", &body)
            .await?;
        let body = messages::insert_enhed(&daginstitution);
        let title = Both::new(
            "… med en anvisningsenhed",
            "… with a unit, an anvisningsenhed",
        );
        let enhed = self
            .issued(told, &title, "InsertAnvisningsEnhed", &body)
            .await?;
        let body = messages::insert_adresse(&enhed);
        let title = Both::new(
            "… der har en alternativ adresse i skoven",
            "… that has an alternative address in the woods",
        );
        self.issued(told, &title, "InsertAlternativAdresse", &body)
            .await?;

        let title = Both::new(
            "En ændring sender hele posten; forventetVersion værner den",
            "An update sends the whole record; forventetVersion guards it",
        );
        let body = messages::update_daginstitution(&daginstitution);
        self.write(told, &title, "UpdateDaginstitution", &body, "OK")
            .await?;

        let title = Both::new(
            "En besked med fejl afvises helt, og alle fejl nævnes på én gang",
            "A message with errors is refused whole, and all its errors are told at once",
        );
        let body = messages::refused_enheder(&daginstitution, FOREIGN);
        let (_, svar) = self
            .write(told, &title, "InsertAnvisningsEnhed", &body, "AFVIST")
            .await?;
        let errors = svar.fejl.iter().filter(|fejl| fejl.alvor == "FEJL").count();
        if errors < 4 {
            return Err(failed(
                "InsertAnvisningsEnhed",
                &format!("only {errors} errors were found"),
            ));
        }
        told.detail(&Both::new(
            "Intet er gemt: en besked gemmes helt eller slet ikke.",
            "Nothing was stored: a message is taken whole or not at all.",
        ))?;
        Ok((daginstitution, enhed))
    }

    /// A write whose answer got lost is sent again; a write is tried without storing it.
    async fn retry_and_try(&self, told: &mut Told<'_>) -> Result<(), CliError> {
        told.step(&Both::new(
            "En gentagelse med samme wsa:MessageID får det første svar igen",
            "A retry with the same wsa:MessageID gets the first answer again",
        ))?;
        let body = messages::insert_daginstitution("Dagtilbud Kastanjen", false);
        let call = Call::write("InsertDaginstitution", &body);
        told.sent(self.kommune.name, &body)?;
        let id = call.message_id.as_deref().unwrap_or_default();
        told.detail(&Both::new(
            format!("med wsa:MessageID {id}"),
            format!("with wsa:MessageID {id}"),
        ))?;
        let (first, svar) = self.kommune.write(&call).await?;
        expect(&svar, "OK", "InsertDaginstitution")?;
        told.answered(first.status.as_u16(), &svar)?;
        let again = self.kommune.send(&call).await?;
        if again.body != first.body {
            return Err(failed(
                "InsertDaginstitution",
                "the retry got another answer",
            ));
        }
        let bytes = again.body.len();
        told.detail(&Both::new(
            format!("sendt igen: de samme {bytes} byte, samme nummer, ingen ny daginstitution"),
            format!(
                "sent again: the same {bytes} bytes, the same number, no second daginstitution"
            ),
        ))?;

        let title = Both::new(
            "En prøve (proeve) kontrollerer alt og gemmer intet",
            "A dry run (proeve) checks everything and stores nothing",
        );
        let body = messages::insert_daginstitution("Dagtilbud Hyldebærret", true);
        let (_, svar) = self
            .write(told, &title, "InsertDaginstitution", &body, "OK")
            .await?;
        if !svar.proeve || svar.sekvens.is_some() {
            return Err(failed(
                "InsertDaginstitution",
                "the dry run stored something",
            ));
        }
        Ok(())
    }

    /// The unit moves, and the empty daginstitution closes.
    async fn reorganise(
        &self,
        told: &mut Told<'_>,
        daginstitution: &str,
        enhed: &str,
    ) -> Result<(), CliError> {
        let title = Both::new(
            format!("Enheden {enhed} flytter til {OWN} og beholder nummer og adresser"),
            format!("The unit {enhed} moves to {OWN} and keeps its number and addresses"),
        );
        let body = messages::move_enhed(enhed, OWN);
        self.write(told, &title, "MoveAnvisningsEnhed", &body, "OK")
            .await?;
        let title = Both::new(
            format!("Daginstitutionen {daginstitution} nedlægges; dens nummer bruges aldrig igen"),
            format!(
                "The daginstitution {daginstitution} is closed; its number is never used again"
            ),
        );
        let body = messages::delete_daginstitution(daginstitution, OWN);
        self.write(told, &title, "DeleteDaginstitution", &body, "OK")
            .await?;
        Ok(())
    }

    /// A consumer reads what became of it.
    async fn export(&self, told: &mut Told<'_>, enhed: &str) -> Result<(), CliError> {
        let operation = "GetDagtilbudByDagInstitutionsNummer";
        let title = Both::new(
            format!("En aftager læser {OWN} med alt under den"),
            format!("A consumer (aftager) reads {OWN} with everything under it"),
        );
        let body = messages::export(operation, "daginstitutionsNummer", OWN);
        let answer = self.read(told, &title, operation, &body).await?;
        contains(operation, &answer, &[OWN, enhed, "Børnehuset Æblehaven"])?;

        let title = Both::new(
            format!("… og hver version, som {enhed} har haft"),
            format!("… and every version that {enhed} ever had"),
        );
        let body = messages::export("GetHistorik", "institutionsnummer", enhed);
        let answer = self.read(told, &title, "GetHistorik", &body).await?;
        contains("GetHistorik", &answer, &["oprettet", "flyttet"])?;

        let url = format!("{}/eksport/v2/dagtilbud.xml", self.public_url);
        told.step(&Both::new(
            "Enhver læser hele registeret uden certifikat",
            "Anyone reads the whole register without a certificate",
        ))?;
        let answer = Client::plain()?.get(&url, &[]).await?;
        contains(
            "dagtilbud.xml",
            &answer,
            &["Børnehuset Æblehaven", "Dagtilbud Kastanjen"],
        )?;
        let etag = answer.header("etag").unwrap_or_default();
        let (status, bytes) = (answer.status.as_u16(), answer.body.len());
        let heading = Both::new(
            format!("GET {url} svarer: HTTP {status}, {bytes} byte, ETag {etag}"),
            format!("GET {url} answers: HTTP {status}, {bytes} bytes, ETag {etag}"),
        );
        told.trees(&heading, &answer.text(), 8)
    }

    /// A write as the kommune; the answer must have this status.
    async fn write(
        &self,
        told: &mut Told<'_>,
        title: &Both,
        operation: &str,
        body: &str,
        status: &str,
    ) -> Result<(Response, ImportSvar), CliError> {
        told.step_of(title, operation)?;
        told.sent(self.kommune.name, body)?;
        let call = Call::write(operation, body);
        let (response, svar) = self.kommune.write(&call).await?;
        told.answered(response.status.as_u16(), &svar)?;
        expect(&svar, status, operation)?;
        Ok((response, svar))
    }

    /// An insert of one record; gives the number that the register issued.
    async fn issued(
        &self,
        told: &mut Told<'_>,
        title: &Both,
        operation: &str,
        body: &str,
    ) -> Result<String, CliError> {
        let (_, svar) = self.write(told, title, operation, body, "OK").await?;
        svar.resultater
            .into_iter()
            .find_map(|result| result.institutionsnummer)
            .ok_or_else(|| failed(operation, "no number was issued"))
    }

    /// An export as the consumer.
    async fn read(
        &self,
        told: &mut Told<'_>,
        title: &Both,
        operation: &str,
        body: &str,
    ) -> Result<Response, CliError> {
        told.step_of(title, operation)?;
        told.sent(self.aftager.name, body)?;
        let call = Call::new(&EKSPORT_V2, operation, body);
        let answer = self.aftager.send(&call).await?;
        let (status, text) = (answer.status.as_u16(), answer.text());
        let bytes = answer.body.len();
        let heading = Both::new(
            format!("svar: HTTP {status}, {bytes} byte"),
            format!("answer: HTTP {status}, {bytes} bytes"),
        );
        if text.contains("<dagtilbudsRegister") {
            told.trees(&heading, &text, SHOWN)?;
        } else {
            told.outline(&heading, &text, SHOWN)?;
        }
        Ok(answer)
    }
}

fn verify(told: &mut Told<'_>, database: &Path) -> Result<(), CliError> {
    told.step(&Both::new(
        "Revisionssporet og registerets regler efterprøves (dtr audit verify)",
        "The audit chain and the register's own rules are verified (dtr audit verify)",
    ))?;
    let verified =
        sqlite::verify(database).map_err(CliError::store("the register does not verify"))?;
    let (lines, changes) = (verified.head.number, verified.position.sekvens);
    told.detail(&Both::new(
        format!("holder: {lines} linjer i sporet, {changes} ændringer"),
        format!("intact: {lines} audit lines, {changes} changes"),
    ))?;
    let head = format!("sha256 {}", verified.head.hash);
    told.detail(&Both::new(head.clone(), head))
}

/// A document as it goes into a body: without the XML declaration, which may only stand at the beginning of a file.
fn without_declaration(document: &str) -> &str {
    match document.split_once("?>") {
        Some((declaration, rest)) if declaration.starts_with("<?xml") => rest,
        _ => document,
    }
}

fn expect(svar: &ImportSvar, status: &str, operation: &str) -> Result<(), CliError> {
    if svar.status == status {
        return Ok(());
    }
    let first = svar.fejl.iter().find(|fejl| fejl.alvor == "FEJL");
    let why = first.map_or(String::new(), |fejl| {
        format!(": {} {}", fejl.kode, fejl.besked_en)
    });
    Err(failed(
        operation,
        &format!("{} instead of {status}{why}", svar.status),
    ))
}

fn contains(what: &str, answer: &Response, wanted: &[&str]) -> Result<(), CliError> {
    let text = answer.text();
    match wanted.iter().find(|wanted| !text.contains(**wanted)) {
        None if answer.status.is_success() => Ok(()),
        None => Err(failed(what, &format!("HTTP {}", answer.status))),
        Some(missing) => Err(failed(
            what,
            &format!("HTTP {}, {missing} is not in the answer", answer.status),
        )),
    }
}

fn failed(what: &str, why: &str) -> CliError {
    CliError::Failed(format!("the demonstration failed at {what}: {why}"))
}
