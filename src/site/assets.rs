//! The style sheet, built in.

use std::sync::LazyLock;

use aws_lc_rs::digest;

use crate::hex::Hex;

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("stil.css");

/// The style sheet's path. The part behind `?` changes with its content, so that no browser shows a new page in an old style.
pub(super) fn style_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let hash = digest::digest(&digest::SHA256, STYLE.as_bytes());
        format!("/stil.css?{}", Hex(&hash.as_ref()[..4]))
    });
    &PATH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_is_small_and_loads_nothing() {
        assert!(STYLE.len() <= 15_000, "{}", STYLE.len());
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
