//! A panic while a call is answered. The product has no call that panics, so the server is given a gateway here that
//! does, behind the same listeners, TLS and faults as always.

use std::sync::Arc;

use dtr::app;
use dtr::client::Client;
use dtr::clock::Clock;
use dtr::contract::SoapVersion;
use dtr::contract::services::ALL;
use dtr::identity::PeerChain;
use dtr::identity::refusal::Refusals;
use dtr::metrics::Metrics;
use dtr::problem::Problem;
use dtr::register::Tidspunkt;
use dtr::server::exchange::{Answer, Backend, DocumentCall, SoapCall};
use dtr::server::{Listeners, Parts, TlsCell};
use dtr::soap::{Failure, Reply};
use tokio::runtime::Runtime;

use crate::support::{Caller, Folder, app as support, pki};
use crate::threats::{Outcome, svar};

/// What the panic says, which nobody may see.
const SECRET: &str = "postgres://hemmelig";

struct Panics;

impl Panics {
    fn answer(version: SoapVersion, (status, bytes): (u16, Vec<u8>)) -> Answer {
        Answer::new(status, version.content_type(), bytes)
    }
}

impl Backend for Panics {
    async fn admit(self: Arc<Self>, _: PeerChain, _: uuid::Uuid) -> Result<(), Box<Problem>> {
        Ok(())
    }

    async fn soap(self: Arc<Self>, call: SoapCall) -> Answer {
        assert!(!call.body.ends_with(b"PANIK"), "{SECRET}");
        let bytes = dtr::soap::envelope(Reply::bare(call.version), "", 0, None, |w| {
            w.leaf("hej", "");
        });
        Self::answer(call.version, (200, bytes))
    }

    async fn document(self: Arc<Self>, _: DocumentCall) -> Answer {
        panic!("{SECRET}")
    }

    fn refuse(&self, version: Option<SoapVersion>, problem: Problem, id: uuid::Uuid) -> Answer {
        let version = version.unwrap_or(SoapVersion::V11);
        let failure = Failure::of(&problem, id, Tidspunkt::from_millis(0));
        Self::answer(version, dtr::soap::fault(Reply::bare(version), &failure))
    }

    async fn ready(self: Arc<Self>) -> Result<(), String> {
        Ok(())
    }
}

pub(super) fn run(runtime: &Runtime) -> Outcome {
    runtime.block_on(async {
        let folder = Folder::new();
        let config = support::config(&folder.join("register.db"));
        let tls = app::service_tls(&config).map_err(|error| error.to_string())?;
        let end = Tidspunkt::from_millis(tls.not_after.unix_timestamp() * 1000);
        let parts = Parts {
            spor: None,
            calls: dtr::calls::CallLog::none(),
            backend: Arc::new(Panics),
            contract: Arc::new(|_: &str| None),
            services: ALL.to_vec(),
            tls: Arc::new(TlsCell::new(Arc::clone(&tls.config), end)),
            public_tls: None,
            clock: Clock::System,
            metrics: Arc::new(Metrics::new()),
            refusals: Arc::new(Refusals::default()),
            mirrors: Arc::default(),
        };
        let listeners = Listeners::bind(&config.lyt, false)
            .await
            .map_err(|error| error.to_string())?;
        let running = listeners.serve(&config, parts);
        let read = |file: &str| std::fs::read(pki::folder().join(file)).unwrap();
        let identity = (read("kommune.pem"), read("kommune.key"));
        let client = Client::new(&read("ca.pem"), Some((&identity.0, &identity.1))).unwrap();
        let client = crate::support::patient(client);
        let caller = Caller::new(
            client,
            format!("https://localhost:{}", running.service.port()),
            false,
        );
        for soap12 in [false, true] {
            let call = caller.import_v2("").bytes(*b"PANIK");
            let call = if soap12 { call.soap12() } else { call };
            let answer = call.send().await;
            let (text, id) = (
                answer.text(),
                answer.0.header("x-korrelations-id").unwrap_or("(none)"),
            );
            svar::conforms(if soap12 { "1.2" } else { "1.1" }, &text)?;
            if answer.status() != 500 || answer.fault_code() != "DTR9002" || !text.contains(id) {
                return Err(format!("{} {text}", answer.status()));
            }
            if text.contains(SECRET) || text.contains(".rs") {
                return Err(format!("too much: {text}"));
            }
            // The process lives, and takes the next call.
            let next = caller.import_v2("").bytes(*b"<a/>").send().await;
            if next.status() != 200 {
                return Err(format!("the next call: {}", next.text()));
            }
        }
        running.stop().await;
        Ok(())
    })
}
