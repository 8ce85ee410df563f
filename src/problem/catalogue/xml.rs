//! xml

use crate::problem::Fault;

super::entries! {}
