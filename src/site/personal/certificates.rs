//! The systems of a person's organisations: which certificates act as each, and when it last called.

use askama::Template;

use super::super::frame::Frame;
use super::super::{NotShown, Page, Shown, Site};
use super::calls::{own, unreadable};
use super::console::last_call;
use super::{Visit, pages};
use crate::calls::Last;
use crate::register::System;

#[derive(Template)]
#[template(path = "certificates.html")]
struct Certificates<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    systems: Vec<(System, String)>,
    unbound: Vec<(String, String)>,
}

pub(super) fn show(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let frame = site.frame(
        visit.place,
        visit.language().of("Certifikater", "Certificates"),
    );
    let organisations = own(visit);
    let last = match visit.calls {
        Some(log) => log.last().map_err(unreadable)?,
        None => Vec::new(),
    };
    let mut systems = visit.view.systemer()?;
    systems.retain(|system| organisations.contains(&system.ejer) && system.lukket.is_none());
    let systems = systems.into_iter().map(|system| {
        let called = last.iter().find(|one| one.system == Some(system.id));
        let told = last_call(visit, called);
        (system, told)
    });
    let is_unbound = |one: &&Last| {
        one.system.is_none() && one.cvr.is_some_and(|cvr| organisations.contains(&cvr))
    };
    let unbound = last.iter().filter(is_unbound).map(|one| {
        let cvr = one.cvr.map(|cvr| cvr.to_string()).unwrap_or_default();
        (cvr, last_call(visit, Some(one)))
    });
    Shown::html(&Certificates {
        systems: systems.collect(),
        unbound: unbound.collect(),
        pages: pages(&frame, visit.rights),
        f: frame,
    })
}
