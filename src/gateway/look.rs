//! Where a call is looked up and read: a small one at once, in one view of the register, by the thread that it came to; a
//! large one by a thread that may block.

use std::sync::Arc;

use super::{Next, SoapDesk};
use crate::identity::{Caller, Identify, Refused};
use crate::server::exchange::SoapCall;
use crate::store::{Read, Result, Store, StoreExt as _};

/// A message up to this size, in bytes, is read at once: judging it takes some tens of microseconds, and handing it to
/// another thread and back takes as long.
const SMALL: usize = 8 << 10;

impl<S: Store> SoapDesk<S> {
    /// Reads a call, and finds out what to do.
    pub(super) async fn next(
        self: &Arc<Self>,
        call: SoapCall,
    ) -> std::result::Result<Next, String> {
        let small = call.body.len() <= SMALL;
        let (mut call, mut next) = (Some(call), None);
        if small {
            // When all readers are at work they are not waited for here.
            let _ = self.common.store.read_now_boxed(&mut |view| {
                let look = Look::At(view);
                next = call.take().map(|call| self.read_call(look, call));
                Ok(())
            });
        }
        match (next, call) {
            (Some(next), _) => Ok(next),
            (None, Some(call)) => {
                let desk = Arc::clone(self);
                let read = move || desk.read_call(Look::Store(&*desk.common.store), call);
                tokio::task::spawn_blocking(read)
                    .await
                    .map_err(|error| error.to_string())
            }
            (None, None) => Err("a call was lost".to_owned()),
        }
    }
}

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
