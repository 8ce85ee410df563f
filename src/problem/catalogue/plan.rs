//! 55xx: files of corrections, read and compared with the register (docs/csv.md), and the carrying out of what was planned.

use crate::problem::Fault;

super::entries! {
    Register;
    FIL_FORMAT = "DTR5501", Fejl, Fault::Sender,
        "Filen er {format}, som ikke kan læses her.",
        "The file is {format}, which cannot be read here.",
        "{raad}.",
        "{raad}.";
    FIL_FOR_STOR = "DTR5502", Fejl, Fault::Sender,
        "Filen er på mere end {graense} byte.",
        "The file is of more than {graense} bytes.",
        "Del den, eller tag de rækker ud, som ikke skal ændres.",
        "Split it, or take out the rows that are not to change.";
    CSV_BRUDT = "DTR5503", Fejl, Fault::Sender,
        "Linje {linje} kan ikke læses som en række: {grund}.",
        "Line {linje} cannot be read as a row: {grund}.",
        "Ret linjen, eller gem filen igen fra regnearket som CSV UTF-8.",
        "Correct the line, or save the file again from the spreadsheet as CSV UTF-8.";
    KOLONNE_UKENDT = "DTR5504", Fejl, Fault::Sender, lists ["kendt"],
        "Kolonnen {kolonne} kendes ikke; nærmest er: {kendt}.",
        "The column {kolonne} is not known; nearest is: {kendt}.",
        "Ret navnet, eller slet kolonnen.",
        "Correct the name, or delete the column.";
    KOLONNE_IGEN = "DTR5505", Fejl, Fault::Sender,
        "Kolonnerne {en} og {anden} står begge for {kolonne}.",
        "The columns {en} and {anden} both stand for {kolonne}.",
        "Behold den ene.",
        "Keep one of them.";
    KOLONNE_MANGLER = "DTR5506", Fejl, Fault::Sender,
        "Filen har ingen kolonne {kolonne}.",
        "The file has no column {kolonne}.",
        "Første linje skal nævne kolonnerne, som /eksport/samlet.csv gør; kolonnerne med numre skal være der.",
        "The first line must name the columns, as /eksport/samlet.csv does; the columns with numbers must be there.";
    SKRIVER_INTET = "DTR5507", Fejl, Fault::Sender,
        "Filen er ikke en besked til ImportService, der skriver.",
        "The file is not a message to ImportService that writes.",
        "Send en besked som InsertDaginstitution eller UpdateAnvisningsEnhed, eller en CSV som /eksport/samlet.csv.",
        "Send a message such as InsertDaginstitution or UpdateAnvisningsEnhed, or a CSV such as /eksport/samlet.csv.";
    PROEVE_I_FIL = "DTR5508", Fejl, Fault::Sender,
        "Beskeden siger proeve, så den kan ikke udføres.",
        "The message says proeve (dry run), so it cannot be carried out.",
        "Fjern proeve: en plan viser, hvad der vil ske, før noget udføres.",
        "Take proeve out: a plan shows what will happen before anything is carried out.";
    FOR_MANGE = "DTR5509", Fejl, Fault::Sender,
        "Filen ændrer {antal} poster; en plan har højst {graense}.",
        "The file changes {antal} records; a plan has at most {graense}.",
        "Del filen, for eksempel efter kommune eller niveau.",
        "Split the file, for example by kommune or level.";
    NULLER_TABT = "DTR5510", Fejl, Fault::Sender,
        "{kolonne} er {vaerdi}, men skal have {antal} cifre: et regneark har formentlig fjernet nullerne foran.",
        "{kolonne} is {vaerdi}, but must have {antal} digits: a spreadsheet has probably removed the zeros before it.",
        "Skriv {ment}, hvis det er det, og giv kolonnen formatet Tekst, før filen åbnes i regnearket.",
        "Write {ment} if that is it, and give the column the format Text before the file is opened in the spreadsheet.";
    DATO_FORM = "DTR5511", Fejl, Fault::Sender,
        "{kolonne} er {vaerdi}, som ikke er en dato i formen ÅÅÅÅ-MM-DD.",
        "{kolonne} is {vaerdi}, which is not a date of the form YYYY-MM-DD.",
        "Skriv {ment}; giv kolonnen formatet Tekst, så regnearket lader den stå.",
        "Write {ment}; give the column the format Text, so that the spreadsheet leaves it alone.";
    REGNEARK = "DTR5512", Fejl, Fault::Sender,
        "{kolonne} er {vaerdi}; i registeret står {har}. Et regneark har formentlig lavet værdien om.",
        "{kolonne} is {vaerdi}; the register has {har}. A spreadsheet has probably changed the value.",
        "Skriv værdien, som den skal være, og giv kolonnen formatet Tekst, før filen åbnes i regnearket.",
        "Write the value as it should be, and give the column the format Text before the file is opened in the spreadsheet.";
    ANDET_STED = "DTR5513", Fejl, Fault::Sender,
        "{kolonne} er {vaerdi} i rækken, men kan ikke ændres dér; registeret har {har}.",
        "{kolonne} is {vaerdi} in the row, but cannot be changed there; the register has {har}.",
        "Sæt cellen tilbage, og ret værdien, hvor den hører til: i rækken for det, den ligger under, eller i kolonnen for postens egen værdi. Årsag og afløsere siges, når posten nedlægges.",
        "Put the cell back, and change the value where it belongs: in the row of what it lies under, or in the column of the record's own value. Reason and successors are told when the record is closed.";
    KODE_OG_TEKST = "DTR5514", Fejl, Fault::Sender,
        "{kolonne} er {tekst}, men koden {kode} betyder {betyder}.",
        "{kolonne} is {tekst}, but the code {kode} means {betyder}.",
        "Ret koden: det er den, der læses.",
        "Correct the code: it is what is read.";
    HAR_IKKE = "DTR5515", Fejl, Fault::Sender,
        "{kolonne} er {vaerdi}, men en {niveau} har ikke {kolonne}.",
        "{kolonne} is {vaerdi}, but {niveau} has no {kolonne}.",
        "Tøm cellen, eller ret rækken, der skulle have den.",
        "Empty the cell, or correct the row that was to have it.";
    NY_UKENDT = "DTR5516", Fejl, Fault::Sender,
        "{kolonne} er {navn}, men ingen række opretter en {niveau} med det navn.",
        "{kolonne} is {navn}, but no row opens {niveau} of that name.",
        "Skriv et nummer fra registeret, eller navnet NY-… fra den nye række, som posten skal ligge under.",
        "Write a number of the register, or the name NY-… of the new row that the record is to lie under.";
    NY_IGEN = "DTR5517", Fejl, Fault::Sender,
        "{navn} er navnet på flere nye rækker.",
        "{navn} is the name of several new rows.",
        "Giv hver ny række sit eget navn, som NY-1 og NY-2.",
        "Give each new row a name of its own, such as NY-1 and NY-2.";
    STATUS_UDEN_DATO = "DTR5518", Fejl, Fault::Sender,
        "aktivitetsstatus er {status}, og nedlagt er {nedlagt}: de to siger ikke det samme.",
        "aktivitetsstatus is {status}, and nedlagt is {nedlagt}: the two do not say the same.",
        "Skriv dagens dato i nedlagt for at nedlægge posten; lad ellers begge celler stå. En nedlagt post kan ikke åbnes igen.",
        "Write today's date in nedlagt to close the record; otherwise leave both cells. A closed record cannot be reopened.";
    NEDLAGT_DATO = "DTR5519", Fejl, Fault::Sender,
        "nedlagt er {vaerdi}, men registeret nedlægger den dag, planen udføres; i dag er {dag}.",
        "nedlagt is {vaerdi}, but the register closes on the day that the plan is carried out; today is {dag}.",
        "Skriv dagens dato, og udfør planen i dag; vent ellers med rækken.",
        "Write today's date, and carry the plan out today; otherwise keep the row for later.";
    ANDEN_KOMMUNE = "DTR5520", Fejl, Fault::Sender,
        "{nummer} hører under kommune {kommune}; filen er sagt at være hele kommune {hele}.",
        "{nummer} belongs to kommune {kommune}; the file is said to be all of kommune {hele}.",
        "Fjern rækken, eller læs filen uden at sige, at den er hele kommunen.",
        "Remove the row, or have the file read without saying that it is the whole kommune.";
    VENTER = "DTR5521", Fejl, Fault::Sender,
        "Rækken kunne ikke bedømmes, fordi det, den ligger under, ikke kan oprettes.",
        "The row could not be judged, since what it lies under cannot be opened.",
        "Ret først den række, som den ligger under.",
        "First correct the row that it lies under.";
    PLAN_MED_FEJL = "DTR5530", Fejl, Fault::Sender,
        "Planen har {antal} fejl og kan ikke udføres.",
        "The plan has {antal} errors and cannot be carried out.",
        "Ret filen, og læs den igen.",
        "Correct the file, and have it read again.";
    PLAN_ANDEN = "DTR5531", Fejl, Fault::Sender,
        "Planen er ikke den, der blev vist: dens kendemærke er {er}, ikke {vist}. {grund}.",
        "The plan is not the one that was shown: its digest is {er}, not {vist}. {grund}.",
        "Se den nye plan igennem, og udfør den med dens kendemærke.",
        "Look through the new plan, and carry it out with its digest.";
    PLAN_OVERHALET = "DTR5532", Fejl, Fault::Sender, lists ["numre"],
        "Registeret er gået videre: {numre} er ændret, siden planen blev vist.",
        "The register has moved on: {numre} has changed since the plan was shown.",
        "Hent en ny eksport, flet ændringerne ind, og læs filen igen.",
        "Fetch a new export, merge your changes, and have the file read again.";
    PLAN_BEKRAEFT = "DTR5533", Fejl, Fault::Sender,
        "Planen nedlægger {antal} poster, og det er ikke bekræftet.",
        "The plan closes {antal} records, and that is not confirmed.",
        "Se nedlæggelserne igennem, og bekræft dem særskilt.",
        "Look through the closings, and confirm them by themselves.";
    PLAN_TOM = "DTR5534", Fejl, Fault::Sender,
        "Der er intet at udføre: registeret er, som filen siger.",
        "There is nothing to carry out: the register is as the file says.",
        "Intet at gøre.",
        "Nothing to do.";
    PLAN_GLEMT = "DTR5535", Fejl, Fault::Refused(409),
        "Filen bag planen huskes ikke længere.",
        "The file behind the plan is no longer remembered.",
        "Læg filen op igen, og udfør planen inden 15 minutter: den seneste fil i hvert login huskes så længe.",
        "Upload the file again, and carry the plan out within 15 minutes: the last file of each sign-in is remembered so long.";
    NEDLAGT_FOERST_NU = "DTR5551", Advarsel, Fault::Sender,
        "nedlagt er {vaerdi}; registeret skriver nedlæggelsen på den dag, planen udføres.",
        "nedlagt is {vaerdi}; the register dates the closing on the day that the plan is carried out.",
        "Intet at gøre, når datoen ikke skal stå i registeret.",
        "Nothing to do unless the date must stand in the register.";
    HUSNUMMER_SOM = "DTR5552", Advarsel, Fault::Sender,
        "husNummer er {vaerdi} og er læst som {ment}.",
        "husNummer is {vaerdi} and is read as {ment}.",
        "Intet at gøre, når det er det rigtige husnummer.",
        "Nothing to do if that is the right house number.";
}

/// Whether an entry is about a file that is planned: of the plan, not of a call.
pub fn is_of_plan(entry: &crate::problem::Entry) -> bool {
    ROWS.iter().any(|own| own.kode == entry.kode)
}
