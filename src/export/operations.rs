//! The reads of the EksportService, each a row: its name, what it answers, and which records its parameters name.

use unicode_normalization::UnicodeNormalization;

use crate::contract::Operation;
use crate::message::{Builder, Field, Message};
use crate::register::{Cvr, Institutionsnummer, Kommunekode, Niveau, PNummer, Version};
use crate::soap::Shaped;
use crate::store::Selection;

/// What an operation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Trees: all of them, one, or a kommune's.
    Tree,
    /// Records of one level.
    List(Niveau),
    /// The code tables.
    CodeTables,
    /// Every version of one record.
    History,
    /// Trees as they stood at an instant.
    TreeAt,
    /// Changes after a sequence.
    Changes,
    /// The caller's agreements.
    Agreements,
}

/// What the number in a call names, by the parameter that holds it. Those that name a record give it when it is closed too
/// (kontrakt §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// No parameter.
    Nothing,
    /// The record.
    Record(Field),
    /// The root of the tree.
    Root(Field),
    /// The parent of the records.
    Parent(Field),
}

/// An operation that reads the register.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadOperation {
    /// Its name and answer.
    pub operation: Operation,
    /// What it reads.
    pub reading: Reading,
    /// What its number names.
    pub number: Number,
    /// The version that has it first.
    pub since: Version,
}

impl Shaped for ReadOperation {
    type Builder = Builder;

    fn operation(&'static self) -> &'static Operation {
        &self.operation
    }

    fn builder(&self) -> Builder {
        Builder::new(None)
    }
}

impl ReadOperation {
    /// What is chosen by the parameters that were sent, which have passed the schema. Names are stored in normal form C, so they
    /// are searched for in it.
    pub(super) fn select(&self, message: &Message) -> Selection {
        let text = |field| message.parameter(field);
        let sent = |field| Institutionsnummer::parse(text(field)?).ok();
        let kommune = text(Field::AdmKommuneKode).and_then(|code| code.parse().ok());
        let named = matches!(self.number, Number::Record(_) | Number::Root(_));
        let mut selection = Selection {
            adm_kommune: kommune.map(Kommunekode),
            navn: text(Field::Navn)
                .map(|name| name.trim().nfc().collect::<String>().to_lowercase()),
            p_nummer: text(Field::PNummer).and_then(|text| PNummer::parse(text).ok()),
            cvr: text(Field::CvrNummer).and_then(|text| Cvr::parse(text).ok()),
            inkluder_nedlagte: named || message.flag(Field::InkluderNedlagte),
            ..Selection::default()
        };
        match self.number {
            Number::Nothing => {}
            Number::Record(field) => selection.nummer = sent(field),
            Number::Root(field) => selection.root = sent(field),
            Number::Parent(field) => selection.parent = sent(field),
        }
        selection
    }
}

/// The element of records of one level.
pub(super) const fn root(level: Niveau) -> &'static str {
    match level {
        Niveau::Daginstitution => "daginstitutionerExtend",
        Niveau::Anvisningsenhed => "anvisningenhederExtend",
        Niveau::AlternativAdresse => "alternativadresserExtend",
    }
}

const fn tree(name: &'static str, number: Number) -> ReadOperation {
    ReadOperation {
        number,
        ..other(name, Reading::Tree, "dagtilbudsRegister", Version::V1)
    }
}

const fn list(name: &'static str, level: Niveau, number: Number) -> ReadOperation {
    ReadOperation {
        number,
        ..other(name, Reading::List(level), root(level), Version::V1)
    }
}

const fn other(
    name: &'static str,
    reading: Reading,
    result: &'static str,
    since: Version,
) -> ReadOperation {
    ReadOperation {
        operation: Operation::reads(name, result),
        reading,
        number: Number::Nothing,
        since,
    }
}

use Field::{AlternativAdresseNummer, DaginstitutionsNummer, EnhedsNummer};
use Niveau::{AlternativAdresse as Adresse, Anvisningsenhed as Enhed, Daginstitution as Top};
use Number::{Nothing, Parent, Record, Root};
use Reading::{Agreements, Changes, CodeTables, History, TreeAt};
use Version::{V1, V2};

/// All reads, in the order of the WSDL.
#[rustfmt::skip]
pub static READS: [&ReadOperation; 23] = [
    &tree("GetAllDagtilbud", Nothing),
    &tree("GetDagtilbudByDagInstitutionsNummer", Root(DaginstitutionsNummer)),
    &tree("GetDagtilbudByAdmKommuneNummer", Nothing),
    &list("GetAllDaginstitutioner", Top, Nothing),
    &list("GetDaginstitutionByNummer", Top, Record(DaginstitutionsNummer)),
    &list("GetDaginstitutionByNavn", Top, Nothing),
    &list("GetAllAnvisningsEnheder", Enhed, Nothing),
    &list("GetAnvisningsEnhederByPnummer", Enhed, Nothing),
    &list("GetAnvisningsEnhederByNummer", Enhed, Record(EnhedsNummer)),
    &list("GetAnvisningsEnhederByCvrnummer", Enhed, Nothing),
    &list("GetAnvisningsEnhederByNavn", Enhed, Nothing),
    &list("GetAnvisningsEnhederByDaginstitutionsnummer", Enhed, Parent(DaginstitutionsNummer)),
    &list("GetAllAlternativAdresser", Adresse, Nothing),
    &list("GetAlternativAdresserByCvrnummer", Adresse, Nothing),
    &list("GetAlternativAdresserByPnummer", Adresse, Nothing),
    &list("GetAlternativAdresserByNummer", Adresse, Record(AlternativAdresseNummer)),
    &list("GetAlternativAdresserByNavn", Adresse, Nothing),
    &list("GetAlternativAdresserByEnhedsnummer", Adresse, Parent(EnhedsNummer)),
    &other("GetKodetabeller", CodeTables, "kodetabeller", V1),
    &other("GetHistorik", History, "historik", V2),
    &other("GetDagtilbudPrDato", TreeAt, "dagtilbudsRegister", V2),
    &other("GetAendringer", Changes, "aendringer", V2),
    &other("HentDataAftaler", Agreements, "dataAftaler", V2),
];
