//! schema

use super::Fault;

super::entries! {}
