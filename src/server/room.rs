//! How many connections a listener holds, and which of them makes room for another: first one that has never spoken, then the
//! one that has let the server wait longest, then the long poll that has waited longest, which is answered for it. So nobody
//! keeps others out by opening connections and leaving them, however many, and a poll takes no place from who does not wait.
//!
//! Of those that never spoke and of polls one of the address with the most has to go: who opens many sends away its own.
//! What an organisation may hold is counted in [`super::rates`], once its certificate is known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::pace::{Pace, Waits};
use super::who::Address;
use crate::sync::lock;

/// A connection is given so long before it has to make room: enough to send a request and take its answer.
const GRACE: Duration = Duration::from_millis(500);

/// One that has never spoken is given less: a place for a caller that is there is worth more.
const SILENT_GRACE: Duration = Duration::from_millis(50);

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

    /// A place for one more connection. Where all are taken another connection is told to leave; where all of those are at work
    /// or new, this one gets no place.
    pub(crate) fn enter(self: &Arc<Self>, pace: &Arc<Pace>, now: Instant) -> Option<Seat> {
        let mut held = lock(&self.held);
        if held.len() >= self.most {
            let at = who_leaves(&held, now)?;
            held.swap_remove(at).leave();
        }
        held.push(Arc::clone(pace));
        Some(Seat {
            room: Arc::clone(self),
            pace: Arc::clone(pace),
        })
    }
}

/// The connection that makes room, if one can.
fn who_leaves(held: &[Arc<Pace>], now: Instant) -> Option<usize> {
    let waits: Vec<_> = held.iter().map(|pace| pace.waits(now)).collect();
    // Where one waits in this way, for so long at least, and how long.
    let of = |wanted: Waits, least: Duration| {
        let each = waits.iter().copied().enumerate();
        each.filter_map(move |(at, (way, waited))| {
            (way == wanted && waited >= least).then_some((at, waited))
        })
    };
    let idle = || of(Waits::Caller, GRACE).max_by_key(|(_, waited)| *waited);
    of_most(held, of(Waits::Silent, SILENT_GRACE))
        .or_else(|| idle().map(|(at, _)| at))
        .or_else(|| of_most(held, of(Waits::Poll, GRACE)))
}

/// Of some that wait: the one that has waited longest, of the address with the most of them.
fn of_most(held: &[Arc<Pace>], waiting: impl Iterator<Item = (usize, Duration)>) -> Option<usize> {
    // By address: how many, and the longest-waiting with its time.
    let mut by: HashMap<Address, (usize, Duration, usize)> = HashMap::new();
    for (at, waited) in waiting {
        let entry = by.entry(held[at].address()).or_insert((0, waited, at));
        entry.0 += 1;
        if waited > entry.1 {
            (entry.1, entry.2) = (waited, at);
        }
    }
    by.into_values().max().map(|(_, _, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection from 192.0.2.`last`.
    fn silent(at: Instant, last: u8) -> Arc<Pace> {
        Arc::new(Pace::at(at, [192, 0, 2, last].into()))
    }

    /// One that has spoken.
    fn spoken(at: Instant, last: u8) -> Arc<Pace> {
        let pace = silent(at, last);
        pace.has_spoken();
        pace
    }

    #[tokio::test]
    async fn the_longest_waiting_makes_room() {
        let (room, from) = (Room::new(2), Instant::now());
        let after = |ms| from + Duration::from_millis(ms);
        let paces = [
            spoken(from, 1),
            spoken(after(100), 1),
            spoken(after(700), 1),
        ];
        let first = room.enter(&paces[0], from).unwrap();
        let second = room.enter(&paces[1], after(100)).unwrap();
        // Nobody has waited long enough to be sent away.
        assert!(room.enter(&paces[2], after(400)).is_none());
        let third = room.enter(&paces[2], after(700)).unwrap();
        paces[0].told_to_leave().await;
        // Its own end takes no place from the others.
        drop(first);
        assert!(room.enter(&spoken(after(750), 1), after(599)).is_none());
        drop((second, third));
        assert!(lock(&room.held).is_empty());
    }

    #[tokio::test]
    async fn who_is_being_answered_keeps_its_place() {
        let (room, from) = (Room::new(1), Instant::now());
        let much_later = from + Duration::from_secs(60);
        let working = spoken(from, 1);
        let _seat = room.enter(&working, from).unwrap();
        working.busy();
        assert!(room.enter(&spoken(much_later, 1), much_later).is_none());
        // Waiting for the caller to take its answer is waiting again.
        working.answering(0);
        assert!(room.enter(&spoken(much_later, 1), much_later).is_some());
        working.told_to_leave().await;
    }

    #[tokio::test]
    async fn who_never_spoke_is_sent_away_first() {
        let (room, from) = (Room::new(4), Instant::now());
        let after = |ms| from + Duration::from_millis(ms);
        let idle = spoken(from, 1);
        let other = silent(after(900), 2);
        let many = [silent(after(1000), 3), silent(after(1010), 3)];
        let mut seats = Vec::new();
        for pace in [&idle, &other, &many[0], &many[1]] {
            seats.push(room.enter(pace, after(1010)).unwrap());
        }
        // The oldest of who has most, though others have waited longer; then it is the other address's turn.
        seats.push(room.enter(&spoken(after(1100), 4), after(1100)).unwrap());
        many[0].told_to_leave().await;
        seats.push(room.enter(&spoken(after(1100), 4), after(1100)).unwrap());
        other.told_to_leave().await;
        seats.push(room.enter(&spoken(after(1100), 4), after(1100)).unwrap());
        many[1].told_to_leave().await;
        seats.push(room.enter(&spoken(after(1100), 4), after(1100)).unwrap());
        idle.told_to_leave().await;
        assert!(room.enter(&spoken(after(1100), 4), after(1100)).is_none());
    }

    #[tokio::test]
    async fn a_poll_makes_room_when_nobody_else_can() {
        let (room, from) = (Room::new(2), Instant::now());
        let after = |ms| from + Duration::from_millis(ms);
        let (poll, idle) = (spoken(from, 1), spoken(from, 2));
        let _seats = [&poll, &idle].map(|pace| room.enter(pace, from).unwrap());
        poll.busy();
        poll.polling();
        let _third = room.enter(&spoken(after(600), 3), after(600)).unwrap();
        idle.told_to_leave().await;
        // What is new is let be, so the poll is answered.
        let _fourth = room.enter(&spoken(after(600), 3), after(600)).unwrap();
        poll.told_to_answer().await;
        assert!(poll.is_leaving());
    }
}
