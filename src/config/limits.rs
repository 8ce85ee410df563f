//! The limits (kontrakt §10): what a caller may ask for before it is refused. Sizes in bytes, times in milliseconds.

use serde::Deserialize;

/// `[graenser]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Graenser {
    /// A request body, as sent.
    pub besked_bytes: u64,
    /// All bodies being read or worked on at one time, as far as they have come; no organisation holds more than it leaves.
    pub beskeder_i_alt_bytes: u64,
    /// All larger answers held at one time, from when they are built until they are sent.
    pub svar_i_alt_bytes: u64,
    /// Of these, answers to callers without a certificate.
    pub svar_offentlige_bytes: u64,
    /// Header lines of a request.
    pub header_antal: usize,
    /// One header line, name and value.
    pub header_bytes: usize,
    /// The head of a request: request line and all headers.
    pub headere_bytes: usize,
    /// Path and query.
    pub uri_bytes: usize,
    /// The TLS handshake.
    pub haandtryk_ms: u64,
    /// From connecting to the first byte of a request.
    pub foerste_byte_ms: u64,
    /// From the first byte of a request to the end of its headers.
    pub headere_ms: u64,
    /// Between two parts of a body.
    pub stilstand_ms: u64,
    /// From the end of the headers to the end of the body.
    pub kald_ms: u64,
    /// An open connection without a request.
    pub ledig_ms: u64,
    /// A caller that takes nothing of the answer sent to it.
    pub svar_stilstand_ms: u64,
    /// Bytes a second that a caller must take of an answer, judged over ten seconds; and all of it within ten minutes.
    pub svar_langsom_bytes: u64,
    /// Requests under way when the server is told to stop.
    pub nedlukning_ms: u64,
    /// Open connections on the service listener, and as many on the public one.
    pub forbindelser: usize,
    /// Open connections of one organisation on the service listener, by the CVR number of its certificate.
    pub forbindelser_pr_cvr: usize,
    /// Long polls that wait on the service listener, and as many on the public one.
    pub ventende: usize,
    /// Of these, long polls of one address, or of one organisation.
    pub ventende_pr_adresse: usize,
    /// Requests a second of one organisation there, after a burst.
    pub kald_pr_sekund: u64,
    /// The burst: requests at once after a pause.
    pub kald_i_traek: u64,
    /// A body must bring so many bytes a second, judged over ten seconds; and what has come again within `kald_ms`.
    pub langsom_bytes: u64,
    /// SOAP calls worked on at one time.
    pub kald_i_gang: usize,
    /// Depth of elements.
    pub xml_dybde: usize,
    /// Attributes of an element.
    pub xml_attributter: usize,
    /// Namespace declarations of an element.
    pub xml_navnerum: usize,
    /// Elements of a message.
    pub xml_elementer: usize,
    /// A name.
    pub xml_navn_bytes: usize,
    /// A text node.
    pub xml_tekst_bytes: usize,
}

impl Default for Graenser {
    fn default() -> Self {
        Self {
            besked_bytes: 10 << 20,
            beskeder_i_alt_bytes: 256 << 20,
            svar_i_alt_bytes: 256 << 20,
            svar_offentlige_bytes: 128 << 20,
            header_antal: 64,
            header_bytes: 8 << 10,
            headere_bytes: 32 << 10,
            uri_bytes: 4 << 10,
            haandtryk_ms: 5_000,
            foerste_byte_ms: 5_000,
            headere_ms: 5_000,
            stilstand_ms: 5_000,
            kald_ms: 30_000,
            ledig_ms: 15_000,
            svar_stilstand_ms: 15_000,
            svar_langsom_bytes: 1 << 10,
            nedlukning_ms: 7_000,
            forbindelser: 512,
            forbindelser_pr_cvr: 32,
            ventende: 384,
            ventende_pr_adresse: 64,
            kald_pr_sekund: 20,
            kald_i_traek: 60,
            langsom_bytes: 1 << 10,
            kald_i_gang: 128,
            xml_dybde: 64,
            xml_attributter: 64,
            xml_navnerum: 32,
            xml_elementer: 200_000,
            xml_navn_bytes: 256,
            xml_tekst_bytes: 1 << 20,
        }
    }
}
