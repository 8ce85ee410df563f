//! Chains of certificates that may all be each other's issuer. The search for a path has to give up after so many steps, and
//! not after all the paths that there are. The steps are counted, and no clock is asked.

use std::cell::Cell;

use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use super::*;

/// How many certificates a crowd has.
const CROWD: usize = 100;
/// How many signatures are checked at most.
const SIGNATURES: usize = 100;

thread_local! {
    /// The signatures that were checked in this thread.
    static CHECKED: Cell<usize> = const { Cell::new(0) };
}

/// An algorithm that counts its use.
#[derive(Debug)]
struct Counted(&'static dyn SignatureVerificationAlgorithm);

impl SignatureVerificationAlgorithm for Counted {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        CHECKED.set(CHECKED.get() + 1);
        self.0.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.0.signature_alg_id()
    }
}

fn counting() -> CryptoProvider {
    let provider = default_provider();
    let known = provider.signature_verification_algorithms;
    let counted = |each: &&'static dyn SignatureVerificationAlgorithm| {
        let counted: &'static dyn SignatureVerificationAlgorithm =
            Box::leak(Box::new(Counted(*each)));
        counted
    };
    let all: Vec<_> = known.all.iter().map(counted).collect();
    CryptoProvider {
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: all.leak(),
            ..known
        },
        ..provider
    }
}

/// The verdict on a chain under one root, and how many signatures were checked for it.
fn judged(root: &Signer, chain: &[CertificateDer<'static>]) -> (Result<(), String>, usize) {
    let scratch = Scratch::new();
    let files = trusting(&scratch, &[(root, true)], &[]);
    let provider = Arc::new(counting());
    let (verifier, _) = client_verifier(&files, Arc::default(), &provider, now()).unwrap();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(now().unix_timestamp() as u64));
    let before = CHECKED.get();
    let verdict = verifier.verify_client_cert(&chain[0], &chain[1..], at);
    let verdict = verdict.map(drop).map_err(|error| format!("{error:?}"));
    (verdict, CHECKED.get() - before)
}

/// A leaf of one of a crowd with one name, and the crowd.
fn crowd() -> Vec<CertificateDer<'static>> {
    let crowd: Vec<_> = (0..CROWD).map(|_| Signer::root(ca("crowd"))).collect();
    let mut chain = vec![crowd[0].leaf(leaf())];
    chain.extend(crowd.into_iter().map(|signer| signer.der));
    chain
}

#[test]
fn an_ordinary_chain_costs_a_signature_for_each_certificate() {
    let root = Signer::root(ca("root"));
    let issuing = root.sub(ca("issuing"));
    let direct = judged(&root, &[root.leaf(leaf())]);
    assert_eq!(direct, (Ok(()), 1));
    let between = judged(&root, &[issuing.leaf(leaf()), issuing.der.clone()]);
    assert_eq!(between, (Ok(()), 2));
}

#[test]
fn a_crowd_that_leads_nowhere_is_given_up_after_so_many_paths() {
    let (verdict, checked) = judged(&Signer::root(ca("root")), &crowd());
    let told = verdict.unwrap_err();
    assert!(told.contains("MaximumPathBuildCallsExceeded"), "{told}");
    assert_eq!(checked, 0, "no path reaches a root");
}

#[test]
fn a_crowd_under_the_name_of_a_root_is_given_up_after_so_many_signatures() {
    let (verdict, checked) = judged(&Signer::root(ca("crowd")), &crowd());
    let told = verdict.unwrap_err();
    assert!(told.contains("MaximumSignatureChecksExceeded"), "{told}");
    assert_eq!(checked, SIGNATURES);
}
