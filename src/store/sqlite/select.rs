//! A selection of records as SQL: the conditions that it has, and nothing else, so that each shape has its own plan.

use rusqlite::types::Value;

use super::rows::select_rows;
use crate::register::Institutionsnummer;
use crate::store::Selection;

/// The statement for a selection, with its parameters in order.
pub(super) fn records(selection: &Selection) -> (String, Vec<Value>) {
    let (clause, params) = clause(selection);
    let select = select_rows!("FROM post p JOIN aendring a ON a.sekvens = p.sekvens");
    (format!("{select}{clause} ORDER BY p.nummer"), params)
}

/// The statement that counts a selection as far as it is not longer than the last parameter.
pub(super) fn antal(selection: &Selection, most: i64) -> (String, Vec<Value>) {
    let (clause, mut params) = clause(selection);
    params.push(most.into());
    (
        format!("SELECT count(*) FROM (SELECT 1 FROM post p{clause} LIMIT ?)"),
        params,
    )
}

/// The conditions of a selection, with their parameters in order.
fn clause(selection: &Selection) -> (String, Vec<Value>) {
    let mut conditions = Vec::new();
    let mut params = Vec::new();
    let mut also = |condition: &'static str, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push(condition);
            let times = condition.matches('?').count();
            params.extend(std::iter::repeat_n(value, times));
        }
    };
    let number = |number: Option<Institutionsnummer>| {
        number.map(|number| Value::Text(number.as_str().to_owned()))
    };
    let name = |name: &Option<String>| name.as_ref().map(|name| name.to_lowercase().into());
    also("p.nummer = ?", number(selection.nummer));
    let niveau = match selection.med_over {
        false => "p.niveau = ?",
        true => {
            "(p.niveau = ? OR p.nummer IN (SELECT foraelder FROM post WHERE niveau = ?) \
             OR p.nummer IN (SELECT rod FROM post WHERE niveau = ?))"
        }
    };
    let level = selection.niveau.map(|niveau| niveau as i64 + 1);
    also(niveau, level.map(Value::from));
    let kommune = selection.adm_kommune.map(|kommune| i64::from(kommune.0));
    also(
        "(p.adm_kommune = ? \
         OR p.niveau = 2 AND p.foraelder IN (SELECT nummer FROM post WHERE adm_kommune = ?) \
         OR p.niveau = 3 AND p.rod IN (SELECT nummer FROM post WHERE adm_kommune = ?))",
        kommune.map(Value::from),
    );
    also("instr(p.navn, ?) > 0", name(&selection.navn));
    also("p.navn = ?", name(&selection.navn_er));
    let p_nummer = selection.p_nummer.map(|number| number.as_str().to_owned());
    also("p.p_nummer = ?", p_nummer.map(Value::from));
    let cvr = selection.cvr.map(|cvr| cvr.as_str().to_owned());
    also("p.cvr = ?", cvr.map(Value::from));
    also("p.foraelder = ?", number(selection.parent));
    also(
        "(p.nummer = ? OR p.foraelder = ? OR p.niveau = 3 AND p.rod = ?)",
        number(selection.root),
    );
    if !selection.inkluder_nedlagte {
        conditions.push("p.aktiv = 1");
    }
    let mut sql = String::new();
    for (at, condition) in conditions.iter().enumerate() {
        sql.push_str(if at == 0 { " WHERE " } else { " AND " });
        sql.push_str(condition);
    }
    (sql, params)
}
