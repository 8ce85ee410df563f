//! Whether a message has the right shape: what its schema says, and what its builder says beside the schema.

use crate::problem::{self, Problem};
use crate::xsd::Report;

/// What is wrong with a message's shape.
#[derive(Debug, Default)]
pub struct Shape {
    /// In the order in which it was found.
    pub problems: Vec<Problem>,
    /// How many more errors there were than are kept.
    pub more: usize,
}

impl Shape {
    /// What the schema says, then what stands beside it.
    pub fn of(report: &Report, beside: Vec<Problem>) -> Self {
        let mut problems: Vec<_> = report.errors.iter().map(problem::from_schema).collect();
        problems.extend(beside);
        Self {
            problems,
            more: report.more,
        }
    }

    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.problems.is_empty() && self.more == 0
    }
}
