//! Where a server keeps its mirrors: replaced while it runs, read by everybody.

use std::sync::{Arc, RwLock};

use super::{CvrMirror, DarMirror, MirrorKind, Mirrors};
use crate::sync;

/// The mirrors of a server. A clone of what is in it stays as it is; the next who asks sees the new ones.
#[derive(Debug, Default)]
pub struct MirrorCell(RwLock<Held>);

#[derive(Debug, Default)]
struct Held {
    mirrors: Mirrors,
    /// Why a file on disk is not used, by mirror.
    error: [Option<String>; 2],
}

impl MirrorCell {
    /// Holding these.
    pub fn holding(mirrors: Mirrors) -> Self {
        Self(RwLock::new(Held {
            mirrors,
            error: [None, None],
        }))
    }

    /// The mirrors as they are now.
    pub fn now(&self) -> Mirrors {
        self.read(|held| held.mirrors.clone())
    }

    /// Why the file of a mirror is not the one that is used, where that is so.
    pub fn error(&self, kind: MirrorKind) -> Option<String> {
        self.read(|held| held.error[kind as usize].clone())
    }

    /// Puts a mirror of CVR in place, or takes it away.
    pub fn set_cvr(&self, cvr: Option<Arc<dyn CvrMirror>>) {
        self.write(|held| {
            held.mirrors.cvr = cvr;
            held.error[MirrorKind::Cvr as usize] = None;
        });
    }

    /// Puts a mirror of DAR in place, or takes it away.
    pub fn set_dar(&self, dar: Option<Arc<dyn DarMirror>>) {
        self.write(|held| {
            held.mirrors.dar = dar;
            held.error[MirrorKind::Dar as usize] = None;
        });
    }

    /// Tells that the file of a mirror can't be used; the mirror in use stays.
    pub fn failed(&self, kind: MirrorKind, why: String) {
        self.write(|held| held.error[kind as usize] = Some(why));
    }

    fn read<T>(&self, look: impl FnOnce(&Held) -> T) -> T {
        look(&sync::read(&self.0))
    }

    fn write(&self, change: impl FnOnce(&mut Held)) {
        change(&mut sync::write(&self.0));
    }
}
