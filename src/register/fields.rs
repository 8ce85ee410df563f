//! A record's fields, described once: element, column, version, kind. Whatever reads or writes records follows this.
//!
//! The structs of `records` say the Rust types; here each field stands once, in document order. The macro takes the structs
//! apart and puts them together without `..`, so that a field left out does not compile.

use std::fmt;

use super::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Cvr, Daginstitution, Dato, Field,
    Institutionsnummer, Kommunekode, Life, Lukkeaarsag, Niveau, PNummer, Record, Tidspunkt,
};

/// A version of the contract. A field stands in the version that has it first, and in all later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// The first, which shows and changes the fewest fields.
    V1,
    /// The second.
    V2,
}

/// A code table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Ownership.
    Ejerform,
    /// Legal basis.
    Lovgrundlag,
    /// Type of institution.
    InstType,
    /// Kommuner.
    Kommune,
}

/// The kind of a field's values: how they are normalised, and how a cell shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free text.
    Text,
    /// Text of a shape that no spreadsheet takes for a formula.
    Token,
    /// A house number; letters are upper case.
    HouseNumber,
    /// A UUID; letters are lower case.
    Uuid,
    /// A decimal number.
    Coordinate,
    /// A telephone number.
    Telephone,
    /// A code of a table.
    Code(Table),
    /// The number of the record above.
    Number,
    /// A CVR number.
    Cvr,
    /// A P-number.
    PNumber,
    /// A date.
    Date,
}

/// One field of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Def {
    /// Its element.
    pub field: Field,
    /// Its column in the history.
    pub column: Column,
    /// The version that has it first.
    pub since: Version,
    /// The kind of its values.
    pub kind: Kind,
    /// Whether tables show it for the records below as well.
    pub inherited: bool,
}

/// A field, or a group of fields that stand in an element of their own.
#[derive(Debug, Clone, Copy)]
pub enum Entry {
    /// A field.
    Field(&'static Def),
    /// The fields of `adresse`.
    Address(&'static [Entry]),
}

/// A value on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A code.
    Code(i32),
    /// A kommune.
    Kommune(Kommunekode),
    /// The number of a record.
    Number(&'a Institutionsnummer),
    /// A CVR number.
    Cvr(&'a Cvr),
    /// A P-number.
    PNumber(&'a PNummer),
    /// A date.
    Date(Dato),
    /// A moment.
    Moment(Tidspunkt),
    /// A count.
    Count(u32),
}

impl<'a> Value<'a> {
    /// The value as text, where it is kept as text.
    pub fn as_str(&self) -> Option<&'a str> {
        match *self {
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(number.as_str()),
            Self::Cvr(number) => Some(number.as_str()),
            Self::PNumber(number) => Some(number.as_str()),
            Self::Code(_) | Self::Kommune(_) | Self::Date(_) | Self::Moment(_) | Self::Count(_) => {
                None
            }
        }
    }

    /// The code, where it is one.
    pub fn code(&self) -> Option<i32> {
        match *self {
            Self::Code(code) => Some(code),
            Self::Kommune(kommune) => Some(i32::from(kommune.0)),
            _ => None,
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Code(code) => code.fmt(f),
            Self::Kommune(kommune) => kommune.0.fmt(f),
            Self::Number(number) => f.write_str(number.as_str()),
            Self::Cvr(number) => f.write_str(number.as_str()),
            Self::PNumber(number) => f.write_str(number.as_str()),
            Self::Date(date) => date.fmt(f),
            Self::Moment(moment) => moment.fmt(f),
            Self::Count(count) => count.fmt(f),
        }
    }
}

/// Receives the fields of a record in document order; absent values are left out.
pub trait Pen<'a> {
    /// A field of the content.
    fn field(&mut self, def: &'static Def, value: Value<'a>);

    /// The fields that follow stand in `adresse`.
    fn open_address(&mut self) {}

    /// The address ends.
    fn close_address(&mut self) {}

    /// What the register itself knows: the record's number, its life.
    fn own(&mut self, _field: Field, _since: Version, _value: Value<'a>) {}
}

/// Gives the values of a record's fields; `Ok(None)` stands for an absent one.
pub trait Source {
    /// Why a value can't be had.
    type Error;

    /// A text, normalised as its kind says.
    fn text(&mut self, def: &'static Def) -> Result<Option<String>, Self::Error>;
    /// A code.
    fn code(&mut self, def: &'static Def) -> Result<Option<i32>, Self::Error>;
    /// A kommune.
    fn kommune(&mut self, def: &'static Def) -> Result<Option<Kommunekode>, Self::Error>;
    /// The number of a record.
    fn number(&mut self, def: &'static Def) -> Result<Option<Institutionsnummer>, Self::Error>;
    /// A CVR number.
    fn cvr(&mut self, def: &'static Def) -> Result<Option<Cvr>, Self::Error>;
    /// A P-number.
    fn p_number(&mut self, def: &'static Def) -> Result<Option<PNummer>, Self::Error>;
    /// A date.
    fn date(&mut self, def: &'static Def) -> Result<Option<Dato>, Self::Error>;
    /// A field that its level can't be without is absent.
    fn missing(&self, def: &'static Def) -> Self::Error;
}

/// A type that a field may have.
trait Held: Sized {
    fn write<'a, P: Pen<'a>>(&'a self, def: &'static Def, pen: &mut P);
    fn read<S: Source>(def: &'static Def, source: &mut S) -> Result<Self, S::Error>;
}

/// Types of one value: mandatory by themselves, optional in an `Option`.
macro_rules! held {
    ($($type:ty: $method:ident, $own:ident => $value:expr;)*) => {$(
        impl Held for $type {
            fn write<'a, P: Pen<'a>>(&'a self, def: &'static Def, pen: &mut P) {
                let $own = self;
                pen.field(def, $value);
            }

            fn read<S: Source>(def: &'static Def, source: &mut S) -> Result<Self, S::Error> {
                match source.$method(def)? {
                    Some(value) => Ok(value),
                    None => Err(source.missing(def)),
                }
            }
        }

        impl Held for Option<$type> {
            fn write<'a, P: Pen<'a>>(&'a self, def: &'static Def, pen: &mut P) {
                if let Some(value) = self {
                    value.write(def, pen);
                }
            }

            fn read<S: Source>(def: &'static Def, source: &mut S) -> Result<Self, S::Error> {
                source.$method(def)
            }
        }
    )*};
}

held! {
    String: text, own => Value::Text(own);
    i32: code, own => Value::Code(*own);
    Kommunekode: kommune, own => Value::Kommune(*own);
    Institutionsnummer: number, own => Value::Number(own);
    Cvr: cvr, own => Value::Cvr(own);
    PNummer: p_number, own => Value::PNumber(own);
    Dato: date, own => Value::Date(*own);
}

/// Gives the columns of the history that hold content to a macro: `macro { before.. Navn = "navn" .. }`.
macro_rules! columns_of_content {
    ([$($macro:tt)+] [$($before:tt)*]) => {
        $($macro)+ ! { $($before)*
            AdmKommune = "adm_kommune"
            Foraelder = "foraelder"
            Navn = "navn"
            Ejerform = "ejerform"
            Lovgrundlag = "lovgrundlag"
            InstType = "inst_type"
            Email = "email"
            Telefon = "telefon"
            Cvr = "cvr"
            PNummer = "p_nummer"
            GyldigFra = "gyldig_fra"
            VejNavn = "vej_navn"
            VejKode = "vej_kode"
            HusNummer = "hus_nummer"
            Etage = "etage"
            Doer = "doer"
            PostNummer = "post_nummer"
            ByNavn = "by_navn"
            SupplerendeBynavn = "supplerende_bynavn"
            KommuneKode = "kommune_kode"
            DawaId = "dawa_id"
            GeoBredde = "geo_bredde"
            GeoLaengde = "geo_laengde"
        }
    };
}
pub(crate) use columns_of_content;

/// Declares the columns in their order.
macro_rules! columns {
    ($($column:ident = $name:literal)*) => {
        /// A column of the history that holds content, in the order of statements.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Column {
            $(#[doc = concat!("`", $name, "`")] $column,)*
        }

        impl Column {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$column),*];
            /// So many there are.
            pub const COUNT: usize = Self::ALL.len();
        }
    };
}
columns_of_content!([columns][]);

/// Writes down the fields of a struct in document order. A row is `(element, column, since, kind, reach)`, or `address`.
macro_rules! describe {
    ($type:ident, $fields:ident { $($name:ident: $row:tt),* $(,)? }) => {
        static $fields: &[Entry] = &[$(entry!($row)),*];

        impl $type {
            fn write<'a, P: Pen<'a>>(&'a self, pen: &mut P) {
                let Self { $($name),* } = self;
                $(write!($row, $name, pen);)*
            }

            fn read<S: Source>(source: &mut S) -> Result<Self, S::Error> {
                Ok(Self { $($name: read!($row, source)),* })
            }

            /// Takes the fields that a version does not have from the record as it was.
            #[expect(clippy::allow_attributes, reason = "an address has none of them")]
            #[allow(unused_variables)]
            fn keep(&mut self, before: &Self, version: Version) {
                let Self { $($name),* } = before;
                $(keep!($row, self.$name, $name, version);)*
            }
        }
    };
}

macro_rules! def {
    ($field:ident, $column:ident, $since:ident, $kind:expr, $inherited:expr) => {
        &Def {
            field: Field::$field,
            column: Column::$column,
            since: Version::$since,
            kind: $kind,
            inherited: $inherited,
        }
    };
}

macro_rules! entry {
    (address) => { Entry::Address(ADRESSE) };
    (($($def:tt)*)) => { Entry::Field(def!($($def)*)) };
}

macro_rules! write {
    (address, $value:expr, $pen:expr) => {
        $pen.open_address();
        $value.write($pen);
        $pen.close_address();
    };
    (($($def:tt)*), $value:expr, $pen:expr) => {
        Held::write($value, def!($($def)*), $pen)
    };
}

macro_rules! read {
    (address, $source:expr) => { Adresse::read($source)? };
    (($($def:tt)*), $source:expr) => { Held::read(def!($($def)*), $source)? };
}

macro_rules! keep {
    (address, $own:expr, $before:expr, $version:expr) => { $own.keep($before, $version) };
    (($($def:tt)*), $own:expr, $before:expr, $version:expr) => {
        if def!($($def)*).since > $version {
            $own.clone_from($before);
        }
    };
}

const EJERFORM: Kind = Kind::Code(Table::Ejerform);
const LOVGRUNDLAG: Kind = Kind::Code(Table::Lovgrundlag);
const INST_TYPE: Kind = Kind::Code(Table::InstType);
const KOMMUNE: Kind = Kind::Code(Table::Kommune);

describe! { Daginstitution, DAGINSTITUTION {
    navn: (DaginstitutionsNavn, Navn, V1, Kind::Text, false),
    ejerform: (EjerformKode, Ejerform, V1, EJERFORM, true),
    lovgrundlag: (LovgrundlagKode, Lovgrundlag, V1, LOVGRUNDLAG, true),
    adm_kommune: (AdmKommuneKode, AdmKommune, V1, KOMMUNE, true),
    gyldig_fra: (GyldigFra, GyldigFra, V2, Kind::Date, false),
} }

describe! { Anvisningsenhed, ANVISNINGSENHED {
    daginstitution: (DaginstitutionsNummer, Foraelder, V1, Kind::Number, false),
    navn: (EnhedsNavn, Navn, V1, Kind::Text, false),
    adresse: address,
    inst_type: (InstType3, InstType, V1, INST_TYPE, true),
    email: (Email, Email, V1, Kind::Text, false),
    telefon: (TelefonNummer, Telefon, V1, Kind::Telephone, false),
    cvr: (CvrNummer, Cvr, V1, Kind::Cvr, false),
    p_nummer: (PNummer, PNummer, V1, Kind::PNumber, false),
    gyldig_fra: (GyldigFra, GyldigFra, V2, Kind::Date, false),
} }

describe! { AlternativAdresse, ALTERNATIV_ADRESSE {
    enhed: (EnhedsNummer, Foraelder, V1, Kind::Number, false),
    navn: (AlternativAdresseNavn, Navn, V1, Kind::Text, false),
    adresse: address,
    email: (Email, Email, V1, Kind::Text, false),
    telefon: (TelefonNummer, Telefon, V1, Kind::Telephone, false),
    cvr: (CvrNummer, Cvr, V1, Kind::Cvr, false),
    p_nummer: (PNummer, PNummer, V1, Kind::PNumber, false),
    gyldig_fra: (GyldigFra, GyldigFra, V2, Kind::Date, false),
} }

describe! { Adresse, ADRESSE {
    vej_navn: (VejNavn, VejNavn, V1, Kind::Text, false),
    vej_kode: (VejKode, VejKode, V1, Kind::Token, false),
    hus_nummer: (HusNummer, HusNummer, V1, Kind::HouseNumber, false),
    etage: (Etage, Etage, V1, Kind::Token, false),
    doer: (Doer, Doer, V1, Kind::Text, false),
    post_nummer: (PostNummer, PostNummer, V1, Kind::Token, false),
    by_navn: (ByNavn, ByNavn, V1, Kind::Text, false),
    supplerende_bynavn: (SupplerendeBynavn, SupplerendeBynavn, V1, Kind::Text, false),
    kommune_kode: (KommuneKode, KommuneKode, V1, KOMMUNE, false),
    dawa_id: (DawaId, DawaId, V1, Kind::Uuid, false),
    geo_bredde: (GeoBredde, GeoBredde, V1, Kind::Coordinate, false),
    geo_laengde: (GeoLaengde, GeoLaengde, V1, Kind::Coordinate, false),
} }

impl Niveau {
    /// The fields of the level in document order.
    pub fn entries(self) -> &'static [Entry] {
        match self {
            Self::Daginstitution => DAGINSTITUTION,
            Self::Anvisningsenhed => ANVISNINGSENHED,
            Self::AlternativAdresse => ALTERNATIV_ADRESSE,
        }
    }

    /// The same, those of the address among them.
    pub fn fields(self) -> impl Iterator<Item = &'static Def> {
        self.entries().iter().flat_map(|entry| {
            let inside = match entry {
                Entry::Field(_) => std::slice::from_ref(entry),
                Entry::Address(inside) => inside,
            };
            inside.iter().filter_map(|entry| match entry {
                Entry::Field(def) => Some(*def),
                Entry::Address(_) => None,
            })
        })
    }

    /// The element that carries the record's own number.
    pub const fn number(self) -> Field {
        match self {
            Self::Daginstitution => Field::DaginstitutionsNummer,
            Self::Anvisningsenhed => Field::EnhedsNummer,
            Self::AlternativAdresse => Field::AlternativAdresseNummer,
        }
    }
}

impl Content {
    /// Shows the fields to a pen.
    pub fn write<'a, P: Pen<'a>>(&'a self, pen: &mut P) {
        match self {
            Self::Daginstitution(record) => record.write(pen),
            Self::Anvisningsenhed(record) => record.write(pen),
            Self::AlternativAdresse(record) => record.write(pen),
        }
    }

    /// Reads the fields of a level.
    ///
    /// # Errors
    /// Those of the source, and what it says of a missing field.
    pub fn read<S: Source>(level: Niveau, source: &mut S) -> Result<Self, S::Error> {
        Ok(match level {
            Niveau::Daginstitution => Self::Daginstitution(Daginstitution::read(source)?),
            Niveau::Anvisningsenhed => Self::Anvisningsenhed(Anvisningsenhed::read(source)?),
            Niveau::AlternativAdresse => Self::AlternativAdresse(AlternativAdresse::read(source)?),
        })
    }

    /// Takes the fields that a version does not have from the record as it was: a caller of that version leaves them.
    pub fn keep(&mut self, before: &Self, version: Version) {
        match (self, before) {
            (Self::Daginstitution(own), Self::Daginstitution(before)) => own.keep(before, version),
            (Self::Anvisningsenhed(own), Self::Anvisningsenhed(before)) => {
                own.keep(before, version);
            }
            (Self::AlternativAdresse(own), Self::AlternativAdresse(before)) => {
                own.keep(before, version);
            }
            // A record keeps its level.
            _ => {}
        }
    }
}

impl Record {
    /// Shows the whole record to a pen, in document order: number, content, life.
    pub fn write<'a, P: Pen<'a>>(&'a self, pen: &mut P) {
        let number = Value::Number(&self.nummer);
        pen.own(self.niveau().number(), Version::V1, number);
        self.content.write(pen);
        self.life.write(pen);
    }
}

impl Life {
    /// Shows what the register itself keeps to a pen.
    pub fn write<'a, P: Pen<'a>>(&'a self, pen: &mut P) {
        let Self {
            version,
            oprettet,
            senest_opdateret,
            nedlagt,
            lukkeaarsag,
            skolens_nummer,
            afloeser,
            afloest_af,
        } = self;
        let status = if nedlagt.is_none() {
            "Aktiv"
        } else {
            "Nedlagt"
        };
        pen.own(Field::Aktivitetsstatus, Version::V1, Value::Text(status));
        pen.own(Field::Version, Version::V1, Value::Count(*version));
        pen.own(Field::Oprettet, Version::V1, Value::Moment(*oprettet));
        let updated = Value::Moment(*senest_opdateret);
        pen.own(Field::SenestOpdateret, Version::V1, updated);
        if let Some(closed) = nedlagt {
            pen.own(Field::Nedlagt, Version::V1, Value::Moment(*closed));
        }
        let reason = lukkeaarsag.map(Lukkeaarsag::as_str).map(Value::Text);
        if let Some(reason) = reason {
            pen.own(Field::Lukkeaarsag, Version::V2, reason);
        }
        if let Some(number) = skolens_nummer {
            let field = Field::SkolensInstitutionsnummer;
            pen.own(field, Version::V2, Value::Number(number));
        }
        for number in afloeser {
            pen.own(Field::Afloeser, Version::V2, Value::Number(number));
        }
        for number in afloest_af {
            pen.own(Field::AfloestAf, Version::V2, Value::Number(number));
        }
    }
}
