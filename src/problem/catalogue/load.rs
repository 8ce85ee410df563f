//! 53xx: rows of a file that is loaded by the operator (decisions §11). Errors keep a row out, warnings do not.

use crate::problem::Fault;

super::entries! {
    UKENDT_ART = "DTR5301", Fejl, Fault::Sender,
        "Rækkens dagtilbudsType er {art}, og den har intet nummer, der siger mere.",
        "The row's dagtilbudsType is {art}, and it has no number that tells more.",
        "Brug daginstitution, anvisningsenhed eller alternativadresse.",
        "Use daginstitution, anvisningsenhed or alternativadresse.";
    UKENDT_STATUS = "DTR5302", Fejl, Fault::Sender,
        "aktivitetsstatus er {status}.",
        "aktivitetsstatus is {status}.",
        "Brug Aktiv eller Nedlagt.",
        "Use Aktiv or Nedlagt.";
    NUMMER_FORM = "DTR5303", Fejl, Fault::Sender,
        "{nummer} er ikke et institutionsnummer, som registeret kan beholde.",
        "{nummer} is not an institution number that the register can keep.",
        "Seks tegn af A-Z og 0-9, og ikke et A-nummer. Lad cellen stå tom, så udstedes et nyt.",
        "Six characters of A-Z and 0-9, and not an A-number. Leave the cell empty to have one issued.";
    NUMMER_IGEN = "DTR5304", Fejl, Fault::Sender,
        "{nummer} står i flere rækker.",
        "{nummer} is in several rows.",
        "Et nummer er én registrering; behold den rigtige række.",
        "A number is one registration; keep the right row.";
    NUMMER_KENDT = "DTR5305", Fejl, Fault::Sender,
        "{nummer} findes allerede i registeret.",
        "{nummer} is in the register already.",
        "Fjern rækken; det, der er i registeret, ændres gennem ImportService eller dtr support.",
        "Remove the row; what is in the register is changed through ImportService or dtr support.";
    FORAELDER_MANGLER = "DTR5306", Fejl, Fault::Sender,
        "Der er ingen {niveau} {nummer} at lægge rækken under: ikke i registeret og ikke blandt de optagne rækker.",
        "There is no {niveau} {nummer} to put the row under: not in the register and not among the accepted rows.",
        "Ret nummeret, eller den række, som det hører til.",
        "Correct the number, or the row that it belongs to.";
    FORAELDER_LUKKET = "DTR5307", Fejl, Fault::Sender,
        "{nummer} er nedlagt, men rækken under den er aktiv.",
        "{nummer} is closed, but the row under it is open.",
        "Luk også rækken, eller åbn det, den ligger under.",
        "Close the row too, or open what it stands under.";
    LOVGRUNDLAG_VALGT = "DTR5351", Advarsel, Fault::Sender,
        "Rækken har intet lovgrundlag; {lovgrundlag} er valgt, det første, der er lovligt med ejerform {ejerform} og typerne {typer}.",
        "The row has no lovgrundlag; {lovgrundlag} was chosen, the first that is lawful with ejerform {ejerform} and the types {typer}.",
        "Ret det bagefter, hvis det er et andet, fx en landsbyordning (6).",
        "Correct it afterwards if it is another, such as a landsbyordning (6).";
    ULOVLIGT_GRUNDLAG = "DTR5352", Advarsel, Fault::Sender,
        "Ejerform {ejerform} er ikke lovlig med lovgrundlag {lovgrundlag} (krydsvalidering).",
        "Ejerform {ejerform} is not lawful with lovgrundlag {lovgrundlag} (cross-validation).",
        "Rækken optages og står som et fund, til kommunen har rettet den.",
        "The row is accepted and stands as a finding until the kommune has corrected it.";
    ULOVLIG_TYPE = "DTR5353", Advarsel, Fault::Sender,
        "instType3 {instType} er ikke lovlig med ejerform {ejerform} og lovgrundlag {lovgrundlag} (krydsvalidering).",
        "instType3 {instType} is not lawful with ejerform {ejerform} and lovgrundlag {lovgrundlag} (cross-validation).",
        "Rækken optages og står som et fund, til kommunen har rettet den.",
        "The row is accepted and stands as a finding until the kommune has corrected it.";
    UDEN_P_NUMMER = "DTR5354", Advarsel, Fault::Sender,
        "Enheden har intet P-nummer.",
        "The unit has no P-number.",
        "Rækken optages og står som et fund, til kommunen har sendt et.",
        "The row is accepted and stands as a finding until the kommune has sent one.";
}
