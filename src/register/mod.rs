//! The pure domain: records, numbers, time and rules of the register. It knows no XML, HTTP, SQL or clock.
//!
//! # Glossary
//!
//! English names everything technical. These words stay Danish, for the law and the register use them, and no English word is
//! as exact. Danish are also the names of the wire (the fields of records among them), the configuration, the command line
//! and SQL, and the entries of the catalogue of errors.
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
//! | niveau | the level of a record: daginstitution, anvisningsenhed or alternativ adresse |
//! | kommune, kommunekode | a municipality, and the three digits that name it |
//! | ejer, privat ejer | the owner of a daginstitution: a kommune or a private company |
//! | organisation, leverandør, aftager, operatør | whom the register knows by a CVR-nummer: a vendor, a consumer, the register's operator |
//! | part, omfang, tjeneste | of an aftale: who gives it, what it covers, and which service it is for |
//! | anmodning, afgjort, kommentar | a system's request for an aftale, its answer, and what somebody wrote beside |
//! | dagpleje | care in a carer's own home; named and addressed by rules of its own |
//! | kode, kodetabel, kombination | a coded value, the table of its texts, and which codes may stand together |
//! | lukkeårsag, nedlagt, ophørt, sammenlagt, opdelt | why a record was closed, and that it is |
//! | vej, husnummer, etage, dør, postnummer, by | the parts of a Danish address |
//! | dato, tidspunkt | a day, and a moment, as the register writes them |
//! | kontrol | the monthly run over the whole register |
//! | udfald | what an audit line says that a call came to |

mod administrator;
mod anmodning;
mod anumre;
mod codes;
mod dagpleje;
mod day;
mod dobbelt;
mod fields;
mod fund;
mod language;
mod names;
mod numbers;
mod records;
#[cfg(test)]
mod testing;
mod tilslutning;
mod time;
mod words;

pub use administrator::{Administrator, Privilege};
pub use anmodning::{
    Afgjort, Anmodning, AnmodningId, Kommentar, Om, Person, Pseudonym, RequestState, Standing,
};
pub use anumre::ANummer;
pub use codes::{Kode, Kodetabel, Kodetabeller, Kombination, opregning};
pub use dagpleje::{DAGPLEJE, looks_like_a_person};
pub use day::Day;
pub use dobbelt::likeness;
pub(crate) use fields::columns_of_content;
pub use fields::{Column, Def, Entry, Kind, Pen, Source, Table, Value, Version};
pub use fund::{Fund, Kontrol, NytFund};
pub use language::Language;
pub use names::Field;
pub use numbers::{Cvr, Institutionsnummer, Kommunekode, PNummer, Sekvens, UgyldigtNummer};
pub use records::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Daginstitution, Life, Lukkeaarsag,
    Niveau, Record,
};
pub use tilslutning::{Aftale, AftaleId, Omfang, Part, Sted, System, SystemId, Tjeneste};
pub use time::{Dato, Tidspunkt, UgyldigTid};
pub(crate) use words::words;
