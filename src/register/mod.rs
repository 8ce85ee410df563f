//! The pure domain: records, numbers, time and rules of the register. It knows no XML, HTTP, SQL or clock.
//!
//! # Glossary
//!
//! | word | meaning |
//! | --- | --- |
//! | dagtilbud | day-care in the law's sense; here a daginstitution with everything under it |
//! | daginstitution | the top level: a cluster or parents' board; carries ownership, legal basis and kommune |
//! | anvisningsenhed | the unit where a child is placed; has an address, a type and a P-number |
//! | alternativ adresse | an extra address of a unit |
//! | ejerform, lovgrundlag, instType3 | coded ownership, legal basis and type of institution |
//! | administrativ kommune (`admKommuneKode`) | the kommune that supervises the daginstitution and all under it |
//! | institutionsnummer | the six characters that name a record on any level, issued once and never reused |
//! | CVR-nummer, P-nummer | the Danish business register's numbers for a company and for one of its places |
//! | sekvens | the register's gap-free count of changes |
//! | epoke | the name of one line of history; a restore starts another |
//! | tilslutning, system, aftale | a vendor's or consumer's system, and the agreements by which a kommune or private owner lets it act |
//! | fund | what the monthly run (kontrol) finds wrong with what stands in the register |
//! | A-nummer, G-nummer | a number from before the register, and one that the register has issued |
//! | afløser, afløst af | lineage: the numbers that a record succeeds, or is succeeded by |

mod anumre;
mod dagpleje;
mod dobbelt;
mod fields;
mod fund;
mod koder;
mod names;
mod numre;
mod records;
mod tid;
mod tilslutning;

pub use anumre::ANummer;
pub use dagpleje::{DAGPLEJE, ligner_person};
pub use dobbelt::lighed;
pub(crate) use fields::columns_of_content;
pub use fields::{Column, Def, Entry, Kind, Pen, Since, Source, Table, Value};
pub use fund::{Fund, Kontrol, NytFund};
pub use koder::{Kode, Kodetabel, Kodetabeller, Kombination, opregning};
pub use names::Field;
pub use numre::{Cvr, Institutionsnummer, Kommunekode, PNummer, Sekvens, UgyldigtNummer};
pub use records::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Daginstitution, Life, Lukkeaarsag,
    Niveau, Record,
};
pub use tid::{Dato, Tidspunkt, UgyldigTid};
pub use tilslutning::{Aftale, AftaleId, Omfang, Part, Sted, System, SystemId, Tjeneste};
