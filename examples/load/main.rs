//! Drives a server over mutual TLS and tells how fast it is, one JSON object a line.
//!
//! ```text
//! cargo run --profile dist --example load -- [--workload A,C] [--connections 1,16,64] [--rate 500] [--seconds 10]
//! cargo run --profile dist --example load -- --workload A,C,D,E --compare     # each beside the bare server, with ratios
//! cargo run --profile dist --example load -- --limit hyper|sqlite             # the ceilings alone
//! cargo run --profile dist --example load -- --consumers 1000 --public --seconds 60
//! cargo run --profile dist --example load -- --soak 600
//! ```
//!
//! Workloads: A one record inserted, B batches of 500, C a message refused for three errors of the schema, D a poll
//! answered 304, E the whole register of 10,000 records (identity, gzip and SOAP), F a page of the feed (`--url`),
//! G pages of records, H searches.
//! Server and ceilings are processes of their own, of this same build; `--dtr` names another. The folder is made as
//! `dtr init` does with the configuration `benches/ydelse.toml`, or given by `--folder`.

mod aftagere;
mod bare;
mod commits;
mod drive;
#[path = "../faelles/mod.rs"]
mod faelles;
mod figures;
mod server;
mod soak;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use hyper::StatusCode;
use hyper::header::{CONTENT_ENCODING, ETAG};
use serde_json::json;

use drive::{Caller, Plan, Target, Work, run};
use faelles::Failure;
use figures::{Run, round};
use server::{Folder, ROLE, Server};
use work::{Answers, BATCH, Get, GetAll, Insert, Look, Pages, Quiet};

/// The whole register, as a document.
const DOCUMENT: &str = "/eksport/v2/dagtilbud.xml";

/// How many daginstitutioner the units of A to C are spread over.
const TOPS: u64 = 100;

/// The register of E (the size of the real one, fakta §1.2).
const REGISTER: [u64; 3] = [3_000, 5_500, 1_500];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Limit {
    Hyper,
    Sqlite,
}

/// What to measure.
#[derive(Debug, Parser)]
struct Arguments {
    /// A folder made by dtr init or demo; a new one is made when it is not there [default: a throw-away one]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Of A to H
    #[arg(long, value_delimiter = ',', default_value = "A")]
    workload: Vec<char>,
    /// Connections of A, C and D in a closed loop
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    connections: Vec<usize>,
    /// Requests a second in an open loop instead
    #[arg(long)]
    rate: Option<u32>,
    /// How long each run is measured, after two seconds that are not
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Measure a ceiling instead
    #[arg(long)]
    limit: Option<Limit>,
    /// Each workload beside the bare server, in turns, with the ratio
    #[arg(long)]
    compare: bool,
    /// D, E and F by the public listener, without TLS
    #[arg(long)]
    public: bool,
    /// The path of F
    #[arg(long, default_value = "/feed/v1/aendringer?efter=0&antal=100")]
    url: String,
    /// The document of D
    #[arg(long, default_value = DOCUMENT)]
    document: String,
    /// Insert so many units before anything is measured
    #[arg(long, default_value_t = 0)]
    units: u64,
    /// Write at full rate and poll for so many seconds, and watch memory, files and the WAL
    #[arg(long)]
    soak: Option<u64>,
    /// So many consumers that poll the feed every second, while 50 writes a second go in
    #[arg(long)]
    consumers: Option<usize>,
    /// One more organisation that inserts one record twenty times a second: alone, then beside so many connections of B
    #[arg(long)]
    beside: Option<usize>,
    /// Another build of dtr
    #[arg(long)]
    dtr: Option<PathBuf>,
}

fn main() -> ExitCode {
    let role = std::env::var(ROLE).unwrap_or_default();
    if role == "dtr" {
        return dtr::cli::main();
    }
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::from);
    let done = runtime.and_then(|runtime| match role.as_str() {
        "hyper" => {
            let given: Vec<String> = std::env::args().collect();
            runtime.block_on(bare::serve(&given[1], &given[2]))
        }
        _ => runtime.block_on(measure(Arguments::parse())),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What a run is made against.
struct World {
    arguments: Arguments,
    server: Server,
    target: Target,
    /// The public listener or, without `--public`, the same target.
    documents: Target,
    /// The target, called by another organisation.
    quiet: Target,
    bare: Option<(Server, Target)>,
    folder: Folder,
    parents: Vec<String>,
}

async fn measure(arguments: Arguments) -> Result<(), Failure> {
    let folder = Folder::open(arguments.folder.clone())?;
    if arguments.limit == Some(Limit::Sqlite) {
        let lasts = Duration::from_secs(arguments.seconds);
        for told in commits::measure(&folder.path, lasts)? {
            println!("{told}");
        }
        return Ok(());
    }
    let caller = |name: &str| {
        faelles::tls(
            &folder.pki("ca.pem")?,
            &folder.pki(&format!("{name}.pem"))?,
            &folder.pki(&format!("{name}.key"))?,
        )
    };
    let (tls, quiet) = (caller("kommune")?, caller("kommune2")?);
    let server = Server::dtr(&folder, arguments.dtr.as_deref())?;
    let secure = |server: &Server| Target {
        address: server.service,
        tls: Some(Arc::clone(&tls)),
    };
    let target = secure(&server);
    let quiet = Target {
        address: server.service,
        tls: Some(quiet),
    };
    let documents = match server.public.filter(|_| arguments.public) {
        Some(address) => Target { address, tls: None },
        None => target.clone(),
    };
    let whole = ['E', 'G', 'H']
        .iter()
        .any(|own| arguments.workload.contains(own));
    let parents = work::fill(&target, if whole { REGISTER } else { [TOPS, 0, 0] }).await?;
    if arguments.units > 0 {
        work::more(&target, &parents, arguments.units).await?;
    }
    let bare = if arguments.compare || arguments.limit == Some(Limit::Hyper) {
        let document = folder.path.join("dokument.xml");
        let answer = get(&target, &arguments.document, false).await?;
        std::fs::write(&document, &answer.body)?;
        let bare = Server::bare(&folder, &document)?;
        let at = secure(&bare);
        Some((bare, at))
    } else {
        None
    };
    let world = World {
        arguments,
        server,
        target,
        documents,
        quiet,
        bare,
        folder,
        parents,
    };
    world.go().await
}

/// So many pages are asked for in turn.
const MOST_PAGES: usize = 20_000;

/// The paths of a text that begin so, each once for each time that it has them.
fn paths_in(text: &str, folder: &str) -> Vec<String> {
    let ends = text.split(folder).skip(1);
    let name = |rest: &str| {
        rest.split(['<', '"', '&'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    ends.map(|rest| format!("{folder}{}", name(rest))).collect()
}

/// Searches as people make them.
fn searches() -> Vec<String> {
    let words = [
        "lasttest",
        "G3000",
        "8000",
        "b%C3%B8rnehuset",
        "aarhus",
        "1",
        "vej",
    ];
    let filters = ["", "&kommune=751", "&status=aaben", "&side=2"];
    let pairs = words
        .iter()
        .flat_map(|word| filters.map(|filter| format!("/?q={word}{filter}")));
    pairs.collect()
}

async fn get(target: &Target, path: &str, gzip: bool) -> Result<drive::Answer, Failure> {
    let ask = Get {
        path: path.to_owned(),
        etag: None,
        gzip,
        status: StatusCode::OK,
    };
    Caller::connect(target).await?.call(ask.request(0)).await
}

impl World {
    async fn go(self) -> Result<(), Failure> {
        if let Some(seconds) = self.arguments.soak {
            let lasts = Duration::from_secs(seconds);
            let works: [Arc<dyn Work>; 2] = [
                Arc::new(self.insert(1, false)),
                Arc::new(Look {
                    numbers: self.parents.clone(),
                }),
            ];
            soak::soak(
                &self.target,
                self.server.id(),
                &self.folder.path,
                works,
                lasts,
            )
            .await?;
            return self.server.stop();
        }
        if let Some(consumers) = self.arguments.consumers {
            let lasts = Duration::from_secs(self.arguments.seconds);
            let writes = Arc::new(self.insert(1, false));
            let (feed, id) = (&self.documents, self.server.id());
            aftagere::measure(feed, &self.target, id, (consumers, lasts), writes).await?;
            return self.server.stop();
        }
        if let Some(connections) = self.arguments.beside {
            self.beside(connections).await?;
            return self.server.stop();
        }
        for &workload in &self.arguments.workload {
            match workload {
                'A' => self.each("A", Arc::new(self.insert(1, false)), 1).await?,
                'B' => {
                    self.runs("B", &[4], Arc::new(self.insert(BATCH, false)), BATCH)
                        .await?
                }
                'C' => self.each("C", Arc::new(self.insert(1, true)), 1).await?,
                'D' => self.each("D", self.poll().await?, 1).await?,
                'E' => self.exports().await?,
                'F' => self.page().await?,
                'G' => {
                    self.site("G, institution", self.institutions().await?)
                        .await?
                }
                'H' => self.site("H, search", searches()).await?,
                other => return Err(format!("{other} is no workload; use A to H").into()),
            }
        }
        self.server.stop()
    }

    fn insert(&self, batch: u64, wrong: bool) -> Insert {
        Insert {
            parents: self.parents.clone(),
            batch,
            wrong,
            answers: Answers::Register,
        }
    }

    /// A poll for what the caller has already.
    async fn poll(&self) -> Result<Arc<dyn Work>, Failure> {
        let answer = get(&self.documents, &self.arguments.document, false).await?;
        let etag = answer
            .headers
            .get(ETAG)
            .ok_or("no ETag")?
            .to_str()?
            .to_owned();
        Ok(Arc::new(Get {
            path: self.arguments.document.clone(),
            etag: Some(etag),
            gzip: false,
            status: StatusCode::NOT_MODIFIED,
        }))
    }

    async fn exports(&self) -> Result<(), Failure> {
        let whole = |gzip| {
            Arc::new(Get {
                path: DOCUMENT.to_owned(),
                etag: None,
                gzip,
                status: StatusCode::OK,
            })
        };
        let size = get(&self.documents, DOCUMENT, false).await?.body.len();
        println!("{}", json!({ "what": "E, size", "bytes": size }));
        self.runs("E, identity", &[4], whole(false), 1).await?;
        let zipped = get(&self.documents, DOCUMENT, true).await?;
        match zipped.headers.contains_key(CONTENT_ENCODING) {
            true => self.runs("E, gzip", &[4], whole(true), 1).await?,
            false => eprintln!("E, gzip: left out, the server does not compress"),
        }
        self.runs("E, SOAP GetAllDagtilbud", &[4], Arc::new(GetAll), 1)
            .await
    }

    /// Paths of pages of records, by the site map.
    async fn institutions(&self) -> Result<Vec<String>, Failure> {
        let site = self.site_target()?;
        let index = get(&site, "/sitemap.xml", false).await?;
        let index = String::from_utf8_lossy(&index.body).into_owned();
        let mut paths = Vec::new();
        for part in paths_in(&index, "/sitemap/") {
            let part = get(&site, part.trim_end_matches("</loc>"), false).await?;
            let text = String::from_utf8_lossy(&part.body).into_owned();
            paths.extend(paths_in(&text, "/institution/"));
            if paths.len() >= MOST_PAGES {
                break;
            }
        }
        match paths.is_empty() {
            true => Err("the site map has no records".into()),
            false => Ok(paths),
        }
    }

    fn site_target(&self) -> Result<Target, Failure> {
        let address = self.server.public.ok_or("no public listener")?;
        Ok(Target { address, tls: None })
    }

    /// Pages of the site without TLS, the bare server's turn after them with a page as large.
    async fn site(&self, what: &str, paths: Vec<String>) -> Result<(), Failure> {
        let site = self.site_target()?;
        let page = get(&site, &paths[0], false).await?;
        println!(
            "{}",
            json!({ "what": format!("{what}, first"), "bytes": page.body.len(), "status": page.status.as_u16() })
        );
        let document = self.folder.path.join("side.html");
        std::fs::write(&document, &page.body)?;
        let work: Arc<dyn Work> = Arc::new(Pages { paths });
        for &connections in &self.arguments.connections {
            let plan = self.plan(connections, self.arguments.rate);
            let own = run(&site, self.server.id(), Arc::clone(&work), plan).await?;
            println!("{}", own.json(what, connections, 1));
            let bare = Server::bare(&self.folder, &document)?;
            let address = bare.public.ok_or("no public listener")?;
            let target = Target { address, tls: None };
            let done = run(&target, bare.id(), Arc::clone(&work), plan).await?;
            println!(
                "{}",
                done.json(&format!("{what}, limit hyper"), connections, 1)
            );
            tell_ratio(what, connections, &own, &done);
        }
        Ok(())
    }

    async fn page(&self) -> Result<(), Failure> {
        let url = self.arguments.url.clone();
        if get(&self.documents, &url, false).await?.status != StatusCode::OK {
            eprintln!("F: left out, the server has no {url}");
            return Ok(());
        }
        let page = Arc::new(Get {
            path: url,
            etag: None,
            gzip: false,
            status: StatusCode::OK,
        });
        let plan = self.plan(16, Some(500));
        let writes = run(
            &self.target,
            self.server.id(),
            Arc::new(self.insert(1, false)),
            plan,
        );
        let pages = run(&self.documents, self.server.id(), page, self.plan(4, None));
        let (writes, pages) = tokio::join!(writes, pages);
        println!("{}", pages?.json("F, while 500 writes/s go in", 4, 1));
        println!("{}", writes?.json("F, the writes", 16, 1));
        Ok(())
    }

    /// How long an organisation waits that writes little, alone and while another writes as much as it can.
    async fn beside(&self, connections: usize) -> Result<(), Failure> {
        let little = || {
            run(
                &self.quiet,
                self.server.id(),
                Arc::new(Quiet),
                self.plan(1, Some(20)),
            )
        };
        println!("{}", little().await?.json("quiet, alone", 1, 1));
        let batches = run(
            &self.target,
            self.server.id(),
            Arc::new(self.insert(BATCH, false)),
            self.plan(connections, None),
        );
        let (quiet, batches) = tokio::join!(little(), batches);
        println!("{}", quiet?.json("quiet, beside batches", 1, 1));
        println!("{}", batches?.json("B, the batches", connections, BATCH));
        Ok(())
    }

    fn plan(&self, connections: usize, rate: Option<u32>) -> Plan {
        Plan {
            connections,
            rate,
            warm_up: Duration::from_secs(2),
            measured: Duration::from_secs(self.arguments.seconds),
        }
    }

    async fn each(&self, what: &str, work: Arc<dyn Work>, records: u64) -> Result<(), Failure> {
        let given = self.arguments.connections.clone();
        self.runs(what, &given, work, records).await
    }

    /// A workload on each number of connections, the bare server's turn after it.
    async fn runs(
        &self,
        what: &str,
        connections: &[usize],
        work: Arc<dyn Work>,
        records: u64,
    ) -> Result<(), Failure> {
        let soap = !what.starts_with('D') && !what.starts_with('E');
        for &connections in connections {
            let plan = self.plan(connections, self.arguments.rate);
            let mut own = None;
            if self.arguments.limit.is_none() {
                let at = if soap || what.contains("SOAP") {
                    &self.target
                } else {
                    &self.documents
                };
                let done = run(at, self.server.id(), Arc::clone(&work), plan).await?;
                println!("{}", done.json(what, connections, records));
                own = Some(done);
            }
            if let Some((bare, target)) = &self.bare {
                let work: Arc<dyn Work> = match what {
                    _ if soap => Arc::new(Insert {
                        answers: Answers::Bare,
                        ..self.insert(records, what.starts_with('C'))
                    }),
                    "E, SOAP GetAllDagtilbud" => Arc::new(Get {
                        path: DOCUMENT.to_owned(),
                        etag: None,
                        gzip: false,
                        status: StatusCode::OK,
                    }),
                    _ => Arc::clone(&work),
                };
                let done = run(target, bare.id(), work, plan).await?;
                println!(
                    "{}",
                    done.json(&format!("{what}, limit hyper"), connections, 1)
                );
                if let Some(own) = own {
                    tell_ratio(what, connections, &own, &done);
                }
            }
        }
        Ok(())
    }
}

fn tell_ratio(what: &str, connections: usize, own: &Run, limit: &Run) {
    println!(
        "{}",
        json!({
            "what": format!("{what}, ratio"),
            "connections": connections,
            "per_second": round(own.per_second() / limit.per_second(), 3),
            "p50": round(own.ms(500) / limit.ms(500), 2),
            "p99": round(own.ms(990) / limit.ms(990), 2),
            "cpu": round(own.cpu_ms_each() / limit.cpu_ms_each(), 2),
        })
    );
}
