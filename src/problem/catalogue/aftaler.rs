//! 54xx: agreements, the requests for them, and the messages about them in JSON (kontrakt §8).

use crate::problem::Fault;

super::entries! {
    Register;
    MEDIETYPE = "DTR5401", Fejl, Fault::Refused(415),
        "Content-Type {medietype} kan ikke læses her.",
        "The Content-Type {medietype} cannot be read here.",
        "Send application/json i UTF-8.",
        "Send application/json in UTF-8.";
    IKKE_JSON = "DTR5402", Fejl, Fault::Sender,
        "Beskeden er ikke velformet JSON i UTF-8: linje {linje}, kolonne {kolonne}.",
        "The message is not well-formed JSON in UTF-8: line {linje}, column {kolonne}.",
        "Ret den dér. Formen står i /aftaler/v1/openapi.json.",
        "Correct it there. The form stands in /aftaler/v1/openapi.json.";
    FORM = "DTR5403", Fejl, Fault::Sender,
        "Beskeden har ikke den form, der skal til: linje {linje}, kolonne {kolonne}, ved {navn}.",
        "The message does not have the form that is needed: line {linje}, column {kolonne}, at {navn}.",
        "Et felt mangler, er ukendt, står to gange eller er af en forkert art. Formen står i /aftaler/v1/openapi.json.",
        "A field is missing, unknown, there twice or of a wrong kind. The form stands in /aftaler/v1/openapi.json.";
    VAERDI = "DTR5404", Fejl, Fault::Sender, lists ["tilladt"],
        "{sti}: værdien {vaerdi} kan ikke bruges.",
        "{sti}: the value {vaerdi} cannot be used.",
        "Tilladt: {tilladt}.",
        "Allowed: {tilladt}.";
    ANTAL = "DTR5405", Fejl, Fault::Sender,
        "{sti} har {antal} elementer; 1 til {mest} kan behandles på én gang.",
        "{sti} has {antal} elements; 1 to {mest} can be handled at once.",
        "Del dem op i flere kald.",
        "Split them into several calls.";
    KUN_SYSTEMER = "DTR5406", Fejl, Fault::Refused(403),
        "Kun et system kan anmode om en aftale, og certifikatet er ikke knyttet til et.",
        "Only a system can ask for an agreement, and the certificate is bound to none.",
        "Brug systemets certifikat, eller få registerets drift til at registrere systemet og knytte certifikatet til det.",
        "Use the system's certificate, or have the register's operator register the system and bind the certificate to it.";
    INTET_AT_AFGOERE = "DTR5407", Fejl, Fault::Refused(403),
        "Certifikatet er for {hvem}, og det kan hverken afgøre anmodninger eller afslutte aftaler.",
        "The certificate is for {hvem}, which can neither settle requests nor end agreements.",
        "Det kan den kommune eller private ejer, der bliver anmodet, med sit eget certifikat uden system.",
        "The kommune or private owner that is asked can, with its own certificate, bound to no system.";
    SAGSNUMMER = "DTR5408", Fejl, Fault::Sender,
        "Operatøren skal angive et sagsnummer.",
        "The operator must give a case number (sagsnummer).",
        "Send feltet sagsnummer, 1 til 40 tegn.",
        "Send the field sagsnummer, 1 to 40 characters.";
    ANMODNING_UKENDT = "DTR5410", Fejl, Fault::Refused(404),
        "Der er ingen anmodning {anmodning}, som I kan afgøre eller trække tilbage.",
        "There is no request {anmodning} that you can settle or take back.",
        "GET /aftaler/v1/anmodninger viser dem, I kan se.",
        "GET /aftaler/v1/anmodninger shows those that you can see.";
    ANMODNING_AFGJORT = "DTR5411", Fejl, Fault::Refused(409),
        "Anmodningen {anmodning} er allerede afgjort: {stand}, {tidspunkt}.",
        "The request {anmodning} has been settled already: {stand}, {tidspunkt}.",
        "En anmodning afgøres én gang. Afslut aftalen, eller anmod igen.",
        "A request is settled once. End the agreement, or ask again.";
    EGET_SYSTEM = "DTR5412", Fejl, Fault::Refused(403),
        "Systemet {system} ({navn}) er jeres eget, og ingen godkender en aftale for sit eget system.",
        "The system {system} ({navn}) is your own, and nobody approves an agreement of a system of their own.",
        "Skriv med jeres eget certifikat uden system, eller bed registerets drift om at afgøre anmodningen.",
        "Write with your own certificate bound to no system, or ask the register's operator to settle the request.";
    ALLEREDE_ANMODET = "DTR5413", Fejl, Fault::Refused(409),
        "Systemet har allerede anmodet om det i {anmodning}, som venter på svar.",
        "The system has asked for that already in {anmodning}, which waits for an answer.",
        "Afvent svaret, eller træk {anmodning} tilbage først.",
        "Wait for the answer, or take {anmodning} back first.";
    ALLEREDE_AFTALT = "DTR5414", Fejl, Fault::Refused(409),
        "Systemet har det allerede i aftalen {aftale}.",
        "The system has that already in the agreement {aftale}.",
        "Der er intet at anmode om.",
        "There is nothing to ask for.";
    FOR_MANGE_VENTER = "DTR5415", Fejl, Fault::Refused(409),
        "{mest} anmodninger fra systemet venter på svar, og flere tages der ikke imod.",
        "{mest} requests of the system wait for an answer, and no more are taken.",
        "Træk dem tilbage, som ikke er aktuelle mere.",
        "Take back those that are of no use any more.";
    AFTALE_UKENDT = "DTR5416", Fejl, Fault::Refused(404),
        "Der er ingen aftale {aftale}, som I kan afslutte.",
        "There is no agreement {aftale} that you can end.",
        "GET /aftaler/v1/aftaler viser dem, I kan se.",
        "GET /aftaler/v1/aftaler shows those that you can see.";
    AFTALE_AFSLUTTET = "DTR5417", Fejl, Fault::Refused(409),
        "Aftalen {aftale} er allerede afsluttet, {tidspunkt}.",
        "The agreement {aftale} has been ended already, {tidspunkt}.",
        "Der er intet at gøre.",
        "There is nothing to do.";
    DAGE = "DTR5418", Fejl, Fault::Sender,
        "Aftalen ville aldrig gælde: {hvorfor}.",
        "The agreement would never hold: {hvorfor}.",
        "Ret fra og til; begge dage er med, og dage er danske.",
        "Correct fra and til; both days are included, and days are Danish ones.";
    FOR_MANGE_NUMRE = "DTR5419", Fejl, Fault::Sender,
        "En aftale nævner højst {mest} numre.",
        "An agreement names at most {mest} numbers.",
        "Del den op i flere, eller brug omfanget alle.",
        "Split it into several, or use the scope alle.";
    SYSTEM_UEGNET = "DTR5420", Fejl, Fault::Refused(403),
        "Systemet {system} kan ikke få en aftale: {hvorfor}.",
        "The system {system} can't have an agreement: {hvorfor}.",
        "Spørg registerets drift, hvis systemet skulle kunne.",
        "Ask the register's operator if the system should be able to.";
    KOMMUNE_SOM_EJER = "DTR5421", Fejl, Fault::Sender,
        "{cvr} er {navn}, og en kommune nævnes ved sin kode.",
        "{cvr} is {navn}, and a kommune is named by its code.",
        "Send kommune {kommune} i stedet for ejer.",
        "Send kommune {kommune} instead of ejer.";
    POST_UEGNET = "DTR5422", Fejl, Fault::Sender,
        "En aftale med {part} kan ikke omfatte {nummer}: {hvorfor}.",
        "An agreement with {part} can't cover {nummer}: {hvorfor}.",
        "Ret nummeret, eller anmod den, institutionen hører under.",
        "Correct the number, or ask the one that the institution belongs to.";
    OVERLAP = "DTR5423", Fejl, Fault::Refused(409),
        "{system} skriver allerede i {sted} efter aftalen {aftale}, og en institution har én kilde.",
        "{system} writes in {sted} already by the agreement {aftale}, and an institution has one source.",
        "Afslut {aftale} først, eller få registerets drift til at overdrage den.",
        "End {aftale} first, or have the register's operator hand it over.";
}
