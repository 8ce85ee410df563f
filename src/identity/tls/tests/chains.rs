//! Chains beyond the example PKI, judged by the verifier alone.

mod crowds;
mod revocation;

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
