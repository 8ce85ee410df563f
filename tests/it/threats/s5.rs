//! S5, authorisation and tenants: the matrix of `fixtures/authorise/matrix.csv`, a case for each row, and what a matrix
//! does not show.
//!
//! The rows' folders are made of the matrix: `DTR_OPDATER=1 cargo test --test it threats_table` writes them anew.

mod rows;
mod special;

use super::{Case, Outcome};

/// Runs each case against records of its own, all on one server.
pub(super) fn run(cases: &[Case]) -> Vec<Outcome> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = rows::World::new().await;
        let mut outcomes = Vec::new();
        for case in cases {
            outcomes.push(match case.told.get("saerlig") {
                None => world.row(case).await,
                Some(_) => special::run(case.text("saerlig")).await,
            });
        }
        outcomes
    })
}

pub(super) use rows::write_folders;
