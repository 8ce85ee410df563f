//! dtr
