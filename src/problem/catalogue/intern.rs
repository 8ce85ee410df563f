//! 9xxx: the service itself. Nothing internal is told; the correlation id finds it in the log.

use crate::problem::Fault;

super::entries! {
    Internal;
    INTERN = "DTR9001", Fejl, Fault::Receiver,
        "Tjenesten fejlede. Korrelations-id {id}.",
        "The service failed. Correlation id {id}.",
        "Intet er gemt. Prøv igen; bliver det ved, så giv registerets drift korrelations-id'et.",
        "Nothing was stored. Try again; if it persists, give the register's operator the correlation id.";
    UVIST = "DTR9002", Fejl, Fault::Receiver,
        "Tjenesten fejlede, og det vides ikke, om beskeden er gemt. Korrelations-id {id}.",
        "The service failed, and it is not known whether the message was stored. Correlation id {id}.",
        "Send samme besked igen med samme wsa:MessageID eller Idempotency-Key: er den gemt, kommer det samme svar; ellers gemmes den nu. Havde den ingen, så slå først op, om den er gemt.",
        "Send the same message again with the same wsa:MessageID or Idempotency-Key: if it was stored the same answer comes; else it is stored now. If it had none, first look up whether it was stored.";
}
