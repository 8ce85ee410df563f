//! How many connections a listener holds, and which of them makes room for another: the one that has let the server wait
//! longest. So nobody keeps others out by opening connections and leaving them, however many.
//!
//! What an organisation may hold is counted in [`super::rates`], once its certificate is known.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::stream::Pace;

/// A connection is given so long before it has to make room: enough to shake hands and send a request.
const GRACE: Duration = Duration::from_millis(500);

/// The open connections of a listener, in no order.
#[derive(Debug)]
pub(crate) struct Room {
    most: usize,
    held: Mutex<Vec<Arc<Pace>>>,
}

/// A connection's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    room: Arc<Room>,
    pace: Arc<Pace>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = lock(&self.room.held);
        // It is there no more when it had to make room.
        if let Some(at) = held.iter().position(|each| Arc::ptr_eq(each, &self.pace)) {
            held.swap_remove(at);
        }
    }
}

impl Room {
    /// Room for so many connections.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: Mutex::default(),
        })
    }

    /// A place for one more connection. When there is none, the one that has kept the server waiting longest is told to
    /// leave; when all of them are at work or new, there is none for this one.
    pub(crate) fn enter(self: &Arc<Self>, pace: &Arc<Pace>, now: Instant) -> Option<Seat> {
        let mut held = lock(&self.held);
        if held.len() >= self.most {
            let (at, waited) = held
                .iter()
                .enumerate()
                .filter_map(|(at, each)| Some((at, each.waited(now)?)))
                .max_by_key(|(_, waited)| *waited)?;
            if waited < GRACE {
                return None;
            }
            held.swap_remove(at).leave();
        }
        held.push(Arc::clone(pace));
        Some(Seat {
            room: Arc::clone(self),
            pace: Arc::clone(pace),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A list of handles is whole at every step, so a poisoned one is as good.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(at: Instant) -> Arc<Pace> {
        Arc::new(Pace::at(at))
    }

    #[tokio::test]
    async fn the_longest_waiting_makes_room() {
        let (room, from) = (Room::new(2), Instant::now());
        let after = |ms| from + Duration::from_millis(ms);
        let paces = [pace(from), pace(after(100)), pace(after(700))];
        let first = room.enter(&paces[0], from).unwrap();
        let second = room.enter(&paces[1], after(100)).unwrap();
        // Nobody has waited long enough to be sent away.
        assert!(room.enter(&paces[2], after(400)).is_none());
        let third = room.enter(&paces[2], after(700)).unwrap();
        paces[0].told_to_leave().await;
        // Its own end takes no place from the others.
        drop(first);
        assert!(room.enter(&pace(after(750)), after(599)).is_none());
        drop((second, third));
        assert!(lock(&room.held).is_empty());
    }

    #[tokio::test]
    async fn who_is_being_answered_keeps_its_place() {
        let (room, from) = (Room::new(1), Instant::now());
        let much_later = from + Duration::from_secs(60);
        let working = pace(from);
        let _seat = room.enter(&working, from).unwrap();
        working.busy();
        assert!(room.enter(&pace(much_later), much_later).is_none());
        // Waiting for the caller to take its answer is waiting again.
        working.answering();
        assert!(room.enter(&pace(much_later), much_later).is_some());
        working.told_to_leave().await;
    }
}
