//! Chains and revocation lists beyond the example PKI, judged by the verifier alone.

use super::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DnType,
    IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};

/// Midnight at the beginning of a month.
fn month(year: i32, month: u8) -> OffsetDateTime {
    rcgen::date_time_ymd(year, month, 1)
}

/// When the chains are judged.
fn now() -> OffsetDateTime {
    month(2027, 1)
}

/// Names, dates and usages of an ordinary CA or leaf, to be spoiled one at a time.
fn params(name: &str, is_ca: IsCa, usages: &[KeyUsagePurpose]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = month(2026, 1);
    params.not_after = month(2028, 1);
    params.is_ca = is_ca;
    params.key_usages = usages.to_vec();
    params
}

fn ca(name: &str) -> CertificateParams {
    let usages = [KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params(name, IsCa::Ca(BasicConstraints::Unconstrained), &usages)
}

fn leaf() -> CertificateParams {
    let usages = [KeyUsagePurpose::DigitalSignature];
    let mut leaf = params("leaf", IsCa::ExplicitNoCa, &usages);
    leaf.serial_number = Some(SerialNumber::from(77_u64));
    leaf
}

struct Signer {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

impl Signer {
    fn root(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            der: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    fn sub(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Self {
            der: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    fn leaf(&self, params: CertificateParams) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        params.signed_by(&key, &self.issuer).unwrap().der().clone()
    }

    fn crl(&self, revoked: &[u64], next_update: OffsetDateTime) -> String {
        self.crl_made(month(2026, 6), revoked, next_update)
    }

    fn crl_made(
        &self,
        this_update: OffsetDateTime,
        revoked: &[u64],
        next_update: OffsetDateTime,
    ) -> String {
        let revoked_certs = revoked
            .iter()
            .map(|serial| RevokedCertParams {
                serial_number: SerialNumber::from(*serial),
                revocation_time: month(2026, 6),
                reason_code: None,
                invalidity_date: None,
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update,
            next_update,
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

/// A configuration of `(CA, without_crl)` and revocation lists. The server's own files play no part.
fn trusting(scratch: &Scratch, cas: &[(&Signer, bool)], crls: &[String]) -> ServiceFiles {
    let client_ca = cas
        .iter()
        .enumerate()
        .map(|(n, (ca, without_crl))| ClientCa {
            file: scratch.file(&format!("ca{n}.pem"), &ca.pem),
            without_crl: *without_crl,
        });
    let crl = crls
        .iter()
        .enumerate()
        .map(|(n, crl)| scratch.file(&format!("{n}.crl"), crl));
    ServiceFiles {
        server: ServerFiles {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
        },
        client_ca: client_ca.collect(),
        crl: crl.collect(),
        staleness: Staleness(None),
        allow_example_ca: false,
        other_environment: Vec::new(),
    }
}

/// Judges a chain under one root without revocation lists.
fn under(root: &Signer, chain: &[&CertificateDer<'static>]) -> Result<(), Check> {
    let scratch = Scratch::new();
    let chain: Vec<_> = chain.iter().map(|der| (*der).clone()).collect();
    judge(&trusting(&scratch, &[(root, true)], &[]), &chain, now())
}

#[test]
fn kinds_of_keys() {
    let root = Signer::root(ca("root"));
    let of = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
    for key in [
        of(&rcgen::PKCS_ED25519),
        of(&rcgen::PKCS_ECDSA_P256_SHA256),
        of(&rcgen::PKCS_ECDSA_P384_SHA384),
        rsa(rcgen::RsaKeySize::_2048),
        rsa(rcgen::RsaKeySize::_3072),
    ] {
        let der = leaf().signed_by(&key, &root.issuer).unwrap().der().clone();
        assert_eq!(under(&root, &[&der]), Ok(()));
    }
}

#[test]
fn dates() {
    let root = Signer::root(ca("root"));
    let mut early = leaf();
    early.not_before = month(2027, 6);
    assert_eq!(under(&root, &[&root.leaf(early)]), Err(Check::NotYetValid));
    let mut late = leaf();
    late.not_after = now() - time::Duration::SECOND;
    assert_eq!(under(&root, &[&root.leaf(late)]), Err(Check::Expired));
    let mut far = leaf();
    far.not_after = month(2050, 1);
    assert_eq!(under(&root, &[&root.leaf(far)]), Ok(()), "GeneralizedTime");

    let mut old = ca("issuing");
    old.not_after = now() - time::Duration::SECOND;
    let old = root.sub(old);
    let chain = [&old.leaf(leaf()), &old.der];
    assert_eq!(under(&root, &chain), Err(Check::Expired));
}

#[test]
fn issuers() {
    let root = Signer::root(ca("root"));
    let issuing = root.sub(ca("issuing"));
    let der = issuing.leaf(leaf());
    let other = Signer::root(ca("other"));
    assert_eq!(under(&root, &[&der, &issuing.der]), Ok(()));
    assert_eq!(under(&root, &[&der]), Err(Check::UnknownCa), "none between");
    let disorder = [&der, &other.der, &root.der, &issuing.der];
    assert_eq!(under(&root, &disorder), Ok(()), "extra and out of order");
    assert_eq!(under(&root, &[&other.leaf(leaf())]), Err(Check::UnknownCa));

    let key = KeyPair::generate().unwrap();
    let self_signed = leaf().self_signed(&key).unwrap();
    assert_eq!(under(&root, &[self_signed.der()]), Err(Check::UnknownCa));

    // The root's name on another key.
    let impostor = Signer::root(ca("root"));
    let forged = impostor.leaf(leaf());
    assert_eq!(under(&root, &[&forged]), Err(Check::Signature));

    // A CA's own certificate doesn't call.
    assert_eq!(under(&root, &[&issuing.der]), Err(Check::Malformed));
}

#[test]
fn what_may_not_issue_is_no_ca_to_trust() {
    let scratch = Scratch::new();
    let mut no_sign = ca("no-sign");
    no_sign.key_usages = vec![KeyUsagePurpose::CrlSign];
    let mut no_ca = leaf();
    no_ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    for params in [no_sign, no_ca] {
        let files = trusting(&scratch, &[(&Signer::root(params), true)], &[]);
        let refusals = Arc::new(Refusals::default());
        let built = client_verifier(&files, refusals, &Arc::new(default_provider()), now());
        assert!(matches!(built, Err(TlsError::NotACa { .. })));
    }
}

#[test]
fn callers_are_told_which_cas_are_trusted() {
    let scratch = Scratch::new();
    let (one, other) = (Signer::root(ca("one")), Signer::root(ca("other")));
    let list = one.crl(&[], month(2028, 1));
    let files = trusting(&scratch, &[(&one, false), (&other, true)], &[list]);
    let refusals = Arc::new(Refusals::default());
    let (verifier, lists) =
        client_verifier(&files, refusals, &Arc::new(default_provider()), now()).unwrap();
    assert_eq!(verifier.root_hint_subjects().len(), 2);
    assert_eq!(lists.len(), 1);
}

#[test]
fn issuers_that_may_not_issue() {
    let root = Signer::root(ca("root"));
    let no_ca = root.sub(leaf());
    let chain = [&no_ca.leaf(leaf()), &no_ca.der];
    assert_eq!(under(&root, &chain), Err(Check::Malformed));

    let mut limited = ca("limited");
    limited.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let limited = root.sub(limited);
    let below = limited.sub(ca("below"));
    let chain = [&below.leaf(leaf()), &below.der, &limited.der];
    assert_eq!(under(&root, &chain), Err(Check::Malformed), "path length");

    let mut no_sign = ca("no-sign");
    no_sign.key_usages = vec![KeyUsagePurpose::CrlSign];
    let no_sign = root.sub(no_sign);
    let chain = [&no_sign.leaf(leaf()), &no_sign.der];
    assert_eq!(under(&root, &chain), Err(Check::KeyUsage));
}

#[test]
fn usages_and_extensions_of_the_leaf() {
    use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, EmailProtection, ServerAuth};

    let root = Signer::root(ca("root"));
    let mut bare = leaf();
    bare.key_usages.clear();
    assert_eq!(under(&root, &[&root.leaf(bare)]), Ok(()), "no keyUsage");
    let mut cipher = leaf();
    cipher.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    assert_eq!(under(&root, &[&root.leaf(cipher)]), Err(Check::KeyUsage));

    for (purposes, verdict) in [
        (vec![ClientAuth], Ok(())),
        (vec![ServerAuth, ClientAuth], Ok(())),
        (vec![ServerAuth], Err(Check::ExtendedKeyUsage)),
        (vec![EmailProtection], Err(Check::ExtendedKeyUsage)),
    ] {
        let mut some = leaf();
        some.extended_key_usages = purposes;
        assert_eq!(under(&root, &[&root.leaf(some)]), verdict);
    }

    let mut unknown = leaf();
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 208, 1, 1], vec![5, 0]);
    extension.set_criticality(true);
    unknown.custom_extensions = vec![extension];
    assert_eq!(under(&root, &[&root.leaf(unknown)]), Err(Check::Malformed));
}

#[test]
fn serial_numbers_up_to_twenty_bytes() {
    let root = Signer::root(ca("root"));
    for (length, verdict) in [(20, Ok(())), (21, Err(Check::Malformed))] {
        let mut long = leaf();
        long.serial_number = Some(SerialNumber::from_slice(&vec![0x55; length]));
        assert_eq!(under(&root, &[&root.leaf(long)]), verdict, "{length} bytes");
    }
}

/// Every certificate may be the issuer of every other, so the search for a path has to give up: after a hundred signatures, and
/// not after all the paths that there are.
#[test]
fn a_hundred_certificates_cost_no_time() {
    use rustix::time::{ClockId, clock_gettime};
    let spent = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let root = Signer::root(ca("root"));
    let crowd: Vec<_> = (0..100).map(|_| Signer::root(ca("crowd"))).collect();
    let der = crowd[0].leaf(leaf());
    let chain: Vec<_> = std::iter::once(&der)
        .chain(crowd.iter().map(|signer| &signer.der))
        .collect();
    let before = spent();
    for _ in 0..5 {
        under(&root, &[&root.leaf(leaf())]).unwrap();
    }
    let ordinary = (spent() - before) / 5;
    let before = spent();
    under(&root, &chain).unwrap_err();
    let crowded = spent() - before;
    // It is some thousand times as much; all paths would not end before the machine does.
    assert!(crowded < ordinary * 50_000, "{crowded:?}, and {ordinary:?}");
}

#[test]
fn damaged_certificates() {
    let root = Signer::root(ca("root"));
    let der = root.leaf(leaf());
    let judged = |bytes: Vec<u8>| under(&root, &[&CertificateDer::from(bytes)]);
    assert_eq!(judged(vec![]), Err(Check::Malformed));
    assert_eq!(judged(der[..der.len() - 1].to_vec()), Err(Check::Malformed));
    let mut flipped = der.to_vec();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    assert_eq!(judged(flipped), Err(Check::Signature));
}

#[test]
fn revocation_of_leaf_and_intermediate() {
    let scratch = Scratch::new();
    let root = Signer::root(ca("root"));
    let mut sub = ca("issuing");
    sub.serial_number = Some(SerialNumber::from(5_u64));
    let issuing = root.sub(sub);
    let chain = [issuing.leaf(leaf()), issuing.der.clone()];
    let later = month(2027, 6);
    let verdict = |crls: &[String]| {
        let files = trusting(&scratch, &[(&root, false)], crls);
        judge(&files, &chain, now())
    };
    let fresh = |signer: &Signer, revoked: &[u64]| signer.crl(revoked, later);
    let none = fresh(&root, &[]);
    assert_eq!(verdict(&[none.clone(), fresh(&issuing, &[78])]), Ok(()));
    let revoked = Err(Check::Revoked);
    assert_eq!(verdict(&[none.clone(), fresh(&issuing, &[77])]), revoked);
    assert_eq!(
        verdict(&[fresh(&root, &[5]), fresh(&issuing, &[])]),
        revoked
    );

    let missing = std::slice::from_ref(&none);
    assert_eq!(verdict(missing), Err(Check::RevocationUnknown));
    let expired = issuing.crl(&[], month(2026, 12));
    assert_eq!(verdict(&[none, expired]), Err(Check::CrlExpired));
}

#[test]
fn a_false_list_is_not_believed() {
    let scratch = Scratch::new();
    let root = Signer::root(ca("root"));
    let impostor = Signer::root(ca("root"));
    let crls = [impostor.crl(&[], month(2027, 6))];
    let files = trusting(&scratch, &[(&root, false)], &crls);
    let verdict = judge(&files, &[root.leaf(leaf())], now());
    assert_eq!(verdict, Err(Check::CrlInvalid));
}

/// The mark excuses the CA that has it and no other; and a list that is there counts for a marked CA too.
#[test]
fn an_unknown_status_is_accepted_from_marked_cas_alone() {
    let scratch = Scratch::new();
    let later = month(2027, 6);
    let listed = Signer::root(ca("listed"));
    let marked = Signer::root(ca("marked"));
    let issuing = listed.sub(ca("issuing without list"));
    let both = [(&listed, false), (&marked, true)];
    let (by_listed, by_marked) = ([listed.leaf(leaf())], [marked.leaf(leaf())]);
    let by_issuing = [issuing.leaf(leaf()), issuing.der.clone()];

    let files = trusting(&scratch, &both, &[listed.crl(&[77], later)]);
    let verdict = |chain: &[CertificateDer<'static>]| judge(&files, chain, now());
    assert_eq!(verdict(&by_marked), Ok(()));
    assert_eq!(verdict(&by_listed), Err(Check::Revoked));
    assert_eq!(verdict(&by_issuing), Err(Check::RevocationUnknown));

    let crls = [listed.crl(&[], later), marked.crl(&[77], later)];
    let files = trusting(&scratch, &both, &crls);
    let verdict = |chain: &[CertificateDer<'static>]| judge(&files, chain, now());
    assert_eq!(verdict(&by_marked), Err(Check::Revoked));
    assert_eq!(verdict(&by_listed), Ok(()));
}

/// However many CAs and lists there are, and whatever grace: a list that is no longer believed lets nobody in, revoked or not.
#[test]
fn a_list_that_has_run_out_lets_nobody_in() {
    let scratch = Scratch::new();
    let root = Signer::root(ca("root"));
    let other = Signer::root(ca("other"));
    let mut sub = ca("issuing");
    sub.serial_number = Some(SerialNumber::from(5_u64));
    let issuing = root.sub(sub);
    let revoked = [root.leaf(leaf())];
    let mut good = leaf();
    good.serial_number = Some(SerialNumber::from(78_u64));
    let good = [root.leaf(good)];
    let below = [issuing.leaf(leaf()), issuing.der.clone()];
    let by_other = [other.leaf(leaf())];
    let (past, later) = (month(2026, 7), month(2027, 6));
    let grace = Staleness(Some(Duration::from_secs(72 * 3600)));
    for staleness in [Staleness(None), grace] {
        let verdict =
            |cas: &[(&Signer, bool)], crls: &[String], chain: &[CertificateDer<'static>]| {
                let files = ServiceFiles {
                    staleness,
                    ..trusting(&scratch, cas, crls)
                };
                judge(&files, chain, now())
            };
        let run_out = Err(Check::CrlExpired);
        // One CA and its list.
        let alone = [root.crl(&[77], past)];
        assert_eq!(verdict(&[(&root, false)], &alone, &revoked), run_out);
        assert_eq!(verdict(&[(&root, false)], &alone, &good), run_out);
        // A stranger is told that it is one.
        let unknown = Err(Check::UnknownCa);
        assert_eq!(verdict(&[(&root, false)], &alone, &by_other), unknown);
        // Two CAs: one list is fresh, and then none.
        let both = [(&root, false), (&other, false)];
        let one = [root.crl(&[77], past), other.crl(&[], later)];
        assert_eq!(verdict(&both, &one, &revoked), run_out);
        assert_eq!(verdict(&both, &one, &by_other), Ok(()));
        let none = [root.crl(&[77], past), other.crl(&[], past)];
        assert_eq!(verdict(&both, &none, &revoked), run_out);
        assert_eq!(verdict(&both, &none, &by_other), run_out);
        // An intermediate: its own list, the root's, and both.
        for (of_root, of_sub) in [(past, later), (later, past), (past, past)] {
            let crls = [root.crl(&[], of_root), issuing.crl(&[77], of_sub)];
            let told = verdict(&[(&root, false)], &crls, &below);
            assert!(told.is_err(), "{of_root} {of_sub}: {told:?}");
            assert!(
                told == run_out || told == Err(Check::Revoked),
                "{of_root} {of_sub}: {told:?}"
            );
        }
        // A CA that is marked as having none, and has one all the same.
        assert_eq!(verdict(&[(&root, true)], &alone, &revoked), run_out);
        let crls = [issuing.crl(&[77], past)];
        assert_eq!(verdict(&[(&root, true)], &crls, &below), run_out);
        let mixed = [(&root, true), (&other, false)];
        let crls = [other.crl(&[], past)];
        assert_eq!(verdict(&mixed, &crls, &revoked), Ok(()));
        assert_eq!(verdict(&mixed, &crls, &by_other), run_out);
    }
}

/// The same verifier, while the clock goes on and nobody reads a file: a list ages, runs out, and another's time comes.
#[test]
fn what_counts_is_judged_at_every_instant() {
    let scratch = Scratch::new();
    let root = Signer::root(ca("root"));
    let crls = [
        root.crl_made(month(2026, 3), &[], month(2026, 5)),
        root.crl_made(month(2026, 7), &[77], month(2026, 9)),
    ];
    let grace = Duration::from_secs(24 * 3600);
    let files = ServiceFiles {
        staleness: Staleness(Some(grace)),
        ..trusting(&scratch, &[(&root, false)], &crls)
    };
    let provider = Arc::new(default_provider());
    let begun = month(2026, 4);
    let (verifier, _) = client_verifier(&files, Arc::default(), &provider, begun).unwrap();
    let chain = [root.leaf(leaf())];
    let at = |at: OffsetDateTime| {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(at.unix_timestamp() as u64));
        let verdict = verifier.verify_client_cert(&chain[0], &[], now);
        verdict.map(|_| ()).map_err(|error| Check::of(&error))
    };
    let second = time::Duration::SECOND;
    for (instant, verdict) in [
        (month(2026, 2), Err(Check::CrlExpired)),
        (begun, Ok(())),
        (month(2026, 5) + grace, Ok(())),
        (month(2026, 5) + grace + second, Err(Check::CrlExpired)),
        (month(2026, 7) - second, Err(Check::CrlExpired)),
        (month(2026, 7), Err(Check::Revoked)),
        (month(2026, 9) + grace, Err(Check::Revoked)),
        (month(2026, 9) + grace + second, Err(Check::CrlExpired)),
        // A clock that is set back.
        (begun, Ok(())),
    ] {
        assert_eq!(at(instant), verdict, "{instant}");
    }
}

/// Whatever the files are called, and in whatever order they lie.
#[test]
fn of_two_lists_of_one_ca_the_newest_counts() {
    let scratch = Scratch::new();
    let root = Signer::root(ca("root"));
    let later = month(2027, 6);
    let old = root.crl_made(month(2026, 5), &[], later);
    let new = root.crl_made(month(2026, 6), &[77], later);
    let chain = [root.leaf(leaf())];
    for crls in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
        let files = trusting(&scratch, &[(&root, false)], &crls);
        assert_eq!(judge(&files, &chain, now()), Err(Check::Revoked));
    }
    // The newest counts although it has run out and the older one has not.
    let short = root.crl_made(month(2026, 6), &[], month(2026, 7));
    for crls in [[old.clone(), short.clone()], [short, old]] {
        let files = trusting(&scratch, &[(&root, false)], &crls);
        assert_eq!(judge(&files, &chain, now()), Err(Check::CrlExpired));
    }
}

/// Made with openssl (`lav.sh` there), since no library that we have makes such.
#[test]
fn outdated_certificates() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls");
    let scratch = Scratch::new();
    let files = ServiceFiles {
        client_ca: vec![ClientCa {
            file: folder.join("ca.pem"),
            without_crl: true,
        }],
        ..trusting(&scratch, &[], &[])
    };
    for (name, verdict) in [
        ("sha256", Ok(())),
        ("sha1", Err(Check::Signature)),
        ("md5", Err(Check::Signature)),
        ("v1", Err(Check::Malformed)),
        ("rsa1024", Err(Check::Signature)),
        ("p192", Err(Check::Signature)),
        ("nummer-0", Ok(())),
        ("nummer-21", Err(Check::Malformed)),
    ] {
        let chain = pem::certificates(&folder.join(format!("{name}.pem"))).unwrap();
        assert_eq!(judge(&files, &chain, now()), verdict, "{name}");
    }
}

/// The chain of certs-example is made like the real one: RSA, RSASSA-PSS with SHA-512, its lists too.
#[test]
fn rsassa_pss_chains_verify() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("certs-example");
    let scratch = Scratch::new();
    let mut chain = pem::certificates(&folder.join("oces3-organisation.pem")).unwrap();
    chain.extend(pem::certificates(&folder.join("udstedende-ca.pem")).unwrap());
    let issuing_crl = folder.join("udstedende-ca.crl.pem");
    // The OCES issuers publish DER.
    let der = pem::revocation_lists(&issuing_crl).unwrap().remove(0);
    let mut files = ServiceFiles {
        client_ca: vec![ClientCa {
            file: folder.join("rod-ca.pem"),
            without_crl: false,
        }],
        crl: vec![
            folder.join("rod-ca.crl.pem"),
            scratch.file("issuing.crl", &der),
        ],
        allow_example_ca: true,
        ..trusting(&scratch, &[], &[])
    };
    assert_eq!(judge(&files, &chain, now()), Ok(()));
    files.crl.pop();
    let verdict = judge(&files, &chain, now());
    assert_eq!(verdict, Err(Check::RevocationUnknown));

    // Under the issuing CA alone, as many configure it.
    files.client_ca[0].file = folder.join("udstedende-ca.pem");
    files.crl = vec![issuing_crl];
    assert_eq!(judge(&files, &chain[..1], now()), Ok(()));
}

/// A test certificate in production is refused as a stranger's, and the log says what it is.
#[test]
fn certificates_of_the_other_environment() {
    let (own, test) = (Signer::root(ca("produktion")), Signer::root(ca("test")));
    let scratch = Scratch::new();
    let mut files = trusting(&scratch, &[(&own, true)], &[]);
    let chain = [test.leaf(leaf())];
    assert_eq!(
        judge_as(&files, &chain, now()),
        Err((Check::UnknownCa, Check::UnknownCa))
    );
    files.other_environment = vec![scratch.file("test.pem", &test.pem)];
    let told = Err((Check::UnknownCa, Check::OtherEnvironment));
    assert_eq!(judge_as(&files, &chain, now()), told);
    // A stranger's stays one, and our own is good.
    let stranger = Signer::root(ca("fremmed")).leaf(leaf());
    let unknown = Err((Check::UnknownCa, Check::UnknownCa));
    assert_eq!(judge_as(&files, &[stranger], now()), unknown);
    assert_eq!(judge_as(&files, &[own.leaf(leaf())], now()), Ok(()));
}
