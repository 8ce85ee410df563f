//! What the law says of a record with what stands above and under it (kontrakt §7). The cross-validation itself is in
//! [`cross`], the P-numbers of dagpleje in [`dagpleje`].

use crate::message::{Field, Sent};
use crate::problem::{Problem, register};
use crate::register::{Content, Institutionsnummer, Lukkeaarsag, Niveau, PNummer, Record, Version};
use crate::store::Result;

use super::super::operations::WriteKind;
use super::super::{Rules, cross, dagpleje};
use super::Decider;

/// The legal basis of a landsbyordning.
const LANDSBYORDNING: i32 = 6;

impl Decider<'_> {
    /// What the law says of what is sent together with what stands above and under it.
    pub(super) fn lawful(
        &mut self,
        sent: &Sent,
        existing: Option<&Record>,
        parent: Option<&Record>,
    ) -> Result<()> {
        let unit = match (self.import.level, existing.map(|own| &*own.content)) {
            (Niveau::Daginstitution, _) => {
                return self.lawful_top(sent, existing.map(|own| own.nummer));
            }
            (_, Some(Content::Anvisningsenhed(unit))) if self.import.kind == WriteKind::Move => {
                Some((unit.inst_type, unit.p_nummer))
            }
            _ => {
                let inst_type = sent.code(Field::InstType3);
                inst_type.map(|inst_type| (inst_type, sent.p_number(Field::PNummer)))
            }
        };
        match unit.zip(parent) {
            Some((unit, parent)) => self.lawful_unit(sent, unit, parent),
            None => Ok(()),
        }
    }

    /// A daginstitution with the open units that it has. Dagpleje under it that becomes kommunal has P-numbers of the
    /// kommune's own.
    fn lawful_top(&mut self, sent: &Sent, own: Option<Institutionsnummer>) -> Result<()> {
        let Rules {
            tables, mirrors, ..
        } = self.rules;
        let ejerform = sent.code(Field::EjerformKode);
        let whose = ejerform.zip(sent.kommune(Field::AdmKommuneKode));
        if let Some((own, whose)) = own.zip(whose)
            && let Some(problem) = dagpleje::daginstitution(self.view, mirrors, own, whose)?
        {
            self.push(sent, Field::EjerformKode, problem);
        }
        let basis = sent.code(Field::LovgrundlagKode);
        if let Some(codes) = ejerform.zip(basis).filter(|_| self.cross_validates())
            && let Some(problem) = cross::daginstitution(tables, self.view, codes, own)?
        {
            self.push(sent, Field::LovgrundlagKode, problem);
        }
        Ok(())
    }

    /// A unit of a type and a P-number under a daginstitution. Kommunal dagpleje has a P-number of the kommune's own.
    fn lawful_unit(
        &mut self,
        sent: &Sent,
        (inst_type, p_nummer): (i32, Option<PNummer>),
        parent: &Record,
    ) -> Result<()> {
        let Rules {
            tables, mirrors, ..
        } = self.rules;
        let moves = self.import.kind == WriteKind::Move;
        let at = |field| match moves {
            true => Field::NytDaginstitutionsNummer,
            false => field,
        };
        let problem = dagpleje::problem(self.view, mirrors, parent, inst_type, p_nummer)?;
        if let Some(problem) = problem {
            self.push(sent, at(Field::PNummer), problem);
        }
        if self.cross_validates()
            && let Some(problem) = cross::enhed(tables, inst_type, parent)
        {
            self.push(sent, at(Field::InstType3), problem);
        }
        Ok(())
    }

    /// Version 1 has no cross-validation (kontrakt §7).
    fn cross_validates(&self) -> bool {
        self.import.service.version >= Version::V2
    }

    /// Only what belongs to a landsbyordning goes on under its school's number.
    pub(super) fn goes_to_school(&mut self, sent: &Sent, existing: &Record) -> Result<()> {
        if sent.reason(Field::Lukkeaarsag) != Some(Lukkeaarsag::BrugerSkolensNummer) {
            return Ok(());
        }
        let mut top = Some(existing.clone());
        while let Some(number) = top.as_ref().and_then(|record| record.content.parent()) {
            top = self.view.record(number)?;
        }
        if let Some(Content::Daginstitution(top)) = top.as_ref().map(|record| &*record.content)
            && top.lovgrundlag != LANDSBYORDNING
        {
            let problem = Problem::new(&register::IKKE_LANDSBYORDNING)
                .with("nummer", existing.nummer)
                .with("lovgrundlag", top.lovgrundlag);
            self.push(sent, Field::Lukkeaarsag, problem);
        }
        Ok(())
    }
}
