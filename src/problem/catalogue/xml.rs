//! xml

use super::Fault;

super::entries! {}
