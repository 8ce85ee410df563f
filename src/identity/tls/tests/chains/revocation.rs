//! Revocation lists: what they say, and when they are believed.

use super::*;

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
