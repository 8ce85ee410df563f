//! JSON objects as providers sign them: a member that comes twice is refused, since two readers could each take another one.

use std::fmt;

use serde::de::{self, Deserializer as _, MapAccess, Visitor};
use serde_json::{Map, Value};

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            if map.insert(name, value).is_some() {
                return Err(de::Error::custom("a member comes twice"));
            }
        }
        Ok(map)
    }
}

/// Reads an object, whose own members come once each.
pub(super) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let map = reader.deserialize_map(Once).ok()?;
    reader.end().ok()?;
    Some(map)
}

/// A member that is a text.
pub(super) fn text<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    map.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_once_and_nothing_after_the_object() {
        assert!(object(br#"{"a": 1, "b": {"a": 2}}"#).is_some());
        for wrong in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1}x"#,
            "[1]",
            "",
            "null",
            r#"{"a":"#,
        ] {
            assert!(object(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }
}
