//! schema

use crate::problem::Fault;

super::entries! {}
