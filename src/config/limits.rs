//! The limits (kontrakt §10): what a caller may ask for before it is refused. Sizes in bytes, times in milliseconds.

use serde::{Deserialize, Serialize};

use super::annotated::section;

/// A section whose keys are numbers: each with its default, and the least that makes sense beside what `$own` has.
macro_rules! limits {
    (
        $own:ident;
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $($(#[doc = $word:literal])+ $key:ident: $kind:ty = $begins:expr, at least $least:expr;)*
        }
    ) => {
        section! {
            $(#[doc = $about])+
            pub struct $name { $($(#[doc = $word])+ $key: $kind = $begins;)* }
        }

        impl $name {
            /// Every limit by its key: its value, and the least that makes sense.
            pub(super) fn numbers(&self) -> Vec<(&'static str, u64, u64)> {
                let $own = self;
                vec![$((concat!("graenser.", stringify!($key)), $own.$key as u64, $least),)*]
            }
        }
    };
}

limits! {
    own;
    /// `[graenser]`.
    pub struct Graenser {
        /// A request body.
        besked_bytes: u64 = 10 << 20, at least 1024;
        /// All request bodies held at one time, as far as they have come. No organisation holds more than it leaves to the others.
        // Nobody gets more than half of it.
        beskeder_i_alt_bytes: u64 = 256 << 20, at least own.besked_bytes.saturating_mul(2);
        /// All larger answers held at one time, from when they are built until they are sent.
        svar_i_alt_bytes: u64 = 256 << 20, at least 1 << 20;
        /// Of these, answers to callers without a certificate. No address holds more than it leaves to the others, but
        /// always one answer; and no organisation on the service listener.
        svar_offentlige_bytes: u64 = 128 << 20, at least 1 << 20;
        /// Header lines of a request.
        header_antal: usize = 64, at least 8;
        /// One header line.
        header_bytes: usize = 8 << 10, at least 256;
        /// Request line and all headers together.
        // With fewer, ordinary clients are refused.
        headere_bytes: usize = 32 << 10, at least 1024;
        /// Path and query.
        uri_bytes: usize = 4 << 10, at least 64;
        /// The TLS handshake.
        haandtryk_ms: u64 = 5_000, at least 1;
        /// From connecting to the first byte of a request.
        foerste_byte_ms: u64 = 5_000, at least 1;
        /// From the first byte of a request to the end of its headers.
        headere_ms: u64 = 5_000, at least 1;
        /// Between two parts of a body.
        stilstand_ms: u64 = 5_000, at least 1;
        /// From the end of the headers to the end of the body.
        kald_ms: u64 = 30_000, at least 1;
        /// An open connection without a request.
        ledig_ms: u64 = 15_000, at least 1;
        /// A caller that takes nothing of the answer sent to it.
        svar_stilstand_ms: u64 = 15_000, at least 1;
        /// Bytes a second that a caller must take of an answer, judged over ten seconds; of a large one so many that all
        /// of it is taken within ten minutes. 0: any.
        svar_langsom_bytes: u64 = 1 << 10, at least 0;
        /// Requests under way when the server is told to stop.
        nedlukning_ms: u64 = 7_000, at least 0;
        /// Open connections on the service listener, and as many on the public one. When all are taken, one makes room that
        /// never spoke, else one that lets the server wait, else a long poll, which is answered.
        forbindelser: usize = 512, at least 1;
        /// Of these, open connections of one organisation on the service listener; beyond it they get 429.
        forbindelser_pr_cvr: usize = 32, at least 1;
        /// Long polls (vent) that wait on the service listener, and as many on the public one. Beyond it the one that has
        /// waited longest is answered.
        ventende: usize = 384, at least 1;
        /// Of these, long polls of one address (of IPv6: one network of 64 bits), or of one organisation.
        ventende_pr_adresse: usize = 64, at least 1;
        /// Requests a second of one organisation there; beyond it they get 429 and are told when to come again.
        kald_pr_sekund: u64 = 20, at least 1;
        /// The burst: requests at once after a pause.
        kald_i_traek: u64 = 60, at least 1;
        /// Bytes a second that a body must bring, judged over ten seconds; of a body of which much has come, so many that as
        /// much again would come within kald_ms. 0: any.
        langsom_bytes: u64 = 1 << 10, at least 0;
        /// SOAP calls worked on at one time; beyond it callers get 503 and try again.
        kald_i_gang: usize = 128, at least 1;
        /// Depth of elements in a message.
        xml_dybde: usize = 64, at least 8;
        /// Attributes of an element.
        xml_attributter: usize = 64, at least 4;
        /// Namespace declarations of an element.
        xml_navnerum: usize = 32, at least 4;
        /// Elements of a message.
        xml_elementer: usize = 200_000, at least 16;
        /// A name.
        xml_navn_bytes: usize = 256, at least 64;
        /// A text node.
        xml_tekst_bytes: usize = 1 << 20, at least 1024;
    }
}
