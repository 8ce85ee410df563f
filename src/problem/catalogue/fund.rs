//! 52xx: findings of the monthly run (kontrakt §7). They refuse nothing: what stands in the register stays.

use crate::problem::Fault;

super::entries! {
    Register;
    INGEN_ENHED = "DTR5201", Advarsel, Fault::Sender,
        "Daginstitutionen {nummer} ({navn}) har ingen åben anvisningsenhed.",
        "The daginstitution {nummer} ({navn}) has no open anvisningsenhed.",
        "Opret en enhed, eller nedlæg daginstitutionen: den skal have mindst én.",
        "Insert a unit, or close the daginstitution: it must have at least one.";
    ULOVLIGT_GRUNDLAG = "DTR5202", Advarsel, Fault::Sender, lists ["grundlag", "ejerformer"],
        "Daginstitutionen {nummer} ({navn}) har ejerform {ejerform} og lovgrundlag {lovgrundlag}, som ikke er lovlige sammen.",
        "The daginstitution {nummer} ({navn}) has ejerform {ejerform} and lovgrundlag {lovgrundlag}, which are not lawful together.",
        "Ret den gennem v1, eller gennem v2, når også enhederne passer. Med lovgrundlag {lovgrundlag} er ejerform lovlig: {ejerformer}; med ejerform {ejerform} er lovgrundlag lovligt: {grundlag}.",
        "Correct it through v1, or through v2 once its units fit too. With lovgrundlag {lovgrundlag} these ejerformer are lawful: {ejerformer}; with ejerform {ejerform} these lovgrundlag: {grundlag}.";
    ULOVLIG_TYPE = "DTR5203", Advarsel, Fault::Sender, lists ["typer"],
        "Enheden {nummer} ({navn}) har instType3 {instType}, som ikke er lovlig under {over} med ejerform {ejerform} og lovgrundlag {lovgrundlag}.",
        "The unit {nummer} ({navn}) has instType3 {instType}, which is not lawful under {over} with ejerform {ejerform} and lovgrundlag {lovgrundlag}.",
        "Lovlige typer dér: {typer}. Ret enheden, flyt den, eller ret daginstitutionen; v1 krydsvaliderer ikke.",
        "Lawful types there: {typer}. Correct the unit, move it, or correct the daginstitution; v1 does not cross-validate.";
    UDEN_P_NUMMER = "DTR5204", Advarsel, Fault::Sender,
        "Enheden {nummer} ({navn}) har intet P-nummer.",
        "The unit {nummer} ({navn}) has no P-number.",
        "Send enheden igen med P-nummeret på det sted i CVR, hvor den hører til.",
        "Send the unit again with the P-number of its place in CVR.";
    P_NUMMER_UKENDT = "DTR5206", Advarsel, Fault::Sender,
        "P-nummeret {pnummer} på {nummer} ({navn}) findes ikke i CVR.",
        "The P-number {pnummer} of {nummer} ({navn}) is not in CVR.",
        "Send posten igen med det P-nummer, som stedet har nu.",
        "Send the record again with the P-number that the place has now.";
    P_NUMMER_IKKE_AKTIV = "DTR5207", Advarsel, Fault::Sender,
        "P-nummeret {pnummer} på {nummer} ({navn}) har i CVR status {status}.",
        "The P-number {pnummer} of {nummer} ({navn}) has the status {status} in CVR.",
        "Send posten igen med det P-nummer, som stedet har nu, eller nedlæg den, hvis den er lukket.",
        "Send the record again with the P-number that the place has now, or close it if it has closed.";
    CVR_AFVIGER = "DTR5208", Advarsel, Fault::Sender,
        "{nummer} ({navn}) står med CVR-nummer {gemt}, men P-nummeret {pnummer} hører nu til {cvr}.",
        "{nummer} ({navn}) stands with CVR number {gemt}, but the P-number {pnummer} now belongs to {cvr}.",
        "Send posten igen; så udfyldes CVR-nummeret ud fra P-nummeret.",
        "Send the record again; the CVR number is then filled in from the P-number.";
    ADRESSE_UKENDT = "DTR5209", Advarsel, Fault::Sender,
        "Adressen {adresse} på {nummer} ({navn}) findes ikke i DAR.",
        "The address {adresse} of {nummer} ({navn}) is not in DAR.",
        "Send posten igen med adressen, som DAR har den, eller få kommunen til at oprette den i DAR.",
        "Send the record again with the address as DAR has it, or have the kommune create it in DAR.";
    ADRESSE_LUKKET = "DTR5210", Advarsel, Fault::Sender,
        "Adressen {adresse} på {nummer} ({navn}) gælder ikke mere: i DAR har den status {status}.",
        "The address {adresse} of {nummer} ({navn}) is no longer valid: in DAR it has the status {status}.",
        "Send posten igen med den adresse, der har afløst den.",
        "Send the record again with the address that took its place.";
    DAGPLEJE_CVR = "DTR5211", Advarsel, Fault::Sender,
        "Dagplejen {nummer} ({navn}) er kommunal, men dens P-nummer {pnummer} hører i CVR til {cvr}.",
        "The dagpleje {nummer} ({navn}) is kommunal, but its P-number {pnummer} belongs to {cvr} in CVR.",
        "Send enheden igen med et P-nummer under kommunens eget CVR-nummer.",
        "Send the unit again with a P-number under the kommune's own CVR number.";
    AFLOEST_AABEN = "DTR5212", Advarsel, Fault::Sender,
        "{nummer} ({navn}) er stadig åben, selv om {efter} har afløst den i over 30 dage.",
        "{nummer} ({navn}) is still open although {efter} has succeeded it for over 30 days.",
        "Nedlæg den med {efter} i afloestAf, hvis den er ophørt.",
        "Close it with {efter} in afloestAf if it has ceased.";
    INGEN_DAGPLEJE = "DTR5205", Advarsel, Fault::Sender,
        "Kommune {kommune} har intet område for dagpleje (en åben enhed af typen 6013).",
        "Kommune {kommune} has no area of dagpleje (an open unit of type 6013).",
        "Opret mindst ét område, hvis kommunen har dagplejere; dtr dagpleje plan laver beskederne.",
        "Insert at least one area if the kommune has dagplejere; dtr dagpleje plan makes the messages.";
}

/// Whether an entry is a finding: of the monthly run, not of a call.
pub fn is_finding(entry: &crate::problem::Entry) -> bool {
    ROWS.iter().any(|own| own.kode == entry.kode)
}
