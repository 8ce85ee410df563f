//! The status as one JSON object, for programs. Its names are those of `dtr status --json` (docs/drift.md).

use serde_json::{Map, Value, json};

use super::{ListStatus, MirrorStatus, RegisterStatus, ServerState, Status};
use crate::calls::Silent;
use crate::register::Niveau;

impl Status {
    /// The object.
    pub fn json(&self) -> Value {
        let register = &self.register;
        let position = register.position;
        let last = position.tidspunkt.map(|at| at.to_string());
        let (open, closed) = register.organisations;
        let tls = self.tls.as_ref();
        let lists: Vec<_> = tls.iter().flat_map(|tls| &tls.lists).map(list).collect();
        json!({
            "register": self.database.display().to_string(),
            "bytes": self.bytes,
            "starterIkke": self.obstacles,
            "urMistroet": self.distrust,
            "netdrev": self.network,
            "epoke": position.epoke.to_string(),
            "sekvens": position.sekvens.0,
            "senesteAendring": last,
            "poster": records(register),
            "numreTilbage": register.numbers_left,
            "organisationer": { "aabne": open, "lukkede": closed },
            "kontrol": register.last_run.map(|run| json!({
                "begyndt": run.begyndt.to_string(), "aabne": run.aabne, "nye": run.nye, "loeste": run.loeste,
            })),
            "audit": { "nr": register.head.number, "hash": register.head.hash.to_string() },
            "servercertifikat": {
                "dageTilbage": tls.ok().map(|tls| tls.days),
                "fejl": tls.err(),
            },
            "spejle": self.mirrors.iter().map(mirror).collect::<Map<_, _>>(),
            "tavseSystemer": self.silent.as_ref().ok().map(|all| all.iter().map(silent).collect::<Vec<_>>()),
            "spaerrelister": lists,
            "tls": self.server.tls,
            "server": {
                "adresse": self.server.address.to_string(),
                "svarer": self.server.state != ServerState::NoAnswer,
                "klar": self.server.state == ServerState::Ready,
            },
        })
    }
}

fn records(register: &RegisterStatus) -> Map<String, Value> {
    let levels = Niveau::ALL.into_iter().zip(register.counts);
    let counts = levels.map(|(level, (open, closed))| {
        let counts = json!({ "aktive": open, "nedlagte": closed });
        (level.element().to_owned(), counts)
    });
    counts.collect()
}

fn silent(Silent { system, last }: &Silent) -> Value {
    json!({
        "system": system.id.to_string(),
        "navn": system.navn,
        "cvr": system.ejer.as_str(),
        "sidst": last.json(),
    })
}

fn list(list: &ListStatus) -> Value {
    json!({ "udsteder": list.issuer, "tilstand": list.state, "nextUpdate": list.next_update })
}

fn mirror(mirror: &MirrorStatus) -> (String, Value) {
    let told = match (&mirror.error, &mirror.state) {
        (Some(why), _) => json!({ "fejl": why }),
        (None, None) => Value::Null,
        (None, Some(state)) => json!({
            "indlaest": state.loaded.to_string(),
            "kilde": state.source,
            "raekker": state.rows,
            "afvist": state.rejected,
        }),
    };
    (mirror.kind.as_str().to_owned(), told)
}
