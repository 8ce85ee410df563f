//! The names of calls and answers. Their random bytes come from the system some hundred at a time: asked for one by one they cost
//! a call of the system each.

use std::cell::RefCell;

use uuid::{Builder, Uuid};

/// How many bytes are asked for at once.
const FETCHED: usize = 512;

/// Random bytes of a thread that nobody has used yet.
struct Random {
    bytes: [u8; FETCHED],
    left: usize,
}

thread_local! {
    static RANDOM: RefCell<Random> = const { RefCell::new(Random { bytes: [0; FETCHED], left: 0 }) };
}

/// Random bytes; none when the system gives none.
fn random<const N: usize>() -> Option<[u8; N]> {
    RANDOM.with_borrow_mut(|random| {
        if random.left < N {
            aws_lc_rs::rand::fill(&mut random.bytes).ok()?;
            random.left = FETCHED;
        }
        random.left -= N;
        let taken = random.bytes.get(random.left..random.left + N)?;
        taken.try_into().ok()
    })
}

/// A fresh id, ordered by time.
pub(crate) fn timed(millis: u64) -> Uuid {
    let made = random().map(|random| Builder::from_unix_timestamp_millis(millis, &random));
    made.map_or_else(Uuid::now_v7, Builder::into_uuid)
}

/// A fresh id.
pub(crate) fn fresh() -> Uuid {
    let made = random().map(Builder::from_random_bytes);
    made.map_or_else(Uuid::new_v4, Builder::into_uuid)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_different_and_say_what_they_are() {
        let mut seen = HashSet::new();
        for millis in 0..1000 {
            let (timed, fresh) = (timed(millis), fresh());
            assert_eq!((timed.get_version_num(), fresh.get_version_num()), (7, 4));
            let (secs, nanos) = timed.get_timestamp().unwrap().to_unix();
            assert_eq!(secs * 1000 + u64::from(nanos) / 1_000_000, millis);
            assert!(seen.insert(timed) && seen.insert(fresh));
        }
    }
}
