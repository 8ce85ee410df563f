//! Persons sign in: by a provider that can be bent (`support::op`), by a certificate, in the demonstration. The pages call the same
//! steps, so what is refused here is refused there.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use dtr::agreements::{AdministratorRefused, SystemRefused, Unchanged};
use dtr::agreements::{bind, list_administrator, unlist_administrator};
use dtr::clock::Clock;
use dtr::config::{Config, Login, Oidc, Sikring};
use dtr::identity::{Caller, Identify};
use dtr::person::demo::DemoLogin;
use dtr::person::{Parameters, Privilege, Redirect, Refused, SignIn, Way, rights};
use dtr::register::Cvr;
use dtr::store::{Outcome, StoreExt};
use serde_json::{Value, json};

use crate::support::op::{Bend, CLIENT, Op, SECRET, Signing};
use crate::support::{Folder, TestApp, pki, tilslutning};

const NOW: i64 = 1_800_000_000;
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const URLS: (&str, &str) = ("https://tjeneste.example", "https://dtr.example");

/// A register's sign-in, and the provider that it trusts.
struct World {
    signin: SignIn,
    op: Op,
    clock: Arc<AtomicI64>,
    _folder: Folder,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Login)) -> Self {
        let (folder, op) = (Folder::new(), Op::start(NOW).await);
        let secret = folder.join("hemmelighed");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let mut config = Config::default();
        config.database.fil = folder.join("register.db");
        config.login.oidc = Some(Oidc {
            udsteder: op.issuer(),
            klient_id: CLIENT.to_owned(),
            klient_hemmelighed_fil: Some(secret),
            ..Oidc::default()
        });
        change(&mut config.login);
        let clock = Arc::new(AtomicI64::new(NOW * 1000));
        let signin = SignIn::of(&config, URLS, None, &Clock::Fixed(Arc::clone(&clock)));
        Self {
            signin: signin.unwrap().unwrap(),
            op,
            clock,
            _folder: folder,
        }
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// Begins: the address at the provider, and the browser's cookie.
    async fn begin(&self) -> (String, String) {
        let begun = self
            .signin
            .begin(HERE, Some("/mit/aftaler?side=2"))
            .await
            .unwrap();
        (begun.location, cookie(&begun.cookies[0]))
    }

    async fn sign_in(&self) -> Result<Redirect, Refused> {
        let (location, cookie) = self.begin().await;
        self.signin
            .finish(&self.op.authorize(&location), &[&cookie])
            .await
    }

    async fn bent(&self, bend: Bend) -> Result<Redirect, Refused> {
        self.op.bend(bend);
        self.sign_in().await
    }
}

/// What a browser sends of a cookie that it was given.
fn cookie(set: &str) -> String {
    set.split(';').next().unwrap().to_owned()
}

/// The session cookie of somebody who has signed in.
fn session(redirect: &Redirect) -> String {
    cookie(&redirect.cookies[0])
}

#[track_caller]
fn code(refused: Result<Redirect, Refused>) -> &'static str {
    let refused = refused.expect_err("nobody was to sign in");
    assert!(
        !refused
            .cookies
            .iter()
            .any(|set| set.starts_with("__Host-dtr=")),
        "a session"
    );
    refused.problem.entry.kode
}

#[tokio::test]
async fn a_person_signs_in_by_each_algorithm() {
    let world = World::new().await;
    for signing in [Signing::Rs256, Signing::Ps256, Signing::Es256] {
        let redirect = world.bent(Bend::signing(signing)).await.unwrap();
        assert_eq!(redirect.location, "/mit/aftaler?side=2");
        assert!(redirect.cookies[0].ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
        assert!(redirect.cookies[1].starts_with("__Host-dtr-login=;"));
        let (own, _) = world.signin.session(&[&session(&redirect)]).unwrap();
        let person = &own.person;
        assert_eq!(
            (person.way, person.navn.as_str()),
            (Way::OpenId, "Kim Kontor")
        );
        assert_eq!(person.held[0].privilege, Privilege::Agreements);
        assert!(world.signin.pseudonym(person).is_some());
    }
    assert_eq!(world.op.keys_asked(), 1, "they are remembered");
}

/// A bent token: what it is called, and how it is bent.
fn forged() -> Vec<(&'static str, Bend)> {
    let set =
        |name: &'static str, value: Value| Bend::claims(move |claims| claims[name] = value.clone());
    vec![
        (
            "of another issuer",
            set("iss", json!("https://evil.example")),
        ),
        ("for another client", set("aud", json!("andet"))),
        (
            "for another client too",
            set("aud", json!([CLIENT, "andet"])),
        ),
        ("by another party", set("azp", json!("andet"))),
        (
            "with another nonce",
            set("nonce", json!("0123456789012345")),
        ),
        (
            "without a nonce",
            Bend::claims(|claims| {
                claims.as_object_mut().unwrap().remove("nonce");
            }),
        ),
        ("that has expired", set("exp", json!(NOW - 3600))),
        ("from the future", set("iat", json!(NOW + 3600))),
        ("of nobody", set("sub", json!(""))),
        ("without a signature", Bend::signing(Signing::Unsigned)),
        (
            "with the public key as a secret",
            Bend::signing(Signing::PublicAsSecret),
        ),
        (
            "by another key of the same name",
            Bend::signing(Signing::Stranger),
        ),
        (
            "by a key of no known name",
            Bend {
                kid: Some("ukendt".to_owned()),
                ..Bend::default()
            },
        ),
        (
            "by a key for another algorithm",
            Bend {
                kid: Some("ec".to_owned()),
                ..Bend::default()
            },
        ),
    ]
}

#[tokio::test]
async fn no_bent_token_signs_anybody_in() {
    let world = World::new().await;
    for (about, bend) in forged() {
        assert_eq!(code(world.bent(bend).await), "DTR1064", "a token {about}");
    }
    assert!(world.bent(Bend::default()).await.is_ok(), "a good one does");
}

#[tokio::test]
async fn who_is_not_fit_is_told_what_to_do() {
    let world = World::new().await;
    let set =
        |name: &'static str, value: Value| Bend::claims(move |claims| claims[name] = value.clone());
    assert_eq!(code(world.bent(set("loa", json!("Low"))).await), "DTR1065");
    assert_eq!(code(world.bent(set("loa", json!(null))).await), "DTR1065");
    assert_eq!(code(world.bent(set("cvr", json!(null))).await), "DTR1066");
    assert_eq!(
        code(world.bent(set("privileges", json!("<x/>"))).await),
        "DTR1067"
    );
    let low = World::with(|login| login.sikring = Sikring::Lav).await;
    assert!(low.bent(set("loa", json!("Low"))).await.is_ok());
}

#[tokio::test]
async fn unknown_keys_make_nobody_ask_in_a_flood_and_new_ones_are_found() {
    let world = World::new().await;
    world.sign_in().await.unwrap();
    world.pass(61);
    for n in 0..20 {
        let bend = Bend {
            kid: Some(format!("ukendt-{n}")),
            ..Bend::default()
        };
        assert_eq!(code(world.bent(bend).await), "DTR1064");
    }
    assert_eq!(world.op.keys_asked(), 2);
    // The provider changes its key's name; a minute after the last question that is found.
    let renamed = || Bend {
        kid: Some("ny".to_owned()),
        keys: Box::new(|keys| keys["keys"][0]["kid"] = json!("ny")),
        ..Bend::default()
    };
    assert_eq!(code(world.bent(renamed()).await), "DTR1064");
    world.pass(61);
    assert!(world.bent(renamed()).await.is_ok());
    assert_eq!(world.op.keys_asked(), 3);
}

#[tokio::test]
async fn a_provider_that_says_too_much_or_of_another_is_not_used() {
    let large = |keys: &mut Value| keys["keys"][0]["x5c"] = json!("x".repeat(300 << 10));
    let many = |keys: &mut Value| keys["keys"] = json!(vec![json!({"kty": "RSA"}); 33]);
    let issuer = |document: &mut Value| document["issuer"] = json!("https://evil.example");
    let clear =
        |document: &mut Value| document["token_endpoint"] = json!("http://evil.example/token");
    let plain =
        |document: &mut Value| document["code_challenge_methods_supported"] = json!(["plain"]);
    for keys in [large, many] {
        let world = World::new().await;
        world.op.bend(Bend {
            keys: Box::new(keys),
            ..Bend::default()
        });
        assert_eq!(code(world.sign_in().await), "DTR1063");
    }
    for document in [issuer, clear, plain] {
        let world = World::new().await;
        world.op.bend(Bend {
            document: Box::new(document),
            ..Bend::default()
        });
        let refused = world.signin.begin(HERE, None).await.unwrap_err();
        assert_eq!(refused.entry.kode, "DTR1063");
    }
}

#[tokio::test]
async fn a_code_and_an_answer_are_good_once() {
    let world = World::new().await;
    let (location, cookie) = world.begin().await;
    let answer = world.op.authorize(&location);
    world.signin.finish(&answer, &[&cookie]).await.unwrap();
    // The same answer again.
    assert_eq!(
        code(world.signin.finish(&answer, &[&cookie]).await),
        "DTR1061"
    );
    // The code that was used, in an answer to a sign-in of its own.
    let (location, cookie) = world.begin().await;
    let other = world.op.authorize(&location);
    let (used, _) = answer.split_once('&').unwrap();
    let (_, state) = other.split_once('&').unwrap();
    assert_eq!(
        code(
            world
                .signin
                .finish(&format!("{used}&{state}"), &[&cookie])
                .await
        ),
        "DTR1064"
    );
    // Late.
    let (location, cookie) = world.begin().await;
    let answer = world.op.authorize(&location);
    world.pass(600);
    assert_eq!(
        code(world.signin.finish(&answer, &[&cookie]).await),
        "DTR1061"
    );
}

#[tokio::test]
async fn nobody_is_signed_in_as_somebody_else() {
    let world = World::new().await;
    // Login CSRF: the attacker's answer in the victim's browser, which has begun a sign-in or not.
    let (attackers, attackers_cookie) = world.begin().await;
    let answer = world.op.authorize(&attackers);
    let (_, victims_cookie) = world.begin().await;
    assert_eq!(
        code(world.signin.finish(&answer, &[&victims_cookie]).await),
        "DTR1061"
    );
    assert_eq!(
        code(world.signin.finish(&answer, &[&attackers_cookie]).await),
        "DTR1061",
        "it is used up"
    );
    let (location, cookie) = world.begin().await;
    let answer = world.op.authorize(&location);
    for cookies in [&[][..], &["__Host-dtr-login="], &[&cookie, &victims_cookie]] {
        assert_eq!(code(world.signin.finish(&answer, cookies).await), "DTR1061");
    }
    for broken in [
        "",
        "code=a",
        "state=",
        "code=a&state=b&state=c",
        "code=a&state=%ff",
    ] {
        assert_eq!(
            code(world.signin.finish(broken, &[&cookie]).await),
            "DTR1061",
            "{broken}"
        );
    }
    // A mix-up of providers: the answer says whose it is.
    let (location, cookie) = world.begin().await;
    let answer = format!(
        "{}&iss=https%3A%2F%2Fevil.example",
        world.op.authorize(&location)
    );
    assert_eq!(
        code(world.signin.finish(&answer, &[&cookie]).await),
        "DTR1064"
    );
}

#[tokio::test]
async fn a_provider_that_names_itself_must_do_so() {
    let world = World::new().await;
    let name = "authorization_response_iss_parameter_supported";
    world.op.bend(Bend {
        document: Box::new(move |document| document[name] = json!(true)),
        ..Bend::default()
    });
    assert_eq!(code(world.sign_in().await), "DTR1064");
    let (location, cookie) = world.begin().await;
    let issuer = world.op.issuer().replace(':', "%3A").replace('/', "%2F");
    let answer = format!("{}&iss={issuer}", world.op.authorize(&location));
    assert!(world.signin.finish(&answer, &[&cookie]).await.is_ok());
}

#[tokio::test]
async fn a_session_is_never_taken_over() {
    let world = World::new().await;
    let planted = session(&world.sign_in().await.unwrap());
    let (location, login) = world.begin().await;
    let answer = world.op.authorize(&location);
    let both = format!("{planted}; {login}");
    let redirect = world.signin.finish(&answer, &[&both]).await.unwrap();
    let own = session(&redirect);
    assert_ne!(planted, own);
    assert!(
        world.signin.session(&[&planted]).is_none(),
        "what the browser had is ended"
    );
    assert!(world.signin.session(&[&own]).is_some());
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_afterwards() {
    let world = World::new().await;
    for target in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/%5cevil.example",
        "javascript:alert(1)",
    ] {
        let begun = world.signin.begin(HERE, Some(target)).await.unwrap();
        let answer = world.op.authorize(&begun.location);
        let done = world
            .signin
            .finish(&answer, &[&cookie(&begun.cookies[0])])
            .await
            .unwrap();
        assert_eq!(done.location, "/mit", "{target}");
    }
}

#[tokio::test]
async fn a_sign_in_that_the_provider_ends_is_told() {
    let world = World::new().await;
    let (location, cookie) = world.begin().await;
    let answer = world.op.authorize(&location);
    let (_, state) = answer.split_once('&').unwrap();
    let refused = format!("error=access_denied&error_description=%3Cscript%3E&{state}");
    assert_eq!(
        code(world.signin.finish(&refused, &[&cookie]).await),
        "DTR1062"
    );
}

#[tokio::test]
async fn an_address_begins_only_so_many() {
    let world = World::new().await;
    for _ in 0..60 {
        world.begin().await;
    }
    let refused = world.signin.begin(HERE, None).await.unwrap_err();
    assert_eq!(refused.entry.kode, "DTR1068");
    assert!(
        world
            .signin
            .begin("10.0.0.1".parse().unwrap(), None)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn userinfo_is_of_the_same_person_and_never_overrides() {
    let world = World::with(|login| login.oidc.as_mut().unwrap().brugerinfo = true).await;
    let without_cvr = |userinfo: Value| Bend {
        userinfo,
        ..Bend::claims(|claims| {
            claims.as_object_mut().unwrap().remove("cvr");
        })
    };
    let good = json!({"sub": "person-1", "cvr": "64942212", "name": "Andet Navn"});
    let redirect = world.bent(without_cvr(good)).await.unwrap();
    let (own, _) = world.signin.session(&[&session(&redirect)]).unwrap();
    assert_eq!(
        (own.person.cvr.as_str(), own.person.navn.as_str()),
        ("64942212", "Kim Kontor")
    );
    let other = json!({"sub": "person-2", "cvr": "64942212"});
    assert_eq!(code(world.bent(without_cvr(other)).await), "DTR1064");
}

#[tokio::test]
async fn a_person_signs_out_here_everywhere_and_at_the_provider() {
    let world = World::new().await;
    let [one, other] = [
        world.sign_in().await.unwrap(),
        world.sign_in().await.unwrap(),
    ];
    let [one, other] = [session(&one), session(&other)];
    let (own, _) = world.signin.session(&[&one]).unwrap();
    let out = world.signin.log_out(&own, &[&one], false).await;
    let place = format!(
        "{}/end?client_id=dtr%20klient&post_logout_redirect_uri=https%3A%2F%2Fdtr.example%2F",
        world.op.issuer()
    );
    assert_eq!(out.location, place);
    assert!(out.cookies[0].starts_with("__Host-dtr=;") && out.cookies[0].ends_with("Max-Age=0"));
    assert!(world.signin.session(&[&one]).is_none());
    let third = session(&world.sign_in().await.unwrap());
    let (own, _) = world.signin.session(&[&other]).unwrap();
    world.signin.log_out(&own, &[&other], true).await;
    assert!(world.signin.session(&[&other]).is_none() && world.signin.session(&[&third]).is_none());
    let targets = world.signin.form_targets();
    assert_eq!(targets, [world.op.issuer().trim_end_matches("/op")]);
}

#[test]
fn persons_sign_in_by_https_alone_and_to_their_own_host() {
    let folder = Folder::new();
    let mut config = Config::default();
    config.database.fil = folder.join("register.db");
    let of = |config: &Config, public: &str, demo| {
        SignIn::of(config, (URLS.0, public), demo, &Clock::System)
    };
    assert!(
        of(&config, "http://localhost:8080", None)
            .unwrap()
            .is_none(),
        "no way is set up"
    );
    config.login.certifikat = true;
    assert!(of(&config, "http://localhost:8080", None).is_err());
    assert!(of(&config, "http://dtr.example", None).is_err());
    let signin = of(&config, "https://dtr.example", None).unwrap().unwrap();
    assert!(!signin.is_demonstration());
    for (host, own) in [
        ("dtr.example", true),
        ("DTR.example", true),
        ("dtr.example:8443", false),
        ("evil.example", false),
        ("", false),
    ] {
        assert_eq!(signin.is_own_host(host), own, "{host}");
    }
    let demo = DemoLogin::on("127.0.0.1:8080".parse().unwrap());
    let signin = of(
        &Config {
            login: Login::default(),
            ..config
        },
        "http://localhost:8080",
        demo,
    );
    assert!(signin.unwrap().unwrap().is_demonstration());
}

#[test]
fn the_demonstration_signs_in_whom_the_list_has() {
    let folder = Folder::new();
    let mut config = Config::default();
    config.database.fil = folder.join("register.db");
    let demo = DemoLogin::on("127.0.0.1:8080".parse().unwrap());
    let signin = SignIn::of(
        &config,
        (URLS.0, "http://localhost:8080"),
        demo,
        &Clock::System,
    );
    let signin = signin.unwrap().unwrap();
    let page = signin.page(HERE, Some("/mit/enheder")).unwrap();
    let browser = cookie(&page.cookies[0]);
    let form = |state: &str, person: &str| {
        Parameters::parse(&format!("tilstand={state}&person={person}")).unwrap()
    };
    let done = signin
        .finish_demo(&form(&page.state, "kommune"), &[&browser])
        .unwrap();
    assert_eq!(done.location, "/mit/enheder");
    assert_eq!(cookie(&done.cookies[0]).split('=').next(), Some("dtr-demo"));
    let again = signin.finish_demo(&form(&page.state, "kommune"), &[&browser]);
    assert_eq!(again.unwrap_err().problem.entry.kode, "DTR1061");
    let page = signin.page(HERE, None).unwrap();
    let unknown = signin.finish_demo(&form(&page.state, "root"), &[&cookie(&page.cookies[0])]);
    assert_eq!(unknown.unwrap_err().problem.entry.kode, "DTR1060");
    // A form that another site has made lacks the cookie.
    let page = signin.page(HERE, None).unwrap();
    let forged = signin.finish_demo(&form(&page.state, "operatoer"), &[]);
    assert_eq!(forged.unwrap_err().problem.entry.kode, "DTR1061");
}

/// A caller with the certificate of this name.
fn caller(app: &TestApp, name: &str) -> Caller {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let leaf = CertificateDer::from_pem_file(pki::folder().join(format!("{name}.pem"))).unwrap();
    let chain = Arc::from([leaf.to_vec()]);
    Identify::default().caller(&chain, &**app.store()).unwrap()
}

/// Lists a certificate, or takes it off the list.
async fn administrator(
    app: &TestApp,
    name: &str,
    cvr: &str,
    listed: bool,
) -> Result<(), AdministratorRefused> {
    let (identity, cvr) = (tilslutning::identity(name), Cvr::parse(cvr).unwrap());
    let store = Arc::clone(app.store());
    let job = move || {
        store.write_blocking(move |tx| {
            let act = tilslutning::administers();
            let changed = if listed {
                list_administrator(
                    tx,
                    &act,
                    cvr,
                    identity,
                    &[Privilege::Read, Privilege::Agreements],
                )
            } else {
                unlist_administrator(tx, &act, &identity)
            };
            match changed {
                Ok(_) => Ok(Outcome::Keep(Ok(()))),
                Err(Unchanged::Refused(why)) => Ok(Outcome::Undo(Err(why), None)),
                Err(Unchanged::Store(error)) => Err(error),
            }
        })
    };
    tokio::task::spawn_blocking(job).await.unwrap().unwrap()
}

const AARHUS: &str = "55133018";

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_signs_in_with_a_certificate_that_is_handed_over() {
    let app = TestApp::start().await;
    let world = World::with(|login| login.certifikat = true).await;
    let signin = &world.signin;
    let kommune = caller(&app, "kommune");
    let give = |caller: &Caller, key: &str| {
        let given = app
            .store()
            .read(|view| signin.hand_over(view, caller, key))
            .unwrap();
        given.map_err(|problem| problem.entry.kode)
    };
    let page = signin.page(HERE, Some("/mit/enheder")).unwrap();
    let place = page.certificate.clone().unwrap();
    assert_eq!(
        place,
        format!("https://tjeneste.example/mit/adgang?noegle={}", page.state)
    );
    assert_eq!(give(&kommune, &page.state), Err("DTR1073"), "not listed");
    administrator(&app, "kommune", AARHUS, true).await.unwrap();
    assert_eq!(give(&kommune, "andet"), Err("DTR1061"), "no such page");
    let kode = give(&kommune, &page.state).unwrap();
    let form = |state: &str, kode: &str| {
        Parameters::parse(&format!("tilstand={state}&kode={}", kode.to_uppercase())).unwrap()
    };
    let told = |done: Result<Redirect, Refused>| done.unwrap_err().problem.entry.kode;
    // Another browser has the code, and even the page's address.
    let other = signin.page(HERE, None).unwrap();
    let (own, others) = (cookie(&page.cookies[0]), cookie(&other.cookies[0]));
    assert_eq!(
        told(signin.finish_code(&form(&page.state, &kode), &[&others])),
        "DTR1061"
    );
    assert_eq!(
        told(signin.finish_code(&form(&other.state, &kode), &[&others])),
        "DTR1074"
    );
    assert_eq!(
        told(signin.finish_code(&form(&page.state, "forkert"), &[&own])),
        "DTR1074"
    );
    let done = signin
        .finish_code(&form(&page.state, &kode), &[&own])
        .unwrap();
    assert_eq!(done.location, "/mit/enheder");
    assert_eq!(
        told(signin.finish_code(&form(&page.state, &kode), &[&own])),
        "DTR1061",
        "used"
    );
    // What the person may do is what the list says now.
    let (session, _) = signin.session(&[&session(&done)]).unwrap();
    let may = || {
        app.store()
            .read(|view| rights(view, &session.person))
            .unwrap()
            .grants
            .len()
    };
    assert_eq!((session.person.way, may()), (Way::Certificate, 2));
    administrator(&app, "kommune", AARHUS, false).await.unwrap();
    assert_eq!(may(), 0);
    assert_eq!(give(&kommune, &other.state), Err("DTR1073"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_ends_after_five_tries_and_after_two_minutes() {
    let app = TestApp::start().await;
    administrator(&app, "kommune", AARHUS, true).await.unwrap();
    let world = World::with(|login| login.certifikat = true).await;
    let kommune = caller(&app, "kommune");
    let give = |key: &str| {
        let given = app
            .store()
            .read(|view| world.signin.hand_over(view, &kommune, key));
        given.unwrap().unwrap()
    };
    let typed = |page: &dtr::person::SignInPage, kode: &str| {
        let form = Parameters::parse(&format!("tilstand={}&kode={kode}", page.state)).unwrap();
        let done = world
            .signin
            .finish_code(&form, &[&cookie(&page.cookies[0])]);
        done.map_err(|refused| refused.problem.entry.kode)
    };
    let page = world.signin.page(HERE, None).unwrap();
    let kode = give(&page.state);
    for _ in 0..5 {
        assert_eq!(typed(&page, "forkert").unwrap_err(), "DTR1074");
    }
    assert_eq!(typed(&page, &kode).unwrap_err(), "DTR1061");
    let page = world.signin.page(HERE, None).unwrap();
    let (old, kode) = (give(&page.state), give(&page.state));
    assert_eq!(
        typed(&page, &old).unwrap_err(),
        "DTR1074",
        "another was given out since"
    );
    world.pass(120);
    assert_eq!(typed(&page, &kode).unwrap_err(), "DTR1074");
    let kode = give(&page.state);
    assert!(typed(&page, &kode).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_a_persons_or_a_systems_and_never_both() {
    let app = TestApp::start().await;
    let system = app.system("lev-aftale", "99100028").await;
    let vendor = "99100028";
    let refused = administrator(&app, "lev-aftale", vendor, true)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, AdministratorRefused::System(..)),
        "{refused:?}"
    );
    administrator(&app, "leverandoer", vendor, true)
        .await
        .unwrap();
    let identity = tilslutning::identity("leverandoer");
    let store = Arc::clone(app.store());
    let bound = tokio::task::spawn_blocking(move || {
        store.write_blocking(move |tx| {
            let changed = bind(tx, &tilslutning::administers(), system, &[], vec![identity]);
            let why = match changed {
                Err(Unchanged::Refused(why)) => Some(why),
                _ => None,
            };
            Ok(Outcome::Undo(why, None))
        })
    });
    let why = bound.await.unwrap().unwrap();
    assert!(
        matches!(why, Some(SystemRefused::Administrator(_))),
        "{why:?}"
    );
    // A system's certificate gets no code, whatever a list says.
    let world = World::with(|login| login.certifikat = true).await;
    let page = world.signin.page(HERE, None).unwrap();
    let system = caller(&app, "lev-aftale");
    let given = app
        .store()
        .read(|view| world.signin.hand_over(view, &system, &page.state));
    assert_eq!(given.unwrap().unwrap_err().entry.kode, "DTR1073");
}

/// A browser: it keeps its cookies and follows nothing by itself.
pub(crate) struct Visitor {
    pub(crate) app: TestApp,
    client: dtr::client::Client,
    cookies: std::sync::Mutex<std::collections::BTreeMap<String, String>>,
}

impl Visitor {
    pub(crate) fn new(app: TestApp) -> Self {
        Self {
            client: app.anyone(),
            app,
            cookies: std::sync::Mutex::default(),
        }
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.app.app.running.public.port())
    }

    pub(crate) async fn send(
        &self,
        path: &str,
        form: Option<&str>,
        more: &[(&str, &str)],
    ) -> dtr::client::Response {
        let form = form.map(|form| form.as_bytes().to_vec());
        let form = form.map(|form| ("application/x-www-form-urlencoded", form));
        self.send_as(path, form, more).await
    }

    /// The same with a form of any kind.
    pub(crate) async fn send_as(
        &self,
        path: &str,
        form: Option<(&str, Vec<u8>)>,
        more: &[(&str, &str)],
    ) -> dtr::client::Response {
        let cookies: Vec<_> = {
            let cookies = self.cookies.lock().unwrap();
            cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        let cookies = cookies.join("; ");
        let mut headers = vec![("cookie", cookies.as_str()), ("accept", "text/html")];
        headers.extend_from_slice(more);
        let url = format!("http://{}{path}", self.host());
        let answer = match form {
            None => self.client.get(&url, &headers).await.unwrap(),
            Some((kind, form)) => {
                headers.push(("content-type", kind));
                self.client.post(&url, &headers, form).await.unwrap()
            }
        };
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            match set.contains("Max-Age=0") {
                true => cookies.remove(name),
                false => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    /// Signs in as a person of the demonstration.
    pub(crate) async fn sign_in(&self, person: &str) -> dtr::client::Response {
        let page = self.send("/mit/login", None, &[]).await;
        let form = format!(
            "tilstand={}&person={person}",
            value(&page.text(), "tilstand")
        );
        self.send("/mit/login", Some(&form), &[]).await
    }
}

/// The value of a hidden field of a page.
pub(crate) fn value(page: &str, name: &str) -> String {
    let (_, after) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_demonstration_is_walked_through_in_a_browser() {
    let visitor = Visitor::new(TestApp::demonstration().await);
    let away = visitor.send("/mit", None, &[]).await;
    assert_eq!(
        (away.status.as_u16(), away.header("location")),
        (303, Some("/mit/login?til=/mit"))
    );
    let page = visitor.send("/en/mit/login", None, &[]).await;
    assert!(
        page.text()
            .contains("Demonstration: anybody at this machine"),
        "{}",
        page.text()
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("form-action 'self';")
    );
    let done = visitor.sign_in("kommune").await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, Some("/mit"))
    );
    let mine = visitor.send("/mit", None, &[]).await;
    let text = mine.text().into_owned();
    for told in [
        "Karen Kontor",
        "Aarhus Kommune",
        "Aarhus (751)",
        "svare om aftaler",
        "CVR 55133018",
    ] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    assert_eq!(mine.header("cache-control"), Some("no-store"));
    // Signing out takes the form's own token.
    let bent = visitor.send("/mit/log-ud", Some("token=AAAA"), &[]).await;
    assert_eq!(bent.status.as_u16(), 403);
    assert!(bent.text().contains("DTR1070"));
    let form = format!("token={}", value(&text, "token"));
    for other in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let forged = visitor.send("/mit/log-ud", Some(&form), &[other]).await;
        assert!(forged.text().contains("DTR1070"), "{other:?}");
    }
    let origin = format!("http://{}", visitor.host());
    let own = [
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let out = visitor.send("/mit/log-ud", Some(&form), &own).await;
    assert_eq!(
        (out.status.as_u16(), out.header("location")),
        (303, Some("/"))
    );
    let again = visitor.send("/mit/log-ud", Some(&form), &[]).await;
    assert!(again.text().contains("DTR1069"));
    let nothing = visitor.sign_in("ingen").await;
    assert_eq!(nothing.status.as_u16(), 303);
    assert!(
        visitor
            .send("/mit", None, &[])
            .await
            .text()
            .contains("giver ingen ret her")
    );
}

#[tokio::test]
async fn pages_of_persons_are_for_the_sites_own_host_and_only_where_one_can_sign_in() {
    let visitor = Visitor::new(TestApp::demonstration().await);
    // 127.0.0.1 where localhost is the site's own: another host as far as a browser is concerned.
    let url = format!("http://{}/mit/login", visitor.app.app.running.public);
    let by_number = visitor
        .client
        .get(&url, &[("accept", "text/html")])
        .await
        .unwrap();
    assert_eq!(by_number.status.as_u16(), 404);
    assert!(by_number.text().contains("DTR1060"));
    let plain = Visitor::new(TestApp::start().await);
    let none = plain.send("/mit/login", None, &[]).await;
    assert!(none.text().contains("DTR1060"));
    assert!(!plain.send("/", None, &[]).await.text().contains("Min side"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_shown_on_the_service_listener() {
    let visitor = Visitor::new(TestApp::demonstration().await);
    administrator(&visitor.app, "kommune", AARHUS, true)
        .await
        .unwrap();
    let page = visitor.send("/mit/login?til=/mit", None, &[]).await;
    let state = value(&page.text(), "tilstand");
    let place = format!("/mit/adgang?noegle={state}");
    assert!(page.text().contains(&place));
    let stranger = visitor.app.kommune2().get(&place).await;
    assert_eq!(stranger.status.as_u16(), 403);
    assert!(stranger.text().contains("DTR1073"));
    let shown = visitor.app.kommune().get(&place).await;
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let kode = shown
        .text()
        .lines()
        .next()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .to_owned();
    let done = visitor
        .send(
            "/mit/adgang",
            Some(&format!("tilstand={state}&kode={kode}")),
            &[],
        )
        .await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, Some("/mit"))
    );
    let mine = visitor.send("/mit", None, &[]).await;
    assert!(mine.text().contains("svare om aftaler"), "{}", mine.text());
}

#[test]
fn administrators_are_listed_on_the_command_line_and_proved_by_the_chain() {
    use crate::support::process::{audit_lines, dtr, dtr_json};
    let folder = Folder::new();
    assert!(dtr_json(&folder.join(""), &["init", "ny"]).1);
    let dir = folder.join("ny");
    let add = ["org", "administrator", "add", "--cvr"];
    let add = |cvr: &'static str, file: &'static str, ret: &'static str| {
        [&add[..], &[cvr, "--certifikat", file, "--ret", ret]].concat()
    };
    let (listed, well) = dtr_json(&dir, &add(AARHUS, "pki/kommune.pem", "aftaler"));
    assert!(well);
    assert_eq!(listed["rettigheder"], json!(["aftaler"]));
    let identity = listed["identitet"].as_str().unwrap().to_owned();
    // Again, with another privilege beside.
    let both = [
        &add(AARHUS, "pki/kommune.pem", "ret")[..],
        &["--ret", "laes"],
    ]
    .concat();
    assert_eq!(
        dtr_json(&dir, &both).0["rettigheder"],
        json!(["laes", "ret"])
    );
    for (cvr, file, ret, why) in [
        (
            AARHUS,
            "pki/kommune2.pem",
            "laes",
            "its CVR-nummer is 64942212",
        ),
        (
            AARHUS,
            "pki/kommune.pem",
            "operatoer",
            "is no operator's organisation",
        ),
        (
            "99100028",
            "pki/leverandoer.pem",
            "laes",
            "is bound to SYS-1",
        ),
        (
            "12345678",
            "pki/kommune.pem",
            "laes",
            "its CVR-nummer is 55133018",
        ),
    ] {
        let refused = dtr(&dir, &add(cvr, file, ret));
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains(why), "{told}");
    }
    let bind = [
        "system",
        "certifikat",
        "--system",
        "SYS-1",
        "--identitet",
        &identity,
    ];
    let refused = String::from_utf8_lossy(&dtr(&dir, &bind).stderr).into_owned();
    assert!(
        refused.contains("is an administrator of 55133018"),
        "{refused}"
    );
    let remove = ["org", "administrator", "remove", "--identitet", &identity];
    assert!(dtr(&dir, &remove).status.success());
    assert!(!dtr(&dir, &remove).status.success(), "it is off the list");
    let (all, _) = dtr_json(&dir, &["org", "administrator", "list"]);
    assert!(all["administratorer"][0]["lukket"].is_string());
    let lines = audit_lines(&dir, &[]);
    let own = lines
        .iter()
        .filter(|line| line.to_string().contains("org administrator"));
    assert_eq!(own.count(), 3, "{lines:?}");
    let register = dir.join("register.db");
    dtr::store::sqlite::verify(&register).unwrap();
    // A right that somebody gives in the file.
    let conn = rusqlite::Connection::open(&register).unwrap();
    let given = "UPDATE administrator SET rettigheder = 'operatoer', lukket = NULL";
    conn.execute(given, []).unwrap();
    drop(conn);
    let found = dtr::store::sqlite::verify(&register)
        .unwrap_err()
        .to_string();
    assert!(found.contains("disagree on the administrator"), "{found}");
}
