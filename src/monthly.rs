//! The monthly run (kontrakt §7): looks at every open record as it stands, and says what is not as it should be. Nothing
//! is changed by it; findings are kept from when they are first seen until they are resolved. What only a mirror can tell is
//! neither found nor resolved where the mirror is not loaded.

mod places;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

use crate::clock::Clock;
use crate::mirror::Mirrors;
use crate::problem::{Problem, fund};
use crate::register::{
    Anvisningsenhed, Content, DAGPLEJE, Daginstitution, Institutionsnummer, Kodetabeller,
    Kommunekode, Kontrol, NytFund, Record, Tidspunkt,
};
use crate::store::{Outcome, Read, Result, Selection, Store, StoreExt};

use places::Places;

/// How long a record may stand open beside the one that succeeds it: 30 days, in milliseconds.
const OVERLAP: i64 = 30 * 24 * 60 * 60 * 1000;

/// What a look at the register found.
#[derive(Debug, Default)]
pub struct Set {
    /// The findings, by record.
    pub fund: Vec<NytFund>,
    /// The open records that were looked at.
    pub records: u64,
    /// The codes that could not be judged, for a mirror is not loaded: what is open with them stays open.
    pub unsaid: Vec<&'static str>,
}

/// Looks at the register and keeps what is found. Blocks; the looking does not hold writers up.
///
/// # Errors
/// [`crate::store::StoreError`]: nothing of the run is kept.
pub fn run<S: Store + ?Sized>(
    store: &S,
    tables: &Kodetabeller,
    mirrors: &Mirrors,
    clock: &Clock,
) -> Result<Kontrol> {
    let begyndt = clock.now();
    let set = store.read(|view| find(view, tables, mirrors, begyndt))?;
    store.write_blocking(move |tx| {
        tx.save_fund(&set.fund, &set.unsaid, set.records, begyndt)
            .map(Outcome::Keep)
    })
}

/// Everything that is not as it should be, by one consistent view.
///
/// # Errors
/// [`crate::store::StoreError`].
pub fn find(
    view: &dyn Read,
    tables: &Kodetabeller,
    mirrors: &Mirrors,
    now: Tidspunkt,
) -> Result<Set> {
    let mut look = Look {
        tables,
        places: Places::new(mirrors, view.organisationer()?),
        set: Set::default(),
        tops: BTreeMap::new(),
        with_units: BTreeSet::new(),
        kommuner: HashMap::new(),
        successors: BTreeMap::new(),
        before: now.plus_millis(-OVERLAP),
    };
    // Daginstitutioner first, for a unit is judged with the one above it.
    for niveau in crate::register::Niveau::ALL {
        let open = Selection {
            niveau: Some(niveau),
            ..Selection::default()
        };
        view.records(&open, &mut |record| {
            look.record(&record);
            ControlFlow::Continue(())
        })?;
    }
    look.succeeded(view)?;
    Ok(look.end())
}

struct Look<'a> {
    tables: &'a Kodetabeller,
    places: Places,
    set: Set,
    tops: BTreeMap<Institutionsnummer, Daginstitution>,
    with_units: BTreeSet<Institutionsnummer>,
    /// The kommuner that have a daginstitution, and whether they have an area of dagpleje.
    kommuner: HashMap<Kommunekode, bool>,
    /// The records that open ones succeed since before [`Look::before`], with one that does.
    successors: BTreeMap<Institutionsnummer, Institutionsnummer>,
    /// Who was inserted after this may stand beside what it succeeds.
    before: Tidspunkt,
}

impl Look<'_> {
    fn record(&mut self, record: &Record) {
        self.set.records += 1;
        if record.life.oprettet < self.before {
            for &earlier in &record.life.afloeser {
                self.successors.insert(earlier, record.nummer);
            }
        }
        match &*record.content {
            Content::Daginstitution(top) => self.daginstitution(record.nummer, top),
            Content::Anvisningsenhed(unit) => self.enhed(record.nummer, unit),
            Content::AlternativAdresse(_) => {}
        }
        self.place(record);
    }

    /// What the mirrors say of where it is.
    fn place(&mut self, record: &Record) {
        let top = match &*record.content {
            Content::Anvisningsenhed(unit) => self.tops.get(&unit.daginstitution),
            _ => None,
        };
        let Some((kommune, problems)) = self.places.look(record.nummer, &record.content, top)
        else {
            return;
        };
        for problem in problems {
            self.found(Some(record.nummer), kommune, problem);
        }
    }

    fn daginstitution(&mut self, nummer: Institutionsnummer, top: &Daginstitution) {
        let (ejerform, lovgrundlag) = (top.ejerform, top.lovgrundlag);
        if self.tables.lovlige_typer(lovgrundlag, ejerform).is_empty() {
            let problem = Problem::new(&fund::ULOVLIGT_GRUNDLAG)
                .with("navn", &top.navn)
                .with("ejerform", self.tables.ejerform.named(ejerform))
                .with("lovgrundlag", self.tables.lovgrundlag.named(lovgrundlag))
                .with(
                    "ejerformer",
                    self.tables
                        .ejerform
                        .navngivne(&self.tables.lovlige_ejerformer(lovgrundlag)),
                )
                .with(
                    "grundlag",
                    self.tables
                        .lovgrundlag
                        .navngivne(&self.tables.lovlige_grundlag(ejerform, None)),
                );
            self.found(Some(nummer), top.adm_kommune, problem);
        }
        self.kommuner.entry(top.adm_kommune).or_default();
        self.tops.insert(nummer, top.clone());
    }

    fn enhed(&mut self, nummer: Institutionsnummer, unit: &Anvisningsenhed) {
        // A unit whose daginstitution is closed can't be: it is closed last.
        let Some(top) = self.tops.get(&unit.daginstitution) else {
            return;
        };
        let (kommune, ejerform, lovgrundlag) = (top.adm_kommune, top.ejerform, top.lovgrundlag);
        self.with_units.insert(unit.daginstitution);
        if unit.inst_type == DAGPLEJE {
            self.kommuner.insert(kommune, true);
        }
        let types = self.tables.lovlige_typer(lovgrundlag, ejerform);
        if !types.is_empty() && !types.contains(&unit.inst_type) {
            let problem = Problem::new(&fund::ULOVLIG_TYPE)
                .with("navn", &unit.navn)
                .with("instType", self.tables.inst_type.named(unit.inst_type))
                .with("over", unit.daginstitution)
                .with("ejerform", self.tables.ejerform.named(ejerform))
                .with("lovgrundlag", self.tables.lovgrundlag.named(lovgrundlag))
                .with("typer", self.tables.inst_type.navngivne(&types));
            self.found(Some(nummer), kommune, problem);
        }
        if unit.p_nummer.is_none() {
            let problem = Problem::new(&fund::UDEN_P_NUMMER).with("navn", &unit.navn);
            self.found(Some(nummer), kommune, problem);
        }
    }

    /// What is open although another open record has succeeded it for long.
    fn succeeded(&mut self, view: &dyn Read) -> Result<()> {
        for (nummer, efter) in std::mem::take(&mut self.successors) {
            let open = view.record(nummer)?.filter(Record::is_active);
            let Some((record, kommune)) = open.zip(view.adm_kommune(nummer)?) else {
                continue;
            };
            let problem = Problem::new(&fund::AFLOEST_AABEN)
                .with("navn", record.content.navn())
                .with("efter", efter);
            self.found(Some(nummer), kommune, problem);
        }
        Ok(())
    }

    /// What can be told once everything has been seen.
    fn end(mut self) -> Set {
        for (nummer, top) in std::mem::take(&mut self.tops) {
            if !self.with_units.contains(&nummer) {
                let problem = Problem::new(&fund::INGEN_ENHED).with("navn", &top.navn);
                self.found(Some(nummer), top.adm_kommune, problem);
            }
        }
        let mut without: Vec<_> = self
            .kommuner
            .iter()
            .filter(|(_, has)| !**has)
            .map(|(kommune, _)| *kommune)
            .collect();
        without.sort_unstable();
        for kommune in without {
            let problem = Problem::new(&fund::INGEN_DAGPLEJE).with("kommune", kommune);
            self.found(None, kommune, problem);
        }
        self.set.unsaid = self.places.unsaid();
        self.set
    }

    fn found(
        &mut self,
        nummer: Option<Institutionsnummer>,
        kommune: Kommunekode,
        problem: Problem,
    ) {
        let problem = match nummer {
            Some(number) => problem.with("nummer", number),
            None => problem,
        };
        let [hjaelp_da, hjaelp_en] = problem.remedies();
        self.set.fund.push(NytFund {
            kode: problem.entry.kode.to_owned(),
            nummer,
            kommune,
            besked_da: problem.da(),
            besked_en: problem.en(),
            hjaelp_da,
            hjaelp_en,
        });
    }
}
