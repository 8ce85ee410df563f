//! 53xx: rows of a file that is loaded by the operator (kontrakt §11). Errors keep a row out, warnings do not.

use crate::problem::Fault;

super::entries! {
    Register;
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
        "Der er ingen {niveau} {nummer}, hverken i registeret eller i filen. Den nævnes af {antal} rækker: linje {linjer}.",
        "There is no {niveau} {nummer}, neither in the register nor in the file. {antal} rows name it: line {linjer}.",
        "Ret nummeret i rækkerne, eller tilføj den række, som det hører til.",
        "Correct the number in the rows, or add the row that it belongs to.";
    FORAELDER_LUKKET = "DTR5307", Fejl, Fault::Sender,
        "{nummer} er nedlagt, men rækken under den er aktiv.",
        "{nummer} is closed, but the row under it is open.",
        "Luk også rækken, eller åbn det, den ligger under.",
        "Close the row too, or open what it stands under.";
    TOM_CELLE = "DTR5320", Fejl, Fault::Sender,
        "Cellen {kolonne} er tom, men skal udfyldes.",
        "The cell {kolonne} is empty, but must be filled in.",
        "Udfyld cellen i denne række.",
        "Fill in the cell in this row.";
    FORAELDER_AFVIST = "DTR5321", Fejl, Fault::Sender,
        "{niveau} {nummer} er afvist, og derfor også de {antal} rækker under den: linje {linjer}.",
        "{niveau} {nummer} is rejected, and therefore the {antal} rows under it too: line {linjer}.",
        "Ret rækken med {nummer}; de andre følger med.",
        "Correct the row with {nummer}; the others follow.";
    LOVGRUNDLAG_VALGT = "DTR5351", Advarsel, Fault::Sender, lists ["typer"],
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
    ANDEN_END_FORAELDER = "DTR5371", Advarsel, Fault::Sender,
        "{kolonne} er {vaerdi} i rækken, men {foraelder} på dens daginstitution, og den gælder.",
        "{kolonne} is {vaerdi} in the row, but {foraelder} on its daginstitution, which counts.",
        "Ret den af dem, der er forkert.",
        "Correct the one that is wrong.";
    KOORDINATER_BYTTET = "DTR5372", Advarsel, Fault::Sender,
        "geoBredde {bredde} og geoLaengde {laengde} ser byttet om ud.",
        "geoBredde {bredde} and geoLaengde {laengde} look swapped.",
        "Byt dem om: i Danmark er bredden omkring 54-58 og længden omkring 8-15.",
        "Swap them: in Denmark the latitude is about 54-58 and the longitude about 8-15.";
    KOORDINATER_NUL = "DTR5373", Advarsel, Fault::Sender,
        "Koordinaterne er {bredde} og {laengde}, som ikke er et sted i Danmark.",
        "The coordinates are {bredde} and {laengde}, which is no place in Denmark.",
        "Lad cellerne stå tomme, når stedet ikke kendes.",
        "Leave the cells empty where the place is not known.";
    HUSNUMMER_LAEST = "DTR5374", Advarsel, Fault::Sender,
        "Husnummeret {sendt} er læst som {laest}.",
        "The house number {sendt} is read as {laest}.",
        "Intet at gøre, når det er det rigtige husnummer.",
        "Nothing to do if that is the right house number.";
    P_NUMMER_NUL = "DTR5375", Advarsel, Fault::Sender,
        "P-nummeret er ti nuller, og rækken er læst, som om den intet har.",
        "The P-number is ten zeros, and the row is read as if it had none.",
        "Lad cellen stå tom, eller skriv enhedens P-nummer.",
        "Leave the cell empty, or enter the unit's P-number.";
}

/// Whether an entry is about a row of such a file.
pub fn is_of_file(entry: &crate::problem::Entry) -> bool {
    ROWS.iter().any(|own| own.kode == entry.kode)
}
