//! Why the store could not do what it was asked, and what is known of a write then.

/// Why the store could not do what it was asked. Nothing of it is shown to callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No institution number is left in the series.
    #[error("no institution number is left in the series")]
    NumbersExhausted,
    /// The queue of the writer is full, or another process writes for too long: try again later.
    #[error("the store is busy: try again later")]
    Busy,
    /// The store is closing or closed.
    #[error("the store is closed")]
    Closed,
    /// The database says something that this version does not understand.
    #[error("the database is damaged or of another version: {0}")]
    Corrupt(String),
    /// What was asked is not done as things stand, and nothing has failed. The text says why, and what to do.
    #[error("{0}")]
    Refused(String),
    /// The database or the disk failed, and nothing was stored.
    #[error("the database failed: {0}")]
    Failed(String),
    /// There is no room on the disk, and nothing was stored.
    #[error("there is no room for the register: {0}; make room, or move it to a larger disk")]
    Full(String),
    /// The commit failed on its way to the disk. What it held may be there after a restart, and may not.
    #[error("it is not known whether it was stored: {0}")]
    Unknown(String),
    /// The machine's clock is not believed: nothing is written that would be dated by it.
    #[error("{0}")]
    Clock(String),
    /// A file that is open was removed, replaced, or changed by a newer program: nothing is written any more.
    #[error("{0}")]
    Gone(String),
}

impl StoreError {
    /// What is known when a commit ended with this. Where there was no room its last page, which makes it one, was not
    /// written; after any other failure it may have been.
    pub(crate) fn of_a_commit(self) -> Self {
        match self {
            Self::Full(_) | Self::Busy => self,
            other => Self::Unknown(other.detail()),
        }
    }

    /// What a job is told of a commit that failed: one that keeps nothing knows that nothing of it was stored.
    pub(crate) fn of(self, kept: bool) -> Self {
        match self {
            Self::Unknown(why) if !kept => Self::Failed(why),
            other => other,
        }
    }

    /// What went wrong, without its kind where the rest says it all: for a person at the command line.
    pub fn detail(&self) -> String {
        match self {
            Self::Failed(why) | Self::Corrupt(why) | Self::Full(why) => why.clone(),
            other => other.to_string(),
        }
    }
}
