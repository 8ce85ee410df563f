//! Exports as documents of their own, without SOAP (decisions §9): the register's trees and the code tables.

use crate::message::Form;
use crate::problem::{Problem, http};
use crate::register::{Indhold, Kodetabeller, Kommunekode, Post, Sekvens, Tidspunkt};
use crate::server::exchange::Service;
use crate::store::{self, Moment, Read, Stand, Udvalg};
use crate::xml::Writer;

use super::write;

/// A document that can be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// `/eksport/v2/dagtilbud.xml`: trees, closed records included.
    Dagtilbud {
        /// Only those of this administrative kommune.
        kommune: Option<Kommunekode>,
        /// As they stood then.
        moment: Option<Moment>,
    },
    /// `/kodetabeller.xml`.
    Kodetabeller,
}

/// Why a document is not given.
#[derive(Debug)]
pub enum DocumentError {
    /// What the caller is told.
    Problem(Box<Problem>),
    /// The store failed.
    Store(store::StoreError),
}

impl From<store::StoreError> for DocumentError {
    fn from(error: store::StoreError) -> Self {
        Self::Store(error)
    }
}

impl Document {
    /// The document of a path and its query; `None` when the path is no document's.
    pub fn parse(path: &str, query: &[(String, String)]) -> Option<Result<Self, Box<Problem>>> {
        match path {
            "/eksport/v2/dagtilbud.xml" => Some(Self::trees(query)),
            "/kodetabeller.xml" => Some(match query.first() {
                None => Ok(Self::Kodetabeller),
                Some((name, value)) => Err(refused(name, value, "/kodetabeller.xml")),
            }),
            _ => None,
        }
    }

    fn trees(query: &[(String, String)]) -> Result<Self, Box<Problem>> {
        let (mut kommune, mut moment) = (None, None);
        for (name, value) in query {
            match name.as_str() {
                "kommune" if kommune.is_none() => {
                    kommune = Some(
                        Kommunekode::parse(value).map_err(|_| refused(name, value, "1-9999"))?,
                    );
                }
                "pr" if moment.is_none() => moment = Some(parse_moment(name, value)?),
                _ => return Err(refused(name, value, "kommune, pr")),
            }
        }
        Ok(Self::Dagtilbud { kommune, moment })
    }

    /// Builds the document; gives the state that it shows too.
    pub fn build(
        self,
        view: &dyn Read,
        tables: &Kodetabeller,
    ) -> Result<(Vec<u8>, Stand), DocumentError> {
        let now = view.stand()?;
        match self {
            Self::Kodetabeller => Ok((
                document("kodetabeller", now, |w| write::code_tables(w, tables)),
                now,
            )),
            Self::Dagtilbud { kommune, moment } => {
                if let Some(Moment::Sekvens(after)) =
                    moment.filter(|m| matches!(m, Moment::Sekvens(s) if *s > now.sekvens))
                {
                    let rule = format!("0-{}", now.sekvens);
                    return Err(DocumentError::Problem(refused(
                        "pr",
                        &after.to_string(),
                        &rule,
                    )));
                }
                let form = Form { v2: true, tables };
                let (posts, stand) = match moment {
                    None => {
                        let all = Udvalg {
                            adm_kommune: kommune,
                            inkluder_nedlagte: true,
                            ..Udvalg::default()
                        };
                        (super::collect(view, &all)?, now)
                    }
                    Some(moment) => {
                        let mut posts = super::as_of(view, moment, true)?;
                        // Units without their daginstitution are in no tree: filtering the roots is enough.
                        posts.retain(|post| kommune.is_none_or(|kommune| is_of(post, kommune)));
                        (posts, view.stand_pr(moment)?)
                    }
                };
                Ok((
                    document("dagtilbudsRegister", stand, |w| {
                        write::trees(w, &posts, form)
                    }),
                    stand,
                ))
            }
        }
    }
}

fn is_of(post: &Post, kommune: Kommunekode) -> bool {
    match &post.indhold {
        Indhold::Daginstitution(root) => root.adm_kommune == kommune,
        _ => true,
    }
}

fn parse_moment(name: &str, value: &str) -> Result<Moment, Box<Problem>> {
    let sequence = value
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| value.parse().ok())
        .flatten();
    sequence
        .map(|number| Moment::Sekvens(Sekvens(number)))
        .or_else(|| Tidspunkt::parse(value).ok().map(Moment::Tidspunkt))
        .ok_or_else(|| refused(name, value, "sekvens, YYYY-MM-DDThh:mm:ssZ"))
}

fn refused(name: &str, value: &str, rule: &str) -> Box<Problem> {
    Box::new(
        Problem::new(&http::PARAMETER)
            .with("parameter", name)
            .with("vaerdi", value)
            .with("regel", rule),
    )
}

fn document(root: &str, stand: Stand, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::with_capacity(64 * 1024);
    w.declaration();
    w.open(root);
    write::namespaces(&mut w, Service::EksportV2);
    write::stand(&mut w, stand);
    body(&mut w);
    w.close(root);
    w.into_bytes()
}
