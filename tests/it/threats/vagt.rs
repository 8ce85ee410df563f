//! A server under watch, as a process of its own, and the rule that every hostile message is held to (the top of the
//! catalogue): the right answer, in time, in little memory, with the register and the audit chain as they were, nobody
//! called, and the next caller served.

use std::cell::OnceCell;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::besked::{Trin, steps};
use super::svar::{Svar, judge};
use super::{Case, Outcome};
use crate::support::messages::{institution, write};
use crate::support::process::{Server, installation};
use crate::support::raw::RawConnection;
use crate::support::{Folder, cpu};

/// The processor time that a message may cost the server.
const COST: Duration = Duration::from_millis(250);

/// What is beyond that may cost as much as so many harmless messages of the largest size: a build without optimisation is
/// slower by an order of magnitude, for the harmless and the hostile alike.
const DEARER: u32 = 4;

/// The size of the harmless message, in bytes: somewhat less than the largest that is taken.
const LARGE: usize = 9 << 20;

/// How much more memory than before a message may take at its peak, in KiB.
const MEMORY: u64 = 16 << 10;

/// What a refused message must leave as it is.
#[derive(Debug, PartialEq, Eq)]
struct State {
    records: i64,
    changes: i64,
    answers: i64,
    /// Audit lines of what was stored; refusals have theirs.
    audited: i64,
}

/// The server, and what is looked at from outside.
pub(super) struct Vagt {
    pub runtime: Runtime,
    pub folder: Folder,
    pub server: Server,
    listener: TcpListener,
    database: rusqlite::Connection,
    /// What a harmless message of the largest size costs.
    harmless: OnceCell<Duration>,
}

impl Vagt {
    /// Starts a server on an empty register.
    pub(super) fn start() -> Self {
        Self::with(|config| config)
    }

    /// The same with the text of its configuration changed.
    pub(super) fn with(change: impl FnOnce(String) -> String) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let folder = Folder::new();
        runtime.block_on(installation(&folder));
        let file = folder.join("dtr.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        // All cases are of few callers, who are in a hurry.
        let config = config.replace("kald_i_traek = 60", "kald_i_traek = 100000");
        let config = change(config);
        std::fs::write(file, config).unwrap();
        let server = Server::start(&folder.join(""));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let database = rusqlite::Connection::open(folder.join("register.db")).unwrap();
        let this = Self {
            runtime,
            folder,
            server,
            listener,
            database,
            harmless: OnceCell::new(),
        };
        // Whatever the first call makes once is not the growth of a case.
        this.serves_on().unwrap();
        this
    }

    /// The cases of a section that are messages, one after another.
    pub(super) fn all(&self, cases: &[Case]) -> Vec<Outcome> {
        cases.iter().map(|case| self.case(case)).collect()
    }

    /// One case, step by step.
    pub(super) fn case(&self, case: &Case) -> Outcome {
        let mut answers: Vec<Svar> = Vec::new();
        for (nr, step) in steps(case).iter().enumerate() {
            let answer = self.step(step, &case.folder);
            let answer = answer.map_err(|why| format!("step {}: {why}", nr + 1))?;
            let like = step.venter.samme_som.map(|other| &answers[other - 1]);
            if like.is_some_and(|like| like.body != answer.body) {
                return Err(format!("step {}: other bytes: {}", nr + 1, answer.text()));
            }
            answers.push(answer);
        }
        Ok(())
    }

    fn step(&self, step: &Trin, folder: &Path) -> Result<Svar, String> {
        let before = self.state();
        let request = step.request(folder, &self.url());
        let memory = self.memory().map(|memory| {
            self.forget_peak();
            memory.now
        });
        let answer = self.exchange(&step.kalder, &request)?;
        let peak = self.memory().map(|memory| memory.peak);
        judge(&step.venter, &step.soap, &answer)?;
        self.is_affordable(&answer)?;
        if let (Some(before), Some(peak)) = (memory, peak) {
            let growth = peak.saturating_sub(before);
            if std::env::var_os("DTR_TRUSLER_MAAL").is_some() {
                println!("{folder:?} {:?} {growth} KiB", answer.cost);
            }
            if growth > MEMORY {
                return Err(format!("{growth} KiB more memory"));
            }
        }
        if let Some(name) = &step.venter.navn {
            self.is_stored(&answer, name)?;
        } else if self.state() != before {
            return Err(format!("{before:?} became {:?}", self.state()));
        }
        self.nobody_came()?;
        self.serves_on()?;
        Ok(answer)
    }

    /// Sends a request on a connection of its own and takes the answer.
    pub(super) fn exchange(&self, caller: &str, request: &[u8]) -> Result<Svar, String> {
        let address = self.address("service_url");
        let before = cpu::of_process(self.server.id());
        let bytes = self.runtime.block_on(async {
            let connection = RawConnection::to(address, caller).await;
            connection.talk(request).await
        });
        let after = cpu::of_process(self.server.id());
        let cost = after.zip(before).map(|(after, before)| after - before);
        Svar::cut(&bytes, cost)
    }

    /// Whether an answer cost little, or no more than harmless ones cost on this machine, in this build, now.
    fn is_affordable(&self, answer: &Svar) -> Outcome {
        let Some(cost) = answer.cost.filter(|cost| *cost > COST) else {
            return Ok(());
        };
        let harmless = *self.harmless.get_or_init(|| {
            let records =
                institution("Skovbrynet", 751).repeat(LARGE / institution("Skovbrynet", 751).len());
            let body = format!(
                "<s:Envelope xmlns:s=\"{}\"><s:Body>{}</s:Body></s:Envelope>",
                dtr::soap::SOAP11,
                write("InsertDaginstitution", &[records]),
            );
            let answer = self.exchange("kommune", &post("/v2/ImportService", "", &body));
            answer
                .ok()
                .and_then(|answer| answer.cost)
                .unwrap_or_default()
        });
        if cost > harmless * DEARER {
            return Err(format!("cost {cost:?}, a harmless one {harmless:?}"));
        }
        Ok(())
    }

    /// One of the server's addresses.
    pub(super) fn address(&self, name: &str) -> SocketAddr {
        let url = self.server.address(name);
        let authority = url.split("//").nth(1).unwrap();
        let port = authority.rsplit(':').next().unwrap();
        SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()))
    }

    /// Where nobody may come.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    pub(super) fn nobody_came(&self) -> Outcome {
        match self.listener.accept() {
            Ok((_, from)) => Err(format!("a connection came from {from}")),
            Err(_) => Ok(()),
        }
    }

    /// A good call on a new connection succeeds.
    pub(super) fn serves_on(&self) -> Outcome {
        let answer = self.exchange("kommune", &export("GetAllDaginstitutioner", ""))?;
        match answer.status {
            200 => Ok(()),
            status => Err(format!("the next call: {status} {}", answer.text())),
        }
    }

    /// A stored record has this name.
    fn is_stored(&self, answer: &Svar, name: &str) -> Outcome {
        let tree = answer.tree();
        let number = tree.text_of("institutionsnummer");
        let parameter = format!("<daginstitutionsNummer>{number}</daginstitutionsNummer>");
        let request = export("GetDaginstitutionByNummer", &parameter);
        let found = self.exchange("kommune", &request)?.tree();
        match found.text_of("daginstitutionsNavn") {
            found if found == name => Ok(()),
            found => Err(format!("stored is {found:?} and not {name:?}")),
        }
    }

    fn state(&self) -> State {
        let query = "SELECT (SELECT count(*) FROM post), (SELECT count(*) FROM aendring), (SELECT count(*) FROM svar),
            (SELECT count(*) FROM revision WHERE linje NOT LIKE '%udfald=fejl%' AND linje NOT LIKE '%udfald=afvist%')";
        let state = self.database.query_row(query, [], |row| {
            Ok(State {
                records: row.get(0)?,
                changes: row.get(1)?,
                answers: row.get(2)?,
                audited: row.get(3)?,
            })
        });
        state.unwrap()
    }

    fn memory(&self) -> Option<Memory> {
        let file = format!("/proc/{}/status", self.server.id());
        let Ok(status) = std::fs::read_to_string(file) else {
            eprintln!("SKIPPED: this system does not tell the memory of a process");
            return None;
        };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        Some(Memory {
            now: field("VmRSS:")?,
            peak: field("VmHWM:")?,
        })
    }

    /// From now on the peak is that of what follows.
    fn forget_peak(&self) {
        let file = format!("/proc/{}/clear_refs", self.server.id());
        if std::fs::write(file, "5").is_err() {
            eprintln!(
                "this system keeps the peak of a process: growth beyond an earlier one is seen alone"
            );
        }
    }
}

/// KiB.
struct Memory {
    now: u64,
    peak: u64,
}

/// A call of the export, as bytes.
pub(super) fn export(operation: &str, parameters: &str) -> Vec<u8> {
    let body = format!(
        "<s:Envelope xmlns:s=\"{}\"><s:Body><{operation} xmlns=\"urn:dagtilbudsregister:eksport:v2\">{parameters}\
         </{operation}></s:Body></s:Envelope>",
        dtr::soap::SOAP11
    );
    post("/v2/EksportService", "", &body)
}

/// A POST of a SOAP 1.1 message, with further header lines.
pub(super) fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/xml; charset=utf-8\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
