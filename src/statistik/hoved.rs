//! The header of a file that an operator loads: which column holds what, and that no column is passed over in silence.
//! Names are tolerant of letter case, underscores and punctuation.

use std::fmt::Write as _;

/// Why the columns of a file can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KolonneFejl {
    /// A column that rows need is not there.
    #[error(
        "the file has no column {kolonne}{}; its first line must name the columns, as dtr's own CSV exports do",
        .ligner.as_ref().map(|own| format!(" (is it {own}?)")).unwrap_or_default()
    )]
    Mangler {
        /// The column.
        kolonne: &'static str,
        /// The column of the file that may be meant.
        ligner: Option<String>,
    },
    /// Columns that mean nothing here: their data would be lost.
    #[error(
        "{}; correct the name, or leave columns out with --ignorer-kolonner {}",
        unknown(.0),
        .0.iter().map(|(own, _)| own.as_str()).collect::<Vec<_>>().join(",")
    )]
    Ukendt(Vec<(String, Naermest)>),
    /// Two columns say the same, and one of them would be lost.
    #[error(
        "the columns {0} and {1} both stand for {2}; keep one, or leave one out with --ignorer-kolonner"
    )]
    Dobbelt(String, String, &'static str),
    /// A column that is to be left out is not there.
    #[error("--ignorer-kolonner names {0}, and the file has no such column")]
    IkkeDer(String),
}

/// What an unknown column may be meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naermest {
    /// This column.
    En(&'static str),
    /// One of these: the name is like none of them.
    Af(Vec<&'static str>),
}

fn unknown(columns: &[(String, Naermest)]) -> String {
    let mut text = String::new();
    for (n, (own, near)) in columns.iter().enumerate() {
        let between = if n > 0 { "; " } else { "" };
        // Writing to a String cannot fail.
        let _ = match near {
            Naermest::En(name) => write!(
                text,
                "{between}the column {own} is not known; the nearest is {name}"
            ),
            Naermest::Af(names) => write!(
                text,
                "{between}the column {own} is not known; known are {}",
                names.join(", ")
            ),
        };
    }
    text
}

/// The columns of a file. Each is asked for by name; what nobody asked for is told in the end.
#[derive(Debug)]
pub struct Hoved {
    kolonner: Vec<Kolonne>,
    /// All names that were asked for, and whether the file has the column.
    kendte: Vec<(&'static str, bool)>,
    dobbelt: Option<KolonneFejl>,
}

#[derive(Debug)]
struct Kolonne {
    /// As the file has it, with nothing that steers a terminal.
    navn: String,
    foldet: String,
    taget: bool,
    ignoreret: bool,
}

impl Hoved {
    /// The columns of a header, without those that the operator leaves out.
    ///
    /// # Errors
    /// [`KolonneFejl::IkkeDer`].
    pub fn ny<'a>(
        navne: impl IntoIterator<Item = &'a str>,
        ignorer: &[String],
    ) -> Result<Self, KolonneFejl> {
        let mut kolonner: Vec<Kolonne> = navne
            .into_iter()
            .map(|navn| Kolonne {
                navn: shown(navn),
                foldet: foldet(navn),
                taget: false,
                ignoreret: false,
            })
            .collect();
        for name in ignorer {
            let name = name.trim();
            let mut there = false;
            for own in &mut kolonner {
                if own.navn == name || (own.foldet == foldet(name) && !own.foldet.is_empty()) {
                    (own.ignoreret, there) = (true, true);
                }
            }
            if !there {
                return Err(KolonneFejl::IkkeDer(shown(name)));
            }
        }
        Ok(Self {
            kolonner,
            kendte: Vec::new(),
            dobbelt: None,
        })
    }

    /// Where the column of this name, or of another spelling of it, stands.
    pub fn find(&mut self, navn: &'static str, ogsaa: &[&str]) -> Option<usize> {
        let names: Vec<String> = [navn].iter().chain(ogsaa).map(|n| foldet(n)).collect();
        let mut found: Option<usize> = None;
        for (at, own) in self.kolonner.iter_mut().enumerate() {
            if own.ignoreret || !names.contains(&own.foldet) {
                continue;
            }
            own.taget = true;
            if found.is_none() {
                found = Some(at);
            } else {
                let both = [found.unwrap_or(at), at].map(|at| self.kolonner[at].navn.clone());
                let [first, second] = both;
                self.dobbelt
                    .get_or_insert(KolonneFejl::Dobbelt(first, second, navn));
                break;
            }
        }
        self.kendte.push((navn, found.is_some()));
        found
    }

    /// Where a column stands that rows need.
    ///
    /// # Errors
    /// [`KolonneFejl::Mangler`].
    pub fn skal(&mut self, navn: &'static str, ogsaa: &[&str]) -> Result<usize, KolonneFejl> {
        self.find(navn, ogsaa).ok_or_else(|| self.mangler(navn))
    }

    /// That a column is not there, with the one of the file that may be meant.
    pub fn mangler(&self, kolonne: &'static str) -> KolonneFejl {
        let own = self
            .kolonner
            .iter()
            .filter(|own| !own.taget && !own.ignoreret);
        let near = own.filter_map(|own| {
            let distance = afstand(&own.foldet, &foldet(kolonne))?;
            Some((distance, own.navn.clone()))
        });
        KolonneFejl::Mangler {
            kolonne,
            ligner: near.min().map(|(_, name)| name),
        }
    }

    /// Refuses a file whose data would be lost: columns that nobody asked for, and two for one thing.
    ///
    /// # Errors
    /// [`KolonneFejl::Ukendt`] and [`KolonneFejl::Dobbelt`].
    pub fn alle_kendt(&self) -> Result<(), KolonneFejl> {
        if let Some(twice) = &self.dobbelt {
            return Err(twice.clone());
        }
        let left: Vec<_> = self
            .uset()
            .map(|own| (own.navn.clone(), self.naermest(&own.foldet)))
            .collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(KolonneFejl::Ukendt(left))
        }
    }

    /// The columns that nobody asked for, for a file of which only some are meant to be read.
    ///
    /// # Errors
    /// [`KolonneFejl::Dobbelt`].
    pub fn ulaeste(&self) -> Result<Vec<&str>, KolonneFejl> {
        match &self.dobbelt {
            Some(twice) => Err(twice.clone()),
            None => Ok(self.uset().map(|own| own.navn.as_str()).collect()),
        }
    }

    /// The first cell of a row that no column names, and yet holds something.
    pub fn navnloes<'a>(&self, mut celler: impl Iterator<Item = &'a str>) -> bool {
        let mut kolonner = self.kolonner.iter();
        celler.any(|cell| {
            let named = kolonner
                .next()
                .is_some_and(|own| !own.navn.is_empty() || own.ignoreret);
            !named && !cell.trim().is_empty()
        })
    }

    fn uset(&self) -> impl Iterator<Item = &Kolonne> {
        self.kolonner
            .iter()
            .filter(|own| !own.taget && !own.ignoreret && !own.navn.is_empty())
    }

    /// The known column that a name may be meant for; one that the file lacks before one that it has.
    fn naermest(&self, foldet_navn: &str) -> Naermest {
        let near = self.kendte.iter().filter_map(|&(name, there)| {
            let distance = afstand(foldet_navn, &foldet(name))?;
            Some((there, distance, name))
        });
        match near.min() {
            Some((_, _, name)) => Naermest::En(name),
            None => {
                let lacking = self.kendte.iter().filter(|(_, there)| !there);
                Naermest::Af(lacking.map(|(name, _)| *name).collect())
            }
        }
    }
}

/// A name without what spellings differ in.
pub(super) fn foldet(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name as it may be shown; a byte order mark is no part of it.
fn shown(name: &str) -> String {
    let name = name.trim_start_matches('\u{feff}').trim();
    let harmless = |c| {
        if crate::problem::steers(c) {
            '\u{FFFD}'
        } else {
            c
        }
    };
    name.chars().map(harmless).take(60).collect()
}

/// How far two folded names lie apart; none where they have too little in common to name one for the other. One that is
/// short for the other, such as `tlf` for `telefonnummer`, or a part of it, is near.
fn afstand(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(60).collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    if short.is_empty() {
        return None;
    }
    let mut line: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = line[0];
        line[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = before + usize::from(x != y);
            before = line[j + 1];
            line[j + 1] = changed.min(before + 1).min(line[j] + 1);
        }
    }
    let distance = line[b.len()];
    let part = short.len() > 2 && long.windows(short.len()).any(|of| of == short.as_slice());
    let near = part || is_short_for(short, long) || distance * 5 <= long.len() * 2;
    near.then_some(distance)
}

/// Whether all letters stand in the other name in this order, from the first on.
fn is_short_for(short: &[char], long: &[char]) -> bool {
    let mut rest = long.iter();
    short.len() > 1 && short.first() == long.first() && short.iter().all(|c| rest.any(|o| o == c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = [
        "daginstitutionsNummer",
        "navn",
        "email",
        "telefonNummer",
        "pNummer",
    ];

    fn hoved(names: &[&str], ignorer: &[&str]) -> Result<Hoved, KolonneFejl> {
        let ignorer: Vec<String> = ignorer.iter().map(|name| (*name).to_owned()).collect();
        let mut hoved = Hoved::ny(names.iter().copied(), &ignorer)?;
        for name in KNOWN {
            hoved.find(name, if name == "pNummer" { &["pnumber"] } else { &[] });
        }
        Ok(hoved)
    }

    fn told(names: &[&str], ignorer: &[&str]) -> String {
        match hoved(names, ignorer).and_then(|hoved| hoved.alle_kendt()) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_unknown_column_is_told_with_the_nearest() {
        for (own, near) in [
            ("tlf", "telefonNummer"),
            ("Telefon", "telefonNummer"),
            ("telfonNummer", "telefonNummer"),
            ("e-mails", "email"),
            ("institutionsNummer", "daginstitutionsNummer"),
            ("p_nr", "pNummer"),
        ] {
            let told = told(&["navn", own], &[]);
            assert_eq!(
                told,
                format!(
                    "the column {own} is not known; the nearest is {near}; correct the name, or leave columns out with --ignorer-kolonner {own}"
                )
            );
        }
        let far = told(&["navn", "bemærkning"], &[]);
        let known = "known are daginstitutionsNummer, email, telefonNummer, pNummer;";
        assert!(far.contains(known), "{far}");
    }

    #[test]
    fn spellings_are_known_and_names_left_out_are_passed_over() {
        assert_eq!(told(&["\u{feff}NAVN", "P_nummer", "E-mail", ""], &[]), "");
        assert_eq!(told(&["pNumber", "note"], &["NOTE"]), "");
        let hoved = hoved(&["navn", "email"], &["email"]).unwrap();
        assert_eq!(
            hoved.kendte[2],
            ("email", false),
            "a known one can be left out too"
        );
        assert!(told(&["navn"], &["note"]).contains("--ignorer-kolonner names note"));
    }

    #[test]
    fn two_columns_for_one_thing_are_refused() {
        let told = told(&["pNummer", "pNumber"], &[]);
        assert!(
            told.contains("pNummer and pNumber both stand for pNummer"),
            "{told}"
        );
    }

    #[test]
    fn a_column_that_is_needed_is_told_with_what_may_be_it() {
        let mut hoved = Hoved::ny(["dagInstNummer", "navn"], &[]).unwrap();
        let told = hoved
            .skal("daginstitutionsNummer", &[])
            .unwrap_err()
            .to_string();
        assert!(told.contains("(is it dagInstNummer?)"), "{told}");
    }

    #[test]
    fn what_stands_under_no_name_is_seen() {
        let hoved = Hoved::ny(["navn", "", "note"], &[]).unwrap();
        assert!(hoved.navnloes(["a", "x", "b"].into_iter()));
        assert!(!hoved.navnloes(["a", " ", "b"].into_iter()));
        assert!(hoved.navnloes(["a", "", "b", "y"].into_iter()));
    }
}
