//! Stores what was accepted: every row a change like any other, all in one transaction.

use crate::register::{Indhold, Institutionsnummer, Livsforloeb, Niveau, Post, Sekvens, Tidspunkt};
use crate::store::{Handling, NyAendring, Ophav, Result, Write};

use super::doem::Optaget;

/// Writes all rows, parents first, then closes those that are closed, children first. Gives the first and last change.
///
/// # Errors
/// [`crate::store::StoreError`]: the job must not be kept.
pub fn gem(
    rows: &[Optaget],
    ophav: &Ophav,
    tx: &mut dyn Write,
    now: Tidspunkt,
) -> Result<Option<(Sekvens, Sekvens)>> {
    let (mut first, mut last) = (None, None);
    let mut closing: Vec<Post> = Vec::new();
    for row in rows {
        let nummer = match row.nummer {
            Some(nummer) => nummer,
            None => tx.issue_number()?,
        };
        let change = tx.gem(
            NyAendring {
                handling: Handling::Oprettet,
                ophav: ophav.clone(),
                post: ny(nummer, row.indhold.clone()),
            },
            now,
        )?;
        first.get_or_insert(change.sekvens);
        last = Some(change.sekvens);
        if row.nedlagt {
            closing.push(change.post);
        }
    }
    for niveau in [
        Niveau::AlternativAdresse,
        Niveau::Anvisningsenhed,
        Niveau::Daginstitution,
    ] {
        for post in closing.iter().filter(|post| post.niveau() == niveau) {
            let change = tx.gem(
                NyAendring {
                    handling: Handling::Nedlagt,
                    ophav: ophav.clone(),
                    post: post.clone(),
                },
                now,
            )?;
            last = Some(change.sekvens);
        }
    }
    Ok(first.zip(last))
}

fn ny(nummer: Institutionsnummer, indhold: Indhold) -> Post {
    let epoch = Tidspunkt::from_millis(0);
    Post {
        nummer,
        indhold,
        liv: Livsforloeb {
            version: 0,
            oprettet: epoch,
            senest_opdateret: epoch,
            nedlagt: None,
            lukkeaarsag: None,
            skolens_nummer: None,
            afloeser: Vec::new(),
            afloest_af: Vec::new(),
        },
    }
}
