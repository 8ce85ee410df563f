//! 5xxx: the register's rules (kontrakt §6 to §8). 51xx are warnings.

use crate::problem::Fault;

super::entries! {
    Register;
    UKENDT_KODE = "DTR5001", Fejl, Fault::Sender, lists ["raad"],
        "{felt} har koden {vaerdi}, som ikke findes i kodetabellen {tabel}.",
        "{felt} has the code {vaerdi}, which is not in the code table {tabel}.",
        "{raad}.",
        "{raad}.";
    UKENDT_NUMMER = "DTR5002", Fejl, Fault::Sender,
        "Der er ingen {niveau} med nummeret {nummer}, som I må ændre.",
        "There is no {niveau} with the number {nummer} that you may change.",
        "Se efter nummeret i eksporten. Hører det til en anden kommune, er svaret det samme.",
        "Look the number up in the export. If it belongs to another kommune, the answer is the same.";
    LUKKET = "DTR5003", Fejl, Fault::Sender,
        "{nummer} er nedlagt {nedlagt} og kan ikke ændres eller genåbnes.",
        "{nummer} was closed {nedlagt} and can be neither changed nor reopened.",
        "Opret en ny post; den får sit eget nummer og kan i v2 nævne det gamle i afloeser.",
        "Insert a new record; it gets a number of its own and may in v2 name the old one in afloeser.";
    FORAELDER_UKENDT = "DTR5004", Fejl, Fault::Sender,
        "Der er ingen {niveau} med nummeret {nummer}, som I må lægge noget under.",
        "There is no {niveau} with the number {nummer} that you may put anything under.",
        "Enten findes nummeret ikke, eller det er på et andet niveau, eller I har ikke skriveret dér. Se eksporten og HentDataAftaler; opret {niveau} først.",
        "Either the number does not exist, or it is of another level, or you have no write access there. See the export and HentDataAftaler; insert the {niveau} first.";
    FORAELDER_LUKKET = "DTR5005", Fejl, Fault::Sender,
        "{nummer} er nedlagt {nedlagt}, og intet kan lægges under den.",
        "{nummer} was closed {nedlagt}, and nothing can be put under it.",
        "Vælg en åben post, eller opret en ny først.",
        "Choose an open record, or insert a new one first.";
    HAR_BOERN = "DTR5006", Fejl, Fault::Sender,
        "{nummer} har åbne poster under sig: {boern}.",
        "{nummer} has open records under it: {boern}.",
        "Nedlæg eller flyt dem først; registeret sletter aldrig nedad.",
        "Close or move them first; the register never deletes downwards.";
    FREMMED_KOMMUNE = "DTR5007", Fejl, Fault::Sender,
        "I må ikke skrive i kommune {kommune}.",
        "You may not write in kommune {kommune}.",
        "En kommunes certifikat skriver i kommunens egne dagtilbud; se efter admKommuneKode.",
        "A kommune's certificate writes in that kommune's own dagtilbud; check admKommuneKode.";
    A_NUMMER = "DTR5008", Fejl, Fault::Sender,
        "{nummer} er et A-nummer fra før registeret og kan ikke bruges her.",
        "{nummer} is an A-number from before the register and cannot be used here.",
        "Brug institutionens G-nummer; find det i eksporten på navn eller P-nummer.",
        "Use the institution's G-number; find it in the export by name or P-number.";
    VERSION_AFVIGER = "DTR5009", Fejl, Fault::Sender,
        "{nummer} er i version {version}; I forventede {forventet}.",
        "{nummer} is at version {version}; you expected {forventet}.",
        "En anden har ændret posten. Hent den igen, flet ændringen ind, og send den med den nye version.",
        "Somebody else changed the record. Fetch it again, merge your change, and send it with the new version.";
    FORAELDER_ANDEN = "DTR5010", Fejl, Fault::Sender,
        "{nummer} ligger under {foraelder} og ikke under {sendt}; en ændring flytter ikke.",
        "{nummer} lies under {foraelder} and not under {sendt}; an update does not move.",
        "Send det nuværende nummer, og flyt med {operation}.",
        "Send the present number, and move with {operation}.";
    FLYT_ANDEN_KOMMUNE = "DTR5011", Fejl, Fault::Sender,
        "{nummer} kan ikke flyttes til {til}: den hører til en anden kommune.",
        "{nummer} cannot be moved to {til}: it belongs to another kommune.",
        "Flytning sker kun inden for én kommune; skifter hele daginstitutionen kommune, så ret dens admKommuneKode.",
        "Moves stay inside one kommune; if the whole daginstitution changes kommune, update its admKommuneKode.";
    FLYT_SAMME = "DTR5012", Fejl, Fault::Sender,
        "{nummer} ligger allerede under {til}.",
        "{nummer} already lies under {til}.",
        "Intet at gøre; er det en gentagelse, så send den med det oprindelige wsa:MessageID.",
        "Nothing to do; if this is a repetition, send it with the original wsa:MessageID.";
    NUMMER_TO_GANGE = "DTR5013", Fejl, Fault::Sender,
        "{nummer} står flere gange i samme besked.",
        "{nummer} is in the same message more than once.",
        "Send hver post højst én gang pr. besked.",
        "Send each record at most once per message.";
    SKOLENS_NUMMER = "DTR5014", Fejl, Fault::Sender,
        "lukkeaarsag brugerSkolensNummer og skolensInstitutionsnummer skal sendes sammen.",
        "lukkeaarsag brugerSkolensNummer and skolensInstitutionsnummer must be sent together.",
        "Send begge, når et dagtilbud i en landsbyordning går over til skolens nummer, ellers ingen af dem.",
        "Send both when a dagtilbud in a landsbyordning goes over to its school's number, otherwise neither.";
    AFLOESER_UKENDT = "DTR5015", Fejl, Fault::Sender,
        "{felt} nævner {nummer}, som ikke findes i registeret.",
        "{felt} names {nummer}, which is not in the register.",
        "Se efter nummeret i eksporten; nedlagte numre må nævnes.",
        "Look the number up in the export; closed numbers may be named.";
    NUMRE_OPBRUGT = "DTR5016", Fejl, Fault::Receiver,
        "Der er ikke flere institutionsnumre i serien.",
        "There are no more institution numbers in the series.",
        "Intet er gemt. Registerets drift skal udvide serien; giv dem besked.",
        "Nothing was stored. The register's operator must extend the series; tell them.";
    INGEN_AFTALE = "DTR5017", Fejl, Fault::Sender,
        "I har ingen aftale om at skrive i kommune {kommune}.",
        "You have no agreement to write in kommune {kommune}.",
        "Kommunen eller den private ejer indgår en aftale med jer, som registerets drift registrerer.",
        "The kommune or the private owner makes an agreement with you, which the register's operator registers.";
    AFLOESER_IGEN = "DTR5018", Fejl, Fault::Sender,
        "{felt} nævner {nummer} to gange, eller {nummer} er posten selv.",
        "{felt} names {nummer} twice, or {nummer} is the record itself.",
        "Nævn hvert nummer én gang, og aldrig postens eget.",
        "Name each number once, and never the record's own.";
    BEGGE_KOMMUNER = "DTR5019", Fejl, Fault::Sender,
        "Dagtilbuddet hører under kommune {fra}. Kun de to kommuner i fællesskab kan lægge det under kommune {til}.",
        "The dagtilbud is supervised by kommune {fra}. Only the two kommuner together can put it under kommune {til}.",
        "Lad admKommuneKode stå. Registerets drift kan flytte det, og det kan et system med aftale fra begge kommuner.",
        "Leave admKommuneKode as it is. The register's operator can move it, and so can a system with an agreement from both kommuner.";
    AFTALE_UDLOEBET = "DTR5020", Fejl, Fault::Sender,
        "Jeres aftale om kommune {kommune} gælder ikke i dag: den er udløbet, eller den er ikke begyndt.",
        "Your agreement on kommune {kommune} does not hold today: it has expired, or has not begun.",
        "HentDataAftaler viser jeres aftaler med datoer; kommunen eller ejeren kan forny den.",
        "HentDataAftaler shows your agreements with their dates; the kommune or the owner can renew it.";
    PRIVAT_AF_EJER = "DTR5021", Fejl, Fault::Sender,
        "Private dagtilbud i kommune {kommune} vedligeholdes her af ejeren, ikke af kommunen.",
        "Private dagtilbud in kommune {kommune} are maintained by their owner here, not by the kommune.",
        "Bed ejeren, eller registerets drift, om ændringen.",
        "Ask the owner, or the register's operator, for the change.";
    UDENFOR_RET = "DTR5022", Fejl, Fault::Sender,
        "Med {felt} = {vaerdi} ville posten {nummer} komme til at ligge, hvor I ikke har skriveret.",
        "{felt} = {vaerdi} would move the record {nummer} outside your write access.",
        "Behold værdien, eller lad den part sende ændringen, som har retten til begge; HentDataAftaler viser jeres aftaler.",
        "Keep the value, or let the party send the change that has the right to both; HentDataAftaler shows your agreements.";
    UKENDT_KOMMUNE = "DTR5023", Fejl, Fault::Refused(400),
        "Der er ingen kommune {kommune} i kodetabellen.",
        "There is no kommune {kommune} in the code table.",
        "Brug en kommunekode fra /kodetabeller.xml, fx 751 for Aarhus.",
        "Use a kommunekode of /kodetabeller.xml, such as 751 for Aarhus.";
    IKKE_UNDERSKREVET = "DTR5024", Fejl, Fault::Refused(404),
        "Registerets drift har ikke slået underskrifter til, så {sti} findes ikke.",
        "The register's operator has not turned signatures on, so there is no {sti}.",
        "Bed registerets drift om at sætte {felt} i konfigurationen, hvis I skal bruge den.",
        "Ask the register's operator to set {felt} in the configuration if you need it.";
    KRYDS_GRUNDLAG = "DTR5030", Fejl, Fault::Sender, lists ["grundlag", "ejerformer"],
        "Ejerform {ejerform} er ikke lovlig med lovgrundlag {lovgrundlag} (krydsvalidering).",
        "Ejerform {ejerform} is not lawful with lovgrundlag {lovgrundlag} (cross-validation).",
        "Med lovgrundlag {lovgrundlag} er ejerform lovlig: {ejerformer}. Med ejerform {ejerform} er lovgrundlag lovligt: {grundlag}.",
        "With lovgrundlag {lovgrundlag} these ejerformer are lawful: {ejerformer}. With ejerform {ejerform} these lovgrundlag: {grundlag}.";
    KRYDS_ENHEDER = "DTR5031", Fejl, Fault::Sender, lists ["enheder", "typer"],
        "{nummer} har åbne enheder af typer, der ikke er lovlige med ejerform {ejerform} og lovgrundlag {lovgrundlag}: {enheder}.",
        "{nummer} has open units of types that are not lawful with ejerform {ejerform} and lovgrundlag {lovgrundlag}: {enheder}.",
        "Lovlige typer med de to koder: {typer}. Behold koderne, eller flyt, ret eller nedlæg enhederne først.",
        "Lawful types with the two codes: {typer}. Keep the codes, or move, correct or close the units first.";
    KRYDS_ENHED = "DTR5032", Fejl, Fault::Sender, lists ["typer", "grundlag"],
        "instType3 {instType} er ikke lovlig under {nummer}, som har ejerform {ejerform} og lovgrundlag {lovgrundlag} (krydsvalidering).",
        "instType3 {instType} is not lawful under {nummer}, which has ejerform {ejerform} and lovgrundlag {lovgrundlag} (cross-validation).",
        "Lovlige typer dér: {typer}. Med ejerform {ejerform} er {instType} lovlig med lovgrundlag: {grundlag}.",
        "Lawful types there: {typer}. With ejerform {ejerform}, {instType} is lawful with lovgrundlag: {grundlag}.";
    KRYDS_KLUB = "DTR5033", Fejl, Fault::Sender, lists ["grundlag"],
        "instType3 {instType} er ikke lovlig under {nummer}, som har ejerform {ejerform} og lovgrundlag {lovgrundlag} (krydsvalidering).",
        "instType3 {instType} is not lawful under {nummer}, which has ejerform {ejerform} and lovgrundlag {lovgrundlag} (cross-validation).",
        "Fritidshjem og klubber efter dagtilbudsloven har lovgrundlag: {grundlag}. SFO og klubber efter skolelovgivningen hører til i Institutionsregisteret og oprettes ikke her.",
        "Fritidshjem and clubs under dagtilbudsloven have lovgrundlag: {grundlag}. SFO and clubs under school law belong in Institutionsregisteret and are not inserted here.";
    IKKE_LANDSBYORDNING = "DTR5034", Fejl, Fault::Sender,
        "{nummer} hører til en daginstitution med lovgrundlag {lovgrundlag}; kun en landsbyordning (6) kan gå over til skolens nummer.",
        "{nummer} belongs to a daginstitution with lovgrundlag {lovgrundlag}; only a landsbyordning (6) can go over to its school's number.",
        "Vælg en anden lukkeaarsag, eller ret lovgrundlaget først, hvis det er en landsbyordning.",
        "Choose another lukkeaarsag, or correct the lovgrundlag first if it is a landsbyordning.";
    A_NUMMER_KENDT = "DTR5035", Fejl, Fault::Sender,
        "{nummer} er et A-nummer fra før registeret; institutionen har nu nummeret {nyt}.",
        "{nummer} is an A-number from before the register; the institution now has the number {nyt}.",
        "Brug {nyt}.",
        "Use {nyt}.";
    P_NUMMER_UKENDT = "DTR5041", Fejl, Fault::Sender,
        "P-nummeret {pnummer} findes ikke i CVR.",
        "The P-number {pnummer} is not in CVR.",
        "Se efter P-nummeret på virk.dk. Er produktionsenheden ny, så vent til registerets udtræk af CVR har den med.",
        "Check the P-number at virk.dk. If the production unit is new, wait until the register's extract of CVR has it.";
    P_NUMMER_IKKE_AKTIV = "DTR5042", Fejl, Fault::Sender,
        "P-nummeret {pnummer} er ikke aktivt: i CVR har det status {status}.",
        "The P-number {pnummer} is not active: in CVR it has the status {status}.",
        "Brug P-nummeret på den produktionsenhed, der er i drift, eller ret den i CVR.",
        "Use the P-number of the production unit that is in operation, or correct it in CVR.";
    CVR_AFVIGER = "DTR5043", Fejl, Fault::Sender,
        "cvrNummer er sendt som {sendt}, men P-nummeret {pnummer} hører i CVR til {cvr}.",
        "cvrNummer was sent as {sendt}, but in CVR the P-number {pnummer} belongs to {cvr}.",
        "Udelad cvrNummer, så udfyldes det ud fra P-nummeret; eller ret P-nummeret.",
        "Leave cvrNummer out, and it is filled in from the P-number; or correct the P-number.";
    ADRESSE_UKENDT = "DTR5044", Fejl, Fault::Sender, lists ["forslag"],
        "Adressen {adresse} findes ikke i DAR. Nærmest er: {forslag}.",
        "The address {adresse} is not in DAR. The nearest are: {forslag}.",
        "Ret vejnavn, husnummer, etage, dør eller postnummer, eller få kommunen til at oprette adressen i DAR.",
        "Correct road name, house number, floor, door or postal code, or have the kommune create the address in DAR.";
    ADRESSE_LUKKET = "DTR5045", Fejl, Fault::Sender,
        "Adressen {adresse} gælder ikke: i DAR har den status {status}.",
        "The address {adresse} is not valid: in DAR it has the status {status}.",
        "Brug den adresse, der har afløst den.",
        "Use the address that took its place.";
    ADRESSE_FLERTYDIG = "DTR5046", Fejl, Fault::Sender,
        "Adressen {adresse} findes flere steder i postdistriktet (kommune, vejkode, supplerende bynavn): {steder}.",
        "The address {adresse} is in several places of the postal district (kommune, road code, supplementary town): {steder}.",
        "Send også vejKode, kommuneKode, supplerendeBynavn eller dawaId.",
        "Send vejKode, kommuneKode, supplerendeBynavn or dawaId as well.";
    DAGPLEJE_CVR = "DTR5047", Fejl, Fault::Sender,
        "P-nummeret {pnummer} hører i CVR til {cvr}; kommunal dagpleje har et P-nummer under kommune {kommune}s eget CVR-nummer.",
        "In CVR the P-number {pnummer} belongs to {cvr}; kommunal dagpleje has a P-number under the own CVR number of kommune {kommune}.",
        "Brug et af kommunens P-numre, fx forvaltningens, eller ret daginstitutionens ejerform, hvis dagplejen er privat.",
        "Use one of the kommune's P-numbers, such as the administration's, or correct the daginstitution's ejerform if the dagpleje is private.";
    P_NUMMER_IKKE_KONTROLLERET = "DTR5101", Advarsel, Fault::Sender,
        "P-numre, og CVR-numre sendt sammen med dem, er ikke kontrolleret i CVR, fordi registeret intet CVR-udtræk har.",
        "P-numbers, and CVR numbers sent with them, were not checked in CVR, because the register has no CVR extract.",
        "Intet at gøre for jer; de kontrolleres, når driften har indlæst et udtræk.",
        "Nothing for you to do; they are checked once the operator has loaded an extract.";
    ADRESSE_IKKE_KONTROLLERET = "DTR5102", Advarsel, Fault::Sender,
        "Adresser er ikke kontrolleret i DAR, fordi registeret intet adresseudtræk har.",
        "Addresses were not checked in DAR, because the register has no address extract.",
        "Intet at gøre for jer; de kontrolleres, når driften har indlæst et udtræk.",
        "Nothing for you to do; they are checked once the operator has loaded an extract.";
    SIDSTE_ENHED = "DTR5103", Advarsel, Fault::Sender,
        "Daginstitutionen {nummer} har nu ingen åben anvisningsenhed.",
        "The daginstitution {nummer} now has no open anvisningsenhed.",
        "Opret en enhed, eller nedlæg daginstitutionen: den skal have mindst én.",
        "Insert a unit, or close the daginstitution: it must have at least one.";
    AFTALE_OPHOERT = "DTR5104", Advarsel, Fault::Sender,
        "Systemet {system} havde en aftale ({aftale}) om {nummer} alene; den ophører med nedlæggelsen.",
        "The system {system} had an agreement ({aftale}) on {nummer} alone; it ends with the closing.",
        "Intet at gøre for jer; giv leverandøren besked, hvis den ikke ventede det.",
        "Nothing for you to do; tell the vendor if it did not expect this.";
    AFTALE_BEROERT = "DTR5105", Advarsel, Fault::Sender,
        "Systemet {system} har en aftale ({aftale}), der nævner {nummer} eller dens P-nummer; den gælder fortsat for det øvrige.",
        "The system {system} has an agreement ({aftale}) that names {nummer} or its P-number; it still holds for the rest.",
        "Intet at gøre for jer; giv leverandøren besked, hvis den ikke ventede det.",
        "Nothing for you to do; tell the vendor if it did not expect this.";
    FLYTTER_MED = "DTR5106", Advarsel, Fault::Sender,
        "Systemet {system} har en aftale ({aftale}), der nævner {nummer} eller dens P-nummer; den følger med flytningen.",
        "The system {system} has an agreement ({aftale}) that names {nummer} or its P-number; it goes along with the move.",
        "Intet at gøre for jer; giv leverandøren besked, hvis den ikke ventede det.",
        "Nothing for you to do; tell the vendor if it did not expect this.";
    FLYTTER_UD = "DTR5107", Advarsel, Fault::Sender,
        "Systemet {system} har en aftale ({aftale}) om {fra}; den dækker ikke længere {nummer} efter flytningen.",
        "The system {system} has an agreement ({aftale}) on {fra}; it no longer covers {nummer} after the move.",
        "Skal systemet fortsat skrive i {nummer}, må aftalen udvides; giv leverandøren besked.",
        "If the system is to go on writing in {nummer}, the agreement must be extended; tell the vendor.";
    NAVN_SOM_PERSON = "DTR5108", Advarsel, Fault::Sender,
        "Navnet {navn} ligner én persons navn; en enhed af typen dagpleje (6013) er en gruppe, ikke en enkelt dagplejer.",
        "The name {navn} reads as one person's; a unit of the type dagpleje (6013) is a group, not a single dagplejer.",
        "Giv området et navn, som Dagplejen Nord; enkelte dagplejere registreres ikke her.",
        "Give the area a name, such as Dagplejen Nord; single dagplejere are not registered here.";
    NAVN_SOM_SFO = "DTR5109", Advarsel, Fault::Sender,
        "Navnet {navn} tyder på en skolefritidsordning; den hører ikke til i dette register.",
        "The name {navn} suggests a skolefritidsordning (SFO), which does not belong in this register.",
        "SFO og klubber efter skolelovgivningen registreres i Institutionsregisteret. Er det et fritidshjem eller en klub efter dagtilbudsloven, så ret navnet.",
        "SFO and clubs under school law are registered in Institutionsregisteret. If it is a fritidshjem or a club under dagtilbudsloven, correct the name.";
    MULIG_DOBBELT = "DTR5110", Advarsel, Fault::Sender, lists ["numre"],
        "{navn} ligner {numre}: en mulig dobbeltregistrering (lighed {lighed} %).",
        "{navn} resembles {numre}: a possible double registration (similarity {lighed} %).",
        "Se efter, om institutionen findes i forvejen; er den ny, er der intet at gøre.",
        "Check whether the institution is there already; if it is new, there is nothing to do.";
    DELT_P_NUMMER = "DTR5111", Advarsel, Fault::Sender, lists ["numre"],
        "P-nummeret {pNummer} bruges også af {numre}: rettigheder til P-nummeret gælder dem alle.",
        "The P-number {pNummer} is used by {numre} too: rights on the P-number hold for all of them.",
        "Er det meningen, er der intet at gøre; ellers få et P-nummer til hver enhed i CVR.",
        "If it is meant, there is nothing to do; otherwise get a P-number for each unit in CVR.";
    FORVENTET_VERSION_MANGLER = "DTR5112", Advarsel, Fault::Sender,
        "{antal} af {poster} poster har ingen forventetVersion: det er ikke kontrolleret, om andre har ændret dem imens.",
        "{antal} of {poster} records have no forventetVersion: whether others changed them meanwhile was not checked.",
        "Send forventetVersion med den version, I sidst læste. I .NET skal forventetVersionSpecified også sættes til true.",
        "Send forventetVersion with the version that you last read. In .NET, set forventetVersionSpecified to true as well.";
    MESSAGE_ID_MANGLER = "DTR5113", Advarsel, Fault::Sender,
        "Skrivningen har hverken wsa:MessageID eller Idempotency-Key: sendes den igen, bliver den udført to gange.",
        "The write has neither wsa:MessageID nor Idempotency-Key: if it is sent again, it is carried out twice.",
        "Send et nyt urn:uuid: i wsa:MessageID eller i HTTP-headeren Idempotency-Key, og det samme, når I gentager et kald.",
        "Send a fresh urn:uuid: in wsa:MessageID or in the HTTP header Idempotency-Key, and the same when you repeat a call.";
    AFLOEST_AABEN = "DTR5133", Advarsel, Fault::Sender, lists ["numre"],
        "{numre} er stadig åben, selv om posten afløser den.",
        "{numre} is still open although the record succeeds it.",
        "Nedlæg den med posten i afloestAf, når den ophører. Står den åben efter 30 dage, bliver det et fund.",
        "Close it with the record in afloestAf when it ceases. If it is still open after 30 days, that becomes a finding.";
    GEMT_ANDERLEDES = "DTR5134", Advarsel, Fault::Sender,
        "{felt} er gemt som {gemt}, ikke som {sendt}. Det gælder {antal} af beskedens poster.",
        "{felt} is stored as {gemt}, not as {sendt}. This concerns {antal} of the message's records.",
        "Send feltet som det er gemt: husnumres bogstav er stort, og ord skilles af ét mellemrum.",
        "Send the field as it is stored: the letter of a house number is upper case, and words are parted by one space.";
    FORKERT_TEGNSAET = "DTR5120", Advarsel, Fault::Sender,
        "{felt} ligner UTF-8, der er læst i et andet tegnsæt: {vaerdi}. Mente I {ment}?",
        "{felt} reads as UTF-8 that was read in another encoding: {vaerdi}. Did you mean {ment}?",
        "Angiv tegnsættet, som beskeden er skrevet i, i Content-Type og i XML-erklæringen, helst UTF-8, og send posten igen.",
        "Declare the encoding that the message is written in, in Content-Type and XML declaration, best UTF-8, and send the record again.";
    EMAIL_FORM = "DTR5121", Advarsel, Fault::Sender,
        "email er {vaerdi}, som ikke ligner en mailadresse.",
        "email is {vaerdi}, which does not look like an e-mail address.",
        "Skriv én adresse, som navn@kommune.dk, eller udelad feltet.",
        "Write one address, such as navn@kommune.dk, or leave the field out.";
    TELEFON_FORM = "DTR5122", Advarsel, Fault::Sender,
        "telefonNummer er {vaerdi}, som ikke ligner et telefonnummer.",
        "telefonNummer is {vaerdi}, which does not look like a telephone number.",
        "Skriv otte cifre, eller + og landekode foran, eller udelad feltet.",
        "Write eight digits, or + and the country code before them, or leave the field out.";
    VAERDI_FRA_DAR = "DTR5131", Advarsel, Fault::Sender,
        "{felt} er gemt som {vaerdi} (fra DAR); I sendte {sendt}.",
        "{felt} was stored as {vaerdi} (from DAR); you sent {sendt}.",
        "Intet at gøre for registeret; ret værdien i jeres system, eller udelad den, hvis den ikke er påkrævet.",
        "Nothing to do for the register; correct the value in your system, or leave it out if it is not mandatory.";
    CVR_ADRESSE_AFVIGER = "DTR5132", Advarsel, Fault::Sender,
        "Enhedens adresse er {adresse}, men P-nummerets adresse i CVR er {cvradresse}.",
        "The unit's address is {adresse}, but the P-number's address in CVR is {cvradresse}.",
        "Ret adressen i CVR, hvis den er forkert dér; har P-nummeret flere enheder, er der intet at gøre.",
        "Correct the address in CVR if it is wrong there; if the P-number has several units, there is nothing to do.";
}
