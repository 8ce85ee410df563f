//! Names that a hash function cannot tell apart: what was sent to parsers that keep attributes in a hash table. Found
//! here rather than listed: in each round two pairs of letters are looked for that lead to the same state, so that
//! each round doubles the number of names.

use std::collections::HashMap;

/// The letters of which names are made.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// This many different names of one length with the same 32-bit hash.
pub(super) fn colliding(hash: &str, count: usize) -> Vec<String> {
    let step: fn(u32, u8) -> u32 = match hash {
        "djbx31a" => |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()),
        "djbx33a" => |state, byte| state.wrapping_mul(33).wrapping_add(byte.into()),
        "djbx33x" => |state, byte| state.wrapping_mul(33) ^ u32::from(byte),
        other => panic!("no hash function {other}"),
    };
    // A name begins with a letter.
    let mut state = step(5381, b'n');
    let mut names = vec!["n".to_owned()];
    while names.len() < count {
        let (next, pairs) = same_next(state, step);
        names = names
            .iter()
            .flat_map(|name| {
                pairs.map(|[a, b]| format!("{name}{}{}", char::from(a), char::from(b)))
            })
            .collect();
        state = next;
    }
    names.truncate(count);
    names
}

/// Two pairs of letters that lead from a state to the same one.
fn same_next(state: u32, step: fn(u32, u8) -> u32) -> (u32, [[u8; 2]; 2]) {
    let mut seen = HashMap::new();
    for &a in LETTERS {
        for &b in LETTERS {
            let next = step(step(state, a), b);
            if let Some(other) = seen.insert(next, [a, b]) {
                return (next, [other, [a, b]]);
            }
        }
    }
    panic!("3844 pairs and no two alike from {state}");
}
