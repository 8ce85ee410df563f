//! The findings of a kommune as a document (`/fund/<kommune>.xml`, kontrakt §2), and as rows for a spreadsheet.

use crate::register::{Fund, Kommunekode};
use crate::store::{Read, Result};
use crate::xml::Writer;

const NAMESPACE: &str = "urn:dagtilbudsregister:fund:v1";

/// The document of a kommune, valid by `Fund-v1.xsd`.
///
/// # Errors
/// [`crate::store::StoreError`].
pub fn fundrapport(view: &dyn Read, kommune: Kommunekode) -> Result<Vec<u8>> {
    let found = view.fund(Some(kommune))?;
    let mut w = Writer::with_capacity(512 + 600 * found.len());
    w.declaration();
    w.open("fundrapport").attr("xmlns", NAMESPACE);
    w.leaf("kommuneKode", &kommune.to_string());
    if let Some(run) = view.last_kontrol()? {
        w.leaf("senesteKontrol", &run.begyndt.to_string());
    }
    let open = found.iter().filter(|each| each.loest.is_none()).count();
    w.leaf("aabne", &open.to_string());
    for Fund {
        fund,
        foerst_set,
        sidst_set,
        loest,
    } in &found
    {
        w.open("fund");
        w.leaf("kode", &fund.kode);
        if let Some(number) = fund.nummer {
            w.leaf("institutionsnummer", number.as_str());
        }
        w.leaf("beskedDa", &fund.besked_da);
        w.leaf("beskedEn", &fund.besked_en);
        w.leaf("afhjaelpningDa", &fund.hjaelp_da);
        w.leaf("afhjaelpningEn", &fund.hjaelp_en);
        w.leaf("foerstSet", &foerst_set.to_string());
        w.leaf("sidstSet", &sidst_set.to_string());
        if let Some(at) = loest {
            w.leaf("loest", &at.to_string());
        }
        w.close("fund");
    }
    w.close("fundrapport");
    Ok(w.into_bytes())
}
