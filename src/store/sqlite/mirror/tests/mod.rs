//! Mirrors from their extracts: a world for the tests of loading and of what is asked.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::*;
use crate::mirror::AddressParts;
use crate::pki::scratch::Scratch;
use crate::register::PNummer;
use crate::register::Tidspunkt;

mod loading;
mod queries;

const DAR: &str = "\
id,vejnavn,vejkode,husnr,etage,dør,supplerendebynavn,postnr,postnrnavn,kommunekode,status,wgs84koordinat_bredde,wgs84koordinat_længde
00000000-0000-0000-0000-000000000001,Skovvejen,0017,12A,,,,8000,Aarhus C,0751,1,56.1567891,10.2
00000000-0000-0000-0000-000000000002,Skovvejen,0017,14,st,,,8000,Aarhus C,0751,3,56.1,-0.05
00000000-0000-0000-0000-000000000003,Skovvejen,0017,16,1,th,,8000,Aarhus C,0751,1,,
00000000-0000-0000-0000-000000000004,Skovvejen,0017,16,1,tv,,8000,Aarhus C,0751,1,56.2,10.3
00000000-0000-0000-0000-000000000005,Skovvejen,0017,16,2,,,8000,Aarhus C,0751,1,56.2,10.3
00000000-0000-0000-0000-000000000006,Skovvejen,0017,18,,,,8000,Aarhus C,0751,2,,
00000000-0000-0000-0000-000000000007,Sankt Knuds Vej,0020,3,,,,8000,Aarhus C,0751,1,56,10
00000000-0000-0000-0000-000000000008,Kirkevej,0101,1,,,Nord,4000,Roskilde,0265,1,,
00000000-0000-0000-0000-000000000009,Kirkevej,0102,1,,,Syd,4000,Roskilde,0265,1,,
00000000-0000-0000-0000-00000000000a,Kirkevej,0103,1,,,,4000,Roskilde,0350,1,,
00000000-0000-0000-0000-00000000000b,Ørbækvej,0050,100A,,,,5220,Odense SØ,0461,1,,
00000000-0000-0000-0000-00000000000c,Skovvejen,0018,99,,,,8200,Aarhus N,0751,1,,
00000000-0000-0000-0000-00000000000d,Skovvejen,0017,20,,,,8000,Aarhus C,0751,4,,
";

struct World {
    _folder: Scratch,
    root: PathBuf,
}

impl World {
    fn new() -> Self {
        let folder = Scratch::new();
        let root = folder.path().to_owned();
        Self {
            _folder: folder,
            root,
        }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.root.join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    fn target(&self, kind: MirrorKind) -> PathBuf {
        path(&self.root.join("register.db"), kind)
    }

    fn load(&self, kind: MirrorKind, extract: &Path) -> std::result::Result<Loaded, LoadError> {
        self.load_with(kind, extract, false, &mut |_| ControlFlow::Continue(()))
    }

    fn load_with(
        &self,
        kind: MirrorKind,
        extract: &Path,
        allow_smaller: bool,
        progress: &mut dyn FnMut(LoadProgress) -> ControlFlow<()>,
    ) -> std::result::Result<Loaded, LoadError> {
        let target = self.target(kind);
        let without: &[&str] = match kind {
            MirrorKind::Cvr => &["etage", "doer"],
            MirrorKind::Dar => &[
                "postnrnavn",
                "etage",
                "dør",
                "supplerendebynavn",
                "status",
                "wgs84koordinat_bredde",
                "wgs84koordinat_længde",
            ],
        };
        let without: Vec<String> = without.iter().map(|name| (*name).to_owned()).collect();
        let job = Load {
            kind,
            extract,
            target: &target,
            now: Tidspunkt::from_millis(1_700_000_000_000),
            allow_smaller,
            allow_without: &without,
            between_points: 10,
        };
        load(&job, progress)
    }

    fn dar(&self) -> Arc<dyn DarMirror> {
        let file = self.write("adresser.csv", DAR);
        self.load(MirrorKind::Dar, &file).unwrap();
        dar(&self.target(MirrorKind::Dar)).unwrap().unwrap()
    }

    fn cvr(&self) -> Arc<dyn CvrMirror> {
        cvr(&self.target(MirrorKind::Cvr)).unwrap().unwrap()
    }
}

fn p(text: &str) -> PNummer {
    PNummer::parse(text).unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn parts<'a>(street: &'a str, house: &'a str, post: &'a str) -> AddressParts<'a> {
    AddressParts {
        vej_navn: street,
        hus_nummer: house,
        post_nummer: post,
        ..AddressParts::default()
    }
}
