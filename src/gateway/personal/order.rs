//! What a form of the console asks for, read before the register is asked.

use crate::agreements::{self, CertificateRefused, KommuneRefused, LONGEST_CASE, LONGEST_NAME};
use crate::register::{Cvr, Kodetabel, Language, SystemId, Tidspunkt};
use crate::site::{Console, PersonalForm};
use crate::store::{OrgKind, Organisation};

/// What is to be done.
#[derive(Debug)]
pub(super) enum Order {
    Register(Organisation),
    CloseOrganisation(Cvr),
    RegisterSystem(Cvr, String, Vec<String>),
    Bind(SystemId, Vec<String>, Option<Vec<u8>>),
    CloseSystem(SystemId),
}

/// What a form comes to before the register is asked.
pub(super) enum Read {
    Order(Order),
    /// The consequences are to be seen first, of what this pair of the query names.
    Unconfirmed(&'static str, String),
    /// In words.
    Wrong(String),
}

impl Order {
    /// As the command line calls it.
    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Register(_) => "org add",
            Self::CloseOrganisation(_) => "org close",
            Self::RegisterSystem(..) => "system add",
            Self::Bind(..) => "system certifikat",
            Self::CloseSystem(_) => "system close",
        }
    }
}

/// The case number of a form, if it has one.
pub(super) fn case(form: &PersonalForm<'_>, language: Language) -> Result<Option<String>, String> {
    let Some(text) = form.one("sagsnummer") else {
        return Ok(None);
    };
    let case = agreements::given_name(text, LONGEST_CASE);
    case.map(Some).ok_or_else(|| {
        let why = language.of(
            "Et sagsnummer er 1 til 40 tegn på én linje.",
            "A case number is 1 to 40 characters on one line.",
        );
        why.to_owned()
    })
}

/// What a form asks for.
pub(super) fn read(
    (console, language): (Console, Language),
    form: &PersonalForm<'_>,
    kommuner: &Kodetabel,
    now: Tidspunkt,
) -> Read {
    let order = match (console, form.one("handling").unwrap_or_default()) {
        (Console::Organisations, "registrer") => organisation(form, language, kommuner, now),
        (Console::Systems, "registrer") => system(form, language),
        (Console::Systems, "bind") => bind(form, language),
        (Console::Organisations, "luk") => cvr(form, language).map(Order::CloseOrganisation),
        (Console::Systems, "luk") => id(form, language).map(Order::CloseSystem),
        _ => {
            let why = language.of(
                "Formularen siger ikke, hvad der skal gøres.",
                "The form does not say what is to be done.",
            );
            Err(why.to_owned())
        }
    };
    let is_confirmed = form.one("bekraeft").is_some();
    match order {
        Err(why) => Read::Wrong(why),
        Ok(Order::CloseOrganisation(cvr)) if !is_confirmed => {
            Read::Unconfirmed("luk", cvr.to_string())
        }
        Ok(Order::CloseSystem(id)) if !is_confirmed => Read::Unconfirmed("luk", id.to_string()),
        Ok(order) => Read::Order(order),
    }
}

fn organisation(
    form: &PersonalForm<'_>,
    language: Language,
    kommuner: &Kodetabel,
    now: Tidspunkt,
) -> Result<Order, String> {
    let art = form.one("art").unwrap_or_default();
    let kinds = [
        OrgKind::Kommune,
        OrgKind::Leverandoer,
        OrgKind::PrivatEjer,
        OrgKind::Aftager,
        OrgKind::Operatoer,
    ];
    let known = kinds.into_iter().find(|kind| kind.as_str() == art);
    let art = known.ok_or_else(|| language.of("Vælg en art.", "Choose a kind.").to_owned())?;
    let kommune = agreements::kommune_for(art, form.one("kommune"), kommuner);
    let kommune = kommune.map_err(|why| {
        let why = match why {
            KommuneRefused::Missing => language.of(
                "En kommune skal have sin kommunekode, som 751.",
                "A kommune needs its kommunekode, such as 751.",
            ),
            KommuneRefused::Unknown => language.of(
                "Kodetabellen har ingen kommune med den kode.",
                "The code table has no kommune of that code.",
            ),
            KommuneRefused::NotKommune => language.of(
                "Kun en kommune har en kommunekode.",
                "Only a kommune has a kommunekode.",
            ),
        };
        why.to_owned()
    })?;
    Ok(Order::Register(Organisation {
        cvr: cvr(form, language)?,
        navn: name(form, language)?,
        art,
        kommune,
        oprettet: now,
        lukket: None,
    }))
}

fn system(form: &PersonalForm<'_>, language: Language) -> Result<Order, String> {
    let owner = cvr(form, language)?;
    let identity = form
        .file("certifikat")
        .map(|pem| agreements::identity_of(pem, owner));
    let identity = identity
        .transpose()
        .map_err(|why| certificate(language, &why))?;
    let name = name(form, language)?;
    Ok(Order::RegisterSystem(
        owner,
        name,
        identity.into_iter().collect(),
    ))
}

fn bind(form: &PersonalForm<'_>, language: Language) -> Result<Order, String> {
    let released: Vec<_> = form.all("fjern").map(str::to_owned).collect();
    let pem = form.file("certifikat").map(<[u8]>::to_vec);
    if released.is_empty() && pem.is_none() {
        let why = language.of(
            "Vælg en fil, eller hvad der skal frigives.",
            "Choose a file, or what is to be released.",
        );
        return Err(why.to_owned());
    }
    Ok(Order::Bind(id(form, language)?, released, pem))
}

pub(super) fn certificate(language: Language, why: &CertificateRefused) -> String {
    match why {
        CertificateRefused::NoPem => language
            .of(
                "Filen er intet certifikat i PEM.",
                "The file is no certificate in PEM.",
            )
            .to_owned(),
        CertificateRefused::Unreadable(cause) => cause.clone(),
        CertificateRefused::OtherOwner(cvr) => format!(
            "{} {cvr}.",
            language.of(
                "Certifikatet er en anden organisations end ejerens: CVR",
                "The certificate is of another organisation than the owner: CVR"
            )
        ),
    }
}

fn cvr(form: &PersonalForm<'_>, language: Language) -> Result<Cvr, String> {
    Cvr::parse(form.one("cvr").unwrap_or_default()).map_err(|_| {
        let why = language.of(
            "Et CVR-nummer er otte cifre.",
            "A CVR-nummer is eight digits.",
        );
        why.to_owned()
    })
}

fn id(form: &PersonalForm<'_>, language: Language) -> Result<SystemId, String> {
    SystemId::parse(form.one("system").unwrap_or_default()).map_err(|_| {
        let why = language.of(
            "Et system hedder SYS- og et nummer.",
            "A system is SYS- and a number.",
        );
        why.to_owned()
    })
}

fn name(form: &PersonalForm<'_>, language: Language) -> Result<String, String> {
    let name = agreements::given_name(form.one("navn").unwrap_or_default(), LONGEST_NAME);
    name.ok_or_else(|| {
        let why = language.of(
            "Et navn er 1 til 132 tegn på én linje.",
            "A name is 1 to 132 characters on one line.",
        );
        why.to_owned()
    })
}
