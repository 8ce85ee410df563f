//! 52xx: findings of the monthly run (decisions §7). They refuse nothing: what stands in the register stays.

use crate::problem::Fault;

super::entries! {
    INGEN_ENHED = "DTR5201", Advarsel, Fault::Sender,
        "Daginstitutionen {nummer} ({navn}) har ingen åben anvisningsenhed.",
        "The daginstitution {nummer} ({navn}) has no open anvisningsenhed.",
        "Opret en enhed, eller nedlæg daginstitutionen: den skal have mindst én.",
        "Insert a unit, or close the daginstitution: it must have at least one.";
    ULOVLIGT_GRUNDLAG = "DTR5202", Advarsel, Fault::Sender,
        "Daginstitutionen {nummer} ({navn}) har ejerform {ejerform} og lovgrundlag {lovgrundlag}, som ikke er lovlige sammen.",
        "The daginstitution {nummer} ({navn}) has ejerform {ejerform} and lovgrundlag {lovgrundlag}, which are not lawful together.",
        "Ret den gennem v1, eller gennem v2, når også enhederne passer. Med lovgrundlag {lovgrundlag} er ejerform lovlig: {ejerformer}; med ejerform {ejerform} er lovgrundlag lovligt: {grundlag}.",
        "Correct it through v1, or through v2 once its units fit too. With lovgrundlag {lovgrundlag} these ejerformer are lawful: {ejerformer}; with ejerform {ejerform} these lovgrundlag: {grundlag}.";
    ULOVLIG_TYPE = "DTR5203", Advarsel, Fault::Sender,
        "Enheden {nummer} ({navn}) har instType3 {instType}, som ikke er lovlig under {over} med ejerform {ejerform} og lovgrundlag {lovgrundlag}.",
        "The unit {nummer} ({navn}) has instType3 {instType}, which is not lawful under {over} with ejerform {ejerform} and lovgrundlag {lovgrundlag}.",
        "Lovlige typer dér: {typer}. Ret enheden, flyt den, eller ret daginstitutionen; v1 krydsvaliderer ikke.",
        "Lawful types there: {typer}. Correct the unit, move it, or correct the daginstitution; v1 does not cross-validate.";
    UDEN_P_NUMMER = "DTR5204", Advarsel, Fault::Sender,
        "Enheden {nummer} ({navn}) har intet P-nummer.",
        "The unit {nummer} ({navn}) has no P-number.",
        "Send enheden igen med P-nummeret på det sted i CVR, hvor den hører til.",
        "Send the unit again with the P-number of its place in CVR.";
    INGEN_DAGPLEJE = "DTR5205", Advarsel, Fault::Sender,
        "Kommune {kommune} har intet område for dagpleje (en åben enhed af typen 6013).",
        "Kommune {kommune} has no area of dagpleje (an open unit of type 6013).",
        "Opret mindst ét område, hvis kommunen har dagplejere; dtr dagpleje plan laver beskederne.",
        "Insert at least one area if the kommune has dagplejere; dtr dagpleje plan makes the messages.";
}
