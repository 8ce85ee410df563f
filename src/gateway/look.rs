//! Where a call is looked up: in one view of the register that its thread has already, or in views of its own.

use crate::identity::{Caller, Identify, Refused};
use crate::server::exchange::SoapCall;
use crate::store::{Read, Result, Store, StoreExt as _};

/// The store, or a view.
#[derive(Clone, Copy)]
pub(super) enum Look<'a> {
    Store(&'a dyn Store),
    At(&'a dyn Read),
}

impl Look<'_> {
    /// Reads in the view, or in one of its own.
    pub(super) fn read<T>(self, job: impl FnOnce(&dyn Read) -> Result<T>) -> Result<T> {
        match self {
            Self::Store(store) => store.read(job),
            Self::At(view) => job(view),
        }
    }

    /// Finds out who calls.
    pub(super) fn caller(
        self,
        identify: &Identify,
        call: &SoapCall,
    ) -> std::result::Result<Caller, Refused> {
        match self {
            Self::Store(store) => identify.caller(&call.peer, store),
            Self::At(view) => identify.caller_in(&call.peer, view),
        }
    }
}
