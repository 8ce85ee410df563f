//! Locks that a panic does not close. What lies behind a lock here is whole at every step, so that the next caller may go on
//! with it: one request that panics must not stop the server for all others.

use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
    WaitTimeoutResult,
};
use std::time::Duration;

/// Locks; waits for its turn.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks beside other readers.
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks alone.
pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// Lets go of a lock until it is woken.
pub(crate) fn wait<'m, T>(wake: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    wake.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// The same, for at most so long.
pub(crate) fn wait_timeout<'m, T>(
    wake: &Condvar,
    guard: MutexGuard<'m, T>,
    patience: Duration,
) -> (MutexGuard<'m, T>, WaitTimeoutResult) {
    wake.wait_timeout(guard, patience)
        .unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_behind_a_lock_leaves_it_open_to_others() {
        let (mutex, both) = (Mutex::new(1), RwLock::new(1));
        let _ = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let (_one, _two) = (lock(&mutex), write(&both));
                    panic!("on purpose");
                })
                .join()
        });
        assert!(mutex.is_poisoned() && both.is_poisoned());
        assert_eq!(*lock(&mutex), 1);
        assert_eq!(*read(&both), 1);
        assert_eq!(*write(&both), 1);
    }
}
