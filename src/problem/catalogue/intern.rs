//! 9xxx: the service itself. Nothing internal is told; the correlation id finds it in the log.

use crate::problem::Fault;

super::entries! {
    INTERN = "DTR9001", Fejl, Fault::Receiver,
        "Tjenesten fejlede. Korrelations-id {id}.",
        "The service failed. Correlation id {id}.",
        "Intet er gemt. Prøv igen; bliver det ved, så giv registerets drift korrelations-id'et.",
        "Nothing was stored. Try again; if it persists, give the register's operator the correlation id.";
}
