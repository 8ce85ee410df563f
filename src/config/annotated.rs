//! The annotated `dtr.toml` that `dtr init` writes: the words an operator reads first.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::{Certifikat, Config, Hent, LogLevel, Logformat, Miljoe, Net, Nummerformat};

/// Writes a configuration with every key and its meaning.
pub(super) fn render(config: &Config) -> String {
    let mut out = String::with_capacity(8 << 10);
    for (key, comment, value) in lines(config) {
        if key.starts_with('[') || key.starts_with("# [") {
            let _ = write!(out, "\n# {comment}\n{key}\n");
            continue;
        }
        for line in comment.lines() {
            let _ = writeln!(out, "# {line}");
        }
        let _ = match value {
            Some(value) => writeln!(out, "{key} = {value}"),
            None => writeln!(out, "# {key} ="),
        };
    }
    out
}

/// A key, a `[section]` or one that is left out (`# [section]`), what it means, and its value; none: left out, the default is told in the comment.
type Line = (&'static str, &'static str, Option<String>);

fn lines(config: &Config) -> Vec<Line> {
    let mut all = vec![
        (
            "miljoe",
            "Configuration of dtr. Paths are relative to this file's folder; restart dtr after changing it.\n\
          Environment: \"produktion\", or \"test\" for trials and load tests.",
            Some(quoted(match config.miljoe {
                Miljoe::Produktion => "produktion",
                Miljoe::Test => "test",
            })),
        ),
        (
            "public_url",
            "The public address as callers reach it, e.g. \"https://dagtilbud.example\".\n\
          Left out: http://localhost and the port of lyt.public.",
            config.public_url.as_deref().map(quoted),
        ),
        (
            "service_url",
            "The service address as callers reach it; the WSDLs advertise it.\n\
          Left out: https://localhost and the port of lyt.service.",
            config.service_url.as_deref().map(quoted),
        ),
    ];
    all.extend(listeners(config));
    all.extend(register(config));
    all.extend(limits(config));
    all
}

fn listeners(config: &Config) -> Vec<Line> {
    let address = |at: std::net::SocketAddr| Some(quoted(&at.to_string()));
    let mut all = vec![
        (
            "[lyt]",
            "Lyt: where to listen. Port 0 takes any free one.",
            None,
        ),
        (
            "service",
            "SOAP, exports and feeds; mutual TLS.",
            address(config.lyt.service),
        ),
        (
            "public",
            "Documents for anyone; plain HTTP behind a proxy, or TLS (see offentlig_tls).",
            address(config.lyt.public),
        ),
        (
            "admin",
            "Metrics and health; loopback only.",
            address(config.lyt.admin),
        ),
        (
            "[proxy]",
            "Proxies in front of the public listener: who waits, holds answers and fills the log is told apart by address.",
            None,
        ),
        (
            "betroede",
            "Trusted: where they connect from, e.g. [\"192.0.2.7\", \"10.1.0.0/16\"]. Whatever anybody else says of an address\n\
          is ignored. None: behind a proxy all callers count as one.",
            Some(nets(&config.proxy.betroede)),
        ),
        (
            "adresse",
            "How they tell the caller's address: \"forwarded\", by the header Forwarded (RFC 7239; not X-Forwarded-For), or\n\
          \"proxy-v2\", by the PROXY protocol, version 2, at the beginning of each connection; then one without it is cut.",
            Some(quoted(config.proxy.adresse.as_str())),
        ),
        (
            "[tls]",
            "The service listener's certificate, and whose certificates its callers may use.",
            None,
        ),
        (
            "certifikat",
            "Certificate: PEM, the server's own first, then its issuers.",
            path(&config.tls.certifikat),
        ),
        ("noegle", "Private key: PEM.", path(&config.tls.noegle)),
        (
            "klient_ca",
            "Client CAs: PEM files of the CAs that issue callers' certificates.",
            paths(&config.tls.klient_ca),
        ),
        (
            "crl",
            "Revocation lists of those CAs, PEM or DER: files, or folders of files .crl, .pem and .der. They, like the\n\
          certificates above, are read again when they change, without a restart. Of an issuer's lists the newest counts.",
            paths(&config.tls.crl),
        ),
        (
            "crl_foraeldet_timer",
            "How many hours past its nextUpdate a list is believed; then every certificate of its issuer is refused.\n\
          0: not at all.",
            Some(config.tls.crl_foraeldet_timer.to_string()),
        ),
        (
            "uden_crl",
            "Without revocation list: those files of klient_ca whose CAs publish none.",
            paths(&config.tls.uden_crl),
        ),
        (
            "andet_miljoe",
            "CAs of the other environment, PEM: so that the log can say of a certificate of theirs what it is.",
            paths(&config.tls.andet_miljoe),
        ),
        (
            "hent",
            "Revocation lists to fetch, e.g. [{ url = \"http://crl.example/ca.crl\", fil = \"pki/ca.crl\" }]; the only\n\
          connections that dtr makes. A list is taken when a CA of klient_ca has signed it and it is newer. Left out: none.",
            sources(&config.tls.hent),
        ),
        (
            "hent_minutter",
            "How often they are fetched, in minutes.",
            Some(config.tls.hent_minutter.to_string()),
        ),
        (
            "tillad_eksempel_ca",
            "Accept the example CA that dtr init makes. Anyone may have its key: never with real data.",
            Some(config.tls.tillad_eksempel_ca.to_string()),
        ),
    ];
    all.extend(pair(
        ("[offentlig_tls]", "# [offentlig_tls]"),
        "TLS of the public listener, read again like that above. Left out: plain HTTP, behind a proxy.",
        config.offentlig_tls.as_ref(),
    ));
    all.extend(pair(
        ("[underskrift]", "# [underskrift]"),
        "Seals of documents (CMS, .p7s), for consumers that trust a CA. Read when the server starts. Left out: none.",
        config.underskrift.as_ref(),
    ));
    all
}

/// A section that may be left out: a certificate and its key.
fn pair(
    (there, left_out): (&'static str, &'static str),
    about: &'static str,
    pair: Option<&Certifikat>,
) -> [Line; 3] {
    [
        (pair.map_or(left_out, |_| there), about, None),
        (
            "certifikat",
            "Certificate, then its issuers: PEM.",
            pair.and_then(|pair| path(&pair.certifikat)),
        ),
        (
            "noegle",
            "Private key: PEM.",
            pair.and_then(|pair| path(&pair.noegle)),
        ),
    ]
}

fn register(config: &Config) -> Vec<Line> {
    vec![
        ("[database]", "The register.", None),
        (
            "fil",
            "File: the SQLite database; the caches of CVR and DAR lie beside it.",
            path(&config.database.fil),
        ),
        (
            "laesere",
            "Readers: connections that read, each with a thread.",
            Some(config.database.laesere.to_string()),
        ),
        (
            "skrivekoe",
            "Write queue: writes that may wait before callers are told that the service is busy.",
            Some(config.database.skrivekoe.to_string()),
        ),
        ("[nummer]", "How institution numbers are issued.", None),
        (
            "gulv",
            "Floor: numbers are issued above G and these five digits.",
            Some(config.nummer.gulv.to_string()),
        ),
        (
            "format",
            "\"decimal\": G and five digits. \"base36\" (0-9A-Z) for load tests, with miljoe = \"test\" only.",
            Some(quoted(match config.nummer.format {
                Nummerformat::Decimal => "decimal",
                Nummerformat::Base36 => "base36",
            })),
        ),
        ("[rettigheder]", "Who maintains private dagtilbud.", None),
        (
            "private_af_kommune",
            "The kommune that supervises them may.",
            Some(config.rettigheder.private_af_kommune.to_string()),
        ),
        (
            "private_af_ejer",
            "Their owner may change its own: where an agreement or CVR proves that it is the owner.",
            Some(config.rettigheder.private_af_ejer.to_string()),
        ),
        (
            "[log]",
            "The log, on standard error: one line per call, no message bodies and no personal data.",
            None,
        ),
        (
            "format",
            "\"tekst\" or \"json\".",
            Some(quoted(match config.log.format {
                Logformat::Tekst => "tekst",
                Logformat::Json => "json",
            })),
        ),
        (
            "niveau",
            "Level: \"error\", \"warn\", \"info\" (one line per call), \"debug\" or \"trace\".",
            Some(quoted(match config.log.niveau {
                LogLevel::Error => "error",
                LogLevel::Warn => "warn",
                LogLevel::Info => "info",
                LogLevel::Debug => "debug",
                LogLevel::Trace => "trace",
            })),
        ),
        (
            "anonyme_pr_sekund",
            "Lines a second, ten seconds' at once after a pause, of callers that nothing else bounds: on the public listener,\n\
          without a good certificate on the other, and beyond their rate. What is left out is counted. 0: any number.",
            Some(config.log.anonyme_pr_sekund.to_string()),
        ),
        (
            "spor",
            "OpenTelemetry collector (OTLP, http://host:4318) that gets a span for each call. Left out: none.",
            config.log.spor.as_deref().map(quoted),
        ),
        ("[kodetabeller]", "Code tables.", None),
        (
            "mappe",
            "Folder whose files replace the built-in tables. Left out: the built-in ones.",
            config.kodetabeller.mappe.as_deref().and_then(path),
        ),
        ("[revision]", "Revisionsspor: the audit chain.", None),
        (
            "noegle",
            "Key: PEM (Ed25519, PKCS#8) that signs published heads. Left out: they are not signed.\n\
          Make one: openssl genpkey -algorithm ed25519 -out pki/revision.pem",
            config.revision.noegle.as_deref().and_then(path),
        ),
        (
            "[kontrol]",
            "The monthly run: what is not as it should be in the register (dtr recheck).",
            None,
        ),
        (
            "dage",
            "Days between two runs of serve; 0: none.",
            Some(config.kontrol.dage.to_string()),
        ),
        (
            "[ur]",
            "The machine's clock, which dates what is written. See dtr ur godkend --help.",
            None,
        ),
        (
            "spring_timer",
            "Hours that the clock may leap while the server runs; beyond it no write is taken (503, DTR1041), until it is set\n\
          right or approved. A clock more than 30 days ahead of the register's last use is not believed at the start.",
            Some(config.ur.spring_timer.to_string()),
        ),
        (
            "[advarsler]",
            "Warnings that the answer to a write that went well carries, once for each message.",
            None,
        ),
        (
            "forventet_version",
            "Updates, moves and closings (v2) without forventetVersion: a change that others made meanwhile is not noticed.\n\
          .NET leaves it out unless forventetVersionSpecified is set too. Turn it off once your vendors mean to do without.",
            Some(config.advarsler.forventet_version.to_string()),
        ),
        (
            "message_id",
            "Writes without wsa:MessageID or Idempotency-Key: after a lost answer they can't safely be sent again.",
            Some(config.advarsler.message_id.to_string()),
        ),
    ]
}

fn limits(config: &Config) -> Vec<Line> {
    let g = &config.graenser;
    let n = |value: usize| Some(value.to_string());
    let n64 = |value: u64| Some(value.to_string());
    vec![
        (
            "[graenser]",
            "Limits. Sizes in bytes, times in milliseconds. A caller beyond one is refused, with the reason.",
            None,
        ),
        ("besked_bytes", "A request body.", n64(g.besked_bytes)),
        (
            "beskeder_i_alt_bytes",
            "All request bodies held at one time, as far as they have come. No organisation holds more than it leaves to the others.",
            n64(g.beskeder_i_alt_bytes),
        ),
        (
            "svar_i_alt_bytes",
            "All larger answers held at one time, from when they are built until they are sent.",
            n64(g.svar_i_alt_bytes),
        ),
        (
            "svar_offentlige_bytes",
            "Of these, answers to callers without a certificate. No address holds more than it leaves to the others, but\n\
          always one answer; and no organisation on the service listener.",
            n64(g.svar_offentlige_bytes),
        ),
        (
            "header_antal",
            "Header lines of a request.",
            n(g.header_antal),
        ),
        ("header_bytes", "One header line.", n(g.header_bytes)),
        (
            "headere_bytes",
            "Request line and all headers together.",
            n(g.headere_bytes),
        ),
        ("uri_bytes", "Path and query.", n(g.uri_bytes)),
        ("haandtryk_ms", "The TLS handshake.", n64(g.haandtryk_ms)),
        (
            "foerste_byte_ms",
            "From connecting to the first byte of a request.",
            n64(g.foerste_byte_ms),
        ),
        (
            "headere_ms",
            "From the first byte of a request to the end of its headers.",
            n64(g.headere_ms),
        ),
        (
            "stilstand_ms",
            "Between two parts of a body.",
            n64(g.stilstand_ms),
        ),
        (
            "kald_ms",
            "From the end of the headers to the end of the body.",
            n64(g.kald_ms),
        ),
        (
            "ledig_ms",
            "An open connection without a request.",
            n64(g.ledig_ms),
        ),
        (
            "svar_stilstand_ms",
            "A caller that takes nothing of the answer sent to it.",
            n64(g.svar_stilstand_ms),
        ),
        (
            "svar_langsom_bytes",
            "Bytes a second that a caller must take of an answer, judged over ten seconds; of a large one so many that all\n\
          of it is taken within ten minutes. 0: any.",
            n64(g.svar_langsom_bytes),
        ),
        (
            "nedlukning_ms",
            "Requests under way when the server is told to stop.",
            n64(g.nedlukning_ms),
        ),
        (
            "forbindelser",
            "Open connections on the service listener, and as many on the public one. When all are taken, one makes room that\n\
          never spoke, else one that lets the server wait, else a long poll, which is answered.",
            n(g.forbindelser),
        ),
        (
            "forbindelser_pr_cvr",
            "Of these, open connections of one organisation on the service listener; beyond it they get 429.",
            n(g.forbindelser_pr_cvr),
        ),
        (
            "ventende",
            "Long polls (vent) that wait on the service listener, and as many on the public one. Beyond it the one that has\n\
          waited longest is answered.",
            n(g.ventende),
        ),
        (
            "ventende_pr_adresse",
            "Of these, long polls of one address (of IPv6: one network of 64 bits), or of one organisation.",
            n(g.ventende_pr_adresse),
        ),
        (
            "kald_pr_sekund",
            "Requests a second of one organisation there; beyond it they get 429 and are told when to come again.",
            n64(g.kald_pr_sekund),
        ),
        (
            "kald_i_traek",
            "The burst: requests at once after a pause.",
            n64(g.kald_i_traek),
        ),
        (
            "langsom_bytes",
            "Bytes a second that a body must bring, judged over ten seconds; of a body of which much has come, so many that as\n\
          much again would come within kald_ms. 0: any.",
            n64(g.langsom_bytes),
        ),
        (
            "kald_i_gang",
            "SOAP calls worked on at one time; beyond it callers get 503 and try again.",
            n(g.kald_i_gang),
        ),
        (
            "xml_dybde",
            "Depth of elements in a message.",
            n(g.xml_dybde),
        ),
        (
            "xml_attributter",
            "Attributes of an element.",
            n(g.xml_attributter),
        ),
        (
            "xml_navnerum",
            "Namespace declarations of an element.",
            n(g.xml_navnerum),
        ),
        (
            "xml_elementer",
            "Elements of a message.",
            n(g.xml_elementer),
        ),
        ("xml_navn_bytes", "A name.", n(g.xml_navn_bytes)),
        ("xml_tekst_bytes", "A text node.", n(g.xml_tekst_bytes)),
    ]
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn path(path: &Path) -> Option<String> {
    Some(quoted(&path.to_string_lossy()))
}

fn paths(paths: &[PathBuf]) -> Option<String> {
    let quoted: Vec<String> = paths.iter().filter_map(|each| path(each)).collect();
    Some(format!("[{}]", quoted.join(", ")))
}

fn nets(list: &[Net]) -> String {
    let quoted: Vec<String> = list.iter().map(|each| quoted(&each.to_string())).collect();
    format!("[{}]", quoted.join(", "))
}

fn sources(list: &[Hent]) -> Option<String> {
    let shown = list.iter().map(|source| {
        let file = quoted(&source.fil.display().to_string());
        format!("{{ url = {}, fil = {file} }}", quoted(&source.url))
    });
    let shown: Vec<_> = shown.collect();
    (!shown.is_empty()).then(|| format!("[{}]", shown.join(", ")))
}
