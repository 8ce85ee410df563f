//! The configuration's defaults, its annotated form, and what its errors say.

use super::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("dtr.toml")).map_err(|error| error.to_string())
}

#[test]
fn an_empty_file_is_the_defaults() {
    assert_eq!(parse(""), Ok(Config::default()));
}

#[test]
fn the_annotated_file_reads_back_as_the_defaults() {
    let text = Config::default().annotated();
    assert_eq!(parse(&text), Ok(Config::default()), "{text}");
}

#[test]
fn the_annotated_file_reads_back_as_what_was_set() {
    let set = Config {
        miljoe: Miljoe::Test,
        public_url: Some("https://dagtilbud.example".into()),
        service_url: Some("https://service.example:8443/dtr".into()),
        offentlig_tls: Some(Certifikat {
            certifikat: "a \"b\".pem".into(),
            noegle: "b.key".into(),
        }),
        nummer: Nummer {
            gulv: 7,
            format: Nummerformat::Base36,
        },
        kodetabeller: CodeTableFolder {
            mappe: Some("koder".into()),
        },
        revision: Revision {
            noegle: Some("revision.pem".into()),
        },
        underskrift: Some(Certifikat {
            certifikat: "segl.pem".into(),
            noegle: "segl.key".into(),
        }),
        log: Log {
            spor: Some("http://localhost:4318".into()),
            ..Log::default()
        },
        kontrol: MonthlyRun { dage: 7 },
        tls: Tls {
            hent: vec![Hent {
                url: "http://crl.example/a.crl".into(),
                fil: "pki/crl.pem".into(),
            }],
            ..Tls::default()
        },
        proxy: Proxy {
            betroede: ["192.0.2.7", "10.1.0.0/16", "2001:db8::/32"]
                .map(|text| text.to_owned().try_into().unwrap())
                .to_vec(),
            adresse: Adressekilde::ProxyV2,
        },
        advarsler: Advarsler {
            forventet_version: false,
            message_id: false,
        },
        ..Config::default()
    };
    let text = set.annotated();
    for line in [
        r#"hent = [{ fil = "pki/crl.pem", url = "http://crl.example/a.crl" }]"#,
        r#"betroede = ["192.0.2.7", "10.1.0.0/16", "2001:db8::/32"]"#,
        r#"adresse = "proxy-v2""#,
        "[underskrift]",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} in {text}");
    }
    assert_eq!(parse(&text), Ok(set));
}

#[test]
fn paths_are_relative_to_the_files_folder() {
    let text = "[database]\nfil = \"/var/r.db\"\n[kodetabeller]\nmappe = \"koder\"\n\
                [revision]\nnoegle = \"pki/revision.pem\"\n\
                [underskrift]\ncertifikat = \"segl.pem\"\nnoegle = \"segl.key\"";
    let config = Config::parse(text, Path::new("/etc/dtr/dtr.toml")).unwrap();
    assert_eq!(
        config.revision.noegle.as_deref(),
        Some(Path::new("/etc/dtr/pki/revision.pem"))
    );
    assert_eq!(
        config.underskrift.unwrap().noegle,
        Path::new("/etc/dtr/segl.key")
    );
    assert_eq!(config.database.fil, Path::new("/var/r.db"));
    assert_eq!(config.tls.klient_ca, [Path::new("/etc/dtr/pki/ca.pem")]);
    assert_eq!(
        config.kodetabeller.mappe.as_deref(),
        Some(Path::new("/etc/dtr/koder"))
    );
}

#[test]
fn errors_name_file_line_and_key() {
    let cases = [
        ("[lyt]\nservise = 1", "line 2: unknown field `servise`"),
        ("\n\nmiljoe = \"prod\"", "line 3: unknown variant `prod`"),
        ("[lyt]\nadmin = \"0.0.0.0:9090\"", "line 2: lyt.admin: "),
        (
            "[nummer]\n\nformat = \"base36\"",
            "line 3: nummer.format: base36 numbers are for load tests",
        ),
        ("[nummer]\ngulv = 100000", "line 2: nummer.gulv: "),
        (
            "[graenser]\nkald_i_gang = 0",
            "line 2: graenser.kald_i_gang: 0 is too small",
        ),
        (
            "[graenser]\nledig_ms = 9999999999",
            "line 2: graenser.ledig_ms: 9999999999 is too large",
        ),
        ("service_url = \"https://x/\"", "line 1: service_url: "),
        ("[log]\nspor = \"https://x\"", "line 2: log.spor: "),
        ("public_url = \"x\"", "line 1: public_url: "),
        ("public_url = \"http://x\\\"<\"", "line 1: public_url: "),
        ("[tls]\nklient_ca = []", "line 2: tls.klient_ca: "),
        (
            "[tls]\nuden_crl = [\"x.pem\"]",
            "line 2: tls.uden_crl: x.pem",
        ),
        (
            "[proxy]\nbetroede = [\"10.0.0.1/8\"]",
            "line 2: 10.0.0.1/8: the address goes on after /8",
        ),
        (
            "[proxy]\nbetroede = [\"::/0\"]",
            "line 2: ::/0: use /1 to /128",
        ),
        ("[proxy]\nadresse = \"x\"", "line 2: unknown variant `x`"),
        (
            "[graenser]\nsvar_offentlige_bytes = 268435457",
            "line 2: graenser.svar_offentlige_bytes: 268435457 is more than",
        ),
        (
            "[graenser]\nbeskeder_i_alt_bytes = 20971519",
            "line 2: graenser.beskeder_i_alt_bytes: 20971519 is too small; use 20971520",
        ),
        ("miljoe", "line 1: "),
    ];
    for (text, expected) in cases {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with("dtr.toml, "), "{error}");
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}

#[test]
fn a_missing_file_says_what_to_do() {
    let error = Config::load(Path::new("/nowhere/dtr.toml")).unwrap_err();
    assert!(error.to_string().contains("dtr init"), "{error}");
}

#[test]
fn addresses_come_from_the_configuration_or_the_port() {
    let bound = SocketAddr::from(([127, 0, 0, 1], 4711));
    let mut config = Config::default();
    assert_eq!(config.service_url(bound), "https://localhost:4711");
    assert_eq!(config.public_url(bound), "http://localhost:4711");
    config.service_url = Some("https://a.example".into());
    assert_eq!(config.service_url(bound), "https://a.example");
}

#[test]
fn the_documented_limits_are_the_defaults() {
    let told: Vec<(&str, &str)> = include_str!("../../docs/graenser.md")
        .lines()
        .filter_map(|line| {
            let (key, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
            Some((key, rest.split_once(" |")?.0))
        })
        .collect();
    let annotated = Config::default().annotated();
    let section = |name: &str| {
        let (_, keys) = annotated.split_once(&format!("[{name}]")).unwrap();
        keys.lines()
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| line.trim_start_matches("# ").split_once(" = "))
            .collect::<Vec<(&str, &str)>>()
    };
    let limits = [section("graenser"), section("kaldslog")].concat();
    assert!(!limits.is_empty());
    for limit in &limits {
        assert!(told.contains(limit), "{limit:?} is not in docs/graenser.md");
    }
    assert_eq!(told.len(), limits.len(), "{told:?}");
}

/// The keys of a section as serde knows them, told when it meets one that it does not know; none for what is no section.
fn keys(section: &str) -> Option<Vec<String>> {
    let told = parse(&format!("{section}\nfindes_ikke = 1\n")).unwrap_err();
    let (_, expected) = told.split_once("unknown field `findes_ikke`, expected ")?;
    let quoted = expected.split('`').skip(1).step_by(2);
    Some(quoted.map(str::to_owned).collect())
}

/// Every key of every section stands in the annotated file, with a comment above it, whether or not it is set.
#[test]
fn every_key_is_explained() {
    let text = Config::default().annotated();
    let lines: Vec<&str> = text.lines().collect();
    let is = |line: &str, wanted: &str| line.trim_start_matches("# ") == wanted;
    let explained = |section: &str, key: &str| {
        let from = match section {
            "" => 0,
            section => lines
                .iter()
                .position(|line| is(line, &format!("[{section}]")))
                .unwrap_or_else(|| panic!("no [{section}] in {text}")),
        };
        let rest = &lines[from + 1..];
        let end = rest
            .iter()
            .position(|line| line.trim_start_matches("# ").starts_with('['));
        let own = &lines[from..from + 1 + end.unwrap_or(rest.len())];
        own.windows(2).any(|two| {
            let named = two[1].trim_start_matches("# ").split(" =").next() == Some(key);
            named && two[1].contains(" =") && two[0].starts_with("# ")
        })
    };
    let mut count = 0;
    for top in keys("").unwrap() {
        let Some(own) = keys(&format!("[{top}]")) else {
            assert!(explained("", &top), "{top}");
            continue;
        };
        for key in own {
            count += 1;
            let inner = format!("{top}.{key}");
            if lines.iter().any(|line| is(line, &format!("[{inner}]"))) {
                for key in keys(&format!("[{inner}]")).unwrap() {
                    assert!(explained(&inner, &key), "{inner}.{key} in {text}");
                }
                continue;
            }
            assert!(explained(&top, &key), "{inner} in {text}");
        }
    }
    assert!(count > 50, "{count}");
}
