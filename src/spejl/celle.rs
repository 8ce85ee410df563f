//! Where a server keeps its mirrors: replaced while it runs, read by everybody.

use std::sync::{Arc, PoisonError, RwLock};

use super::{CvrSpejl, DarSpejl, Slags, Spejle};

/// The mirrors of a server. A clone of what is in it stays as it is; the next who asks sees the new ones.
#[derive(Debug, Default)]
pub struct SpejlCelle(RwLock<Held>);

#[derive(Debug, Default)]
struct Held {
    spejle: Spejle,
    /// Why a file on disk is not used, by mirror.
    fejl: [Option<String>; 2],
}

impl SpejlCelle {
    /// Holding these.
    pub fn holding(spejle: Spejle) -> Self {
        Self(RwLock::new(Held {
            spejle,
            fejl: [None, None],
        }))
    }

    /// The mirrors as they are now.
    pub fn now(&self) -> Spejle {
        self.read(|held| held.spejle.clone())
    }

    /// Why the file of a mirror is not the one that is used, where that is so.
    pub fn fejl(&self, slags: Slags) -> Option<String> {
        self.read(|held| held.fejl[slags as usize].clone())
    }

    /// Puts a mirror of CVR in place, or takes it away.
    pub fn set_cvr(&self, cvr: Option<Arc<dyn CvrSpejl>>) {
        self.write(|held| {
            held.spejle.cvr = cvr;
            held.fejl[Slags::Cvr as usize] = None;
        });
    }

    /// Puts a mirror of DAR in place, or takes it away.
    pub fn set_dar(&self, dar: Option<Arc<dyn DarSpejl>>) {
        self.write(|held| {
            held.spejle.dar = dar;
            held.fejl[Slags::Dar as usize] = None;
        });
    }

    /// Tells that the file of a mirror can't be used; the mirror in use stays.
    pub fn failed(&self, slags: Slags, why: String) {
        self.write(|held| held.fejl[slags as usize] = Some(why));
    }

    fn read<T>(&self, look: impl FnOnce(&Held) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}
