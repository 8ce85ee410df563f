//! 3xxx: SOAP. The envelope, its headers, and which operation is called.

use crate::problem::Fault;

super::entries! {
    Soap;
    IKKE_KONVOLUT = "DTR3001", Fejl, Fault::VersionMismatch,
        "Rodelementet {element} er ikke en SOAP-konvolut (Envelope) i version 1.1 eller 1.2.",
        "The root element {element} is not a SOAP envelope of version 1.1 or 1.2.",
        "Brug navnerummet http://schemas.xmlsoap.org/soap/envelope/ eller http://www.w3.org/2003/05/soap-envelope.",
        "Use the namespace http://schemas.xmlsoap.org/soap/envelope/ or http://www.w3.org/2003/05/soap-envelope.";
    HEADER_IKKE_FORSTAAET = "DTR3002", Fejl, Fault::MustUnderstand,
        "Headeren {element} er mærket mustUnderstand og forstås ikke her.",
        "The header {element} is marked mustUnderstand and is not understood here.",
        "Fjern den, eller mærkningen. WS-Security bruges ikke: klientcertifikatet er identiteten.",
        "Remove it, or the mark. WS-Security is not used: the client certificate is the identity.";
    BODY_MANGLER = "DTR3003", Fejl, Fault::Sender,
        "Konvolutten har ingen Body.",
        "The envelope has no Body.",
        "Læg operationens element i Body.",
        "Put the operation's element into the Body.";
    BODY_INDHOLD = "DTR3004", Fejl, Fault::Sender,
        "Body skal have netop ét element, operationens, men har {antal}.",
        "The Body must hold exactly one element, the operation's, but holds {antal}.",
        "Send ét kald pr. konvolut; flere poster sendes i samme operation.",
        "Send one call per envelope; several records go into the same operation.";
    KONVOLUT_ORDEN = "DTR3005", Fejl, Fault::Sender,
        "Elementet {element} står et forkert sted i konvolutten.",
        "The element {element} stands in the wrong place of the envelope.",
        "En konvolut er Header (kan udelades) og derefter Body, hver én gang, og intet andet.",
        "An envelope is a Header (may be left out) and then a Body, each once, and nothing else.";
    VERSION_MOD_TYPE = "DTR3006", Fejl, Fault::Sender,
        "Konvolutten er SOAP {version}, men Content-Type er {medietype}.",
        "The envelope is SOAP {version}, but the Content-Type is {medietype}.",
        "SOAP 1.1 sendes som text/xml, SOAP 1.2 som application/soap+xml.",
        "SOAP 1.1 is sent as text/xml, SOAP 1.2 as application/soap+xml.";
    ENCODING_STYLE = "DTR3007", Fejl, Fault::Sender,
        "encodingStyle kan ikke bruges: tjenesten er document/literal.",
        "encodingStyle cannot be used: the service is document/literal.",
        "Fjern attributten encodingStyle og byg beskeden af WSDL'en.",
        "Remove the attribute encodingStyle and build the message from the WSDL.";
    UKENDT_OPERATION = "DTR3008", Fejl, Fault::Sender, lists ["operationer"],
        "Operationen {operation} findes ikke på {tjeneste}.",
        "There is no operation {operation} on {tjeneste}.",
        "Se efter navnerum og stavemåde i WSDL'en; {tjeneste} har {operationer}.",
        "Check namespace and spelling against the WSDL; {tjeneste} has {operationer}.";
    ACTION_MODSIGER = "DTR3009", Fejl, Fault::Sender,
        "{kilde} siger {action}, men Body indeholder operationen {operation}.",
        "{kilde} says {action}, but the Body holds the operation {operation}.",
        "Ret den til {rigtig}, eller udelad den. Den skal slutte på operationens navn efter /, # eller :.",
        "Correct it to {rigtig}, or leave it out. It must end in the operation's name after /, # or :.";
    WSA_ACTION_MODSIGER = "DTR3018", Fejl, Fault::Addressing,
        "wsa:Action siger {action}, men Body indeholder operationen {operation}.",
        "wsa:Action says {action}, but the Body holds the operation {operation}.",
        "Ret den til {rigtig}, eller udelad den. Den skal slutte på operationens navn efter /, # eller :.",
        "Correct it to {rigtig}, or leave it out. It must end in the operation's name after /, # or :.";
    MESSAGE_ID_UGYLDIGT = "DTR3010", Fejl, Fault::Addressing,
        "wsa:MessageID er tomt, længere end 512 tegn, har usynlige tegn, eller står flere gange.",
        "wsa:MessageID is empty, longer than 512 characters, holds invisible characters, or is given more than once.",
        "Brug et nyt urn:uuid: for hver besked, og det samme, når den sendes igen.",
        "Use a fresh urn:uuid: for each message, and the same one when it is sent again.";
    REPLY_TO = "DTR3011", Fejl, Fault::Addressing,
        "{element} peger på en adresse; svaret gives kun på samme forbindelse.",
        "{element} names an address; the answer is only given on the same connection.",
        "Udelad den, eller brug {anonym}.",
        "Leave it out, or use {anonym}.";
    MESSAGE_ID_GENBRUGT = "DTR3012", Fejl, Fault::Sender,
        "MessageID eller Idempotency-Key {id} er allerede brugt til en anden besked.",
        "The MessageID or Idempotency-Key {id} has already been used for another message.",
        "Brug en ny værdi til en ny besked; kun en uændret gentagelse må have den gamle.",
        "Use a fresh value for a new message; only an unchanged repetition may carry the old one.";
    SAGSNUMMER_MANGLER = "DTR3013", Fejl, Fault::Sender,
        "Operatøren skal angive et sagsnummer ved hver skrivning.",
        "The operator must give a case number (sagsnummer) with every write.",
        "Send headeren sagsnummer i tjenestens navnerum, 1 til 40 tegn.",
        "Send the header sagsnummer in the service's namespace, 1 to 40 characters.";
    HEADER_UGYLDIG = "DTR3014", Fejl, Fault::Header,
        "Headeren {element} har en værdi, der ikke kan bruges, eller står flere gange.",
        "The header {element} has a value that cannot be used, or is given more than once.",
        "sagsnummer er 1 til 40 tegn på én linje, og hver header sendes højst én gang.",
        "sagsnummer is 1 to 40 characters on one line, and each header is sent at most once.";
    UKENDT_SKEMA = "DTR3015", Fejl, Fault::Sender, lists ["navne"],
        "Der er intet skema ved navn {navn}.",
        "There is no schema named {navn}.",
        "Navnene er {navne}.",
        "The names are {navne}.";
    XML_FOR_STOR = "DTR3016", Fejl, Fault::Sender,
        "Dokumentet i xml er større end {graense} byte.",
        "The document in xml is larger than {graense} bytes.",
        "Del dokumentet op, eller prøv det lokalt med dtr check.",
        "Split the document up, or check it locally with dtr check.";
    TOM_PARAMETER = "DTR3019", Fejl, Fault::Sender,
        "{felt} er tomt, og det kan ikke ses, hvad der menes.",
        "{felt} is empty, and what is meant cannot be told.",
        "Send en værdi i {felt}, eller udelad elementet: det betyder {standard}.",
        "Send a value in {felt}, or leave the element out: that means {standard}.";
    MESSAGE_ID_NAVNERUM = "DTR3020", Fejl, Fault::Addressing,
        "Headeren {element} er ikke wsa:MessageID, og kaldet kunne ikke gentages trygt.",
        "The header {element} is not wsa:MessageID, and the call could not safely be repeated.",
        "Send MessageID i navnerummet http://www.w3.org/2005/08/addressing, eller send HTTP-headeren Idempotency-Key i stedet.",
        "Send MessageID in the namespace http://www.w3.org/2005/08/addressing, or send the HTTP header Idempotency-Key instead.";
    IDEMPOTENCY_KEY_UGYLDIG = "DTR3021", Fejl, Fault::Sender,
        "HTTP-headeren Idempotency-Key er tom, længere end 512 tegn eller har andet end synlige ASCII-tegn.",
        "The HTTP header Idempotency-Key is empty, longer than 512 characters, or holds other than printable ASCII characters.",
        "Send 1 til 512 synlige tegn, med eller uden anførselstegn om, fx et nyt urn:uuid: for hver besked.",
        "Send 1 to 512 printable characters, with or without quotation marks around them, such as a fresh urn:uuid: for each message.";
    NOEGLER_UENIGE = "DTR3022", Fejl, Fault::Sender,
        "wsa:MessageID er {id}, men HTTP-headeren Idempotency-Key er {noegle}.",
        "The wsa:MessageID is {id}, but the HTTP header Idempotency-Key is {noegle}.",
        "Send kun den ene, eller samme værdi i begge: de er navne for det samme.",
        "Send one of them alone, or the same value in both: they are names for the same thing.";
    TID_UDEN_ZONE = "DTR3023", Fejl, Fault::Sender,
        "{felt} er {vaerdi} uden tidszone, og så er det ikke ét bestemt tidspunkt.",
        "{felt} is {vaerdi} without a time zone, so it is not one certain instant.",
        "Send det med Z eller en forskel fra UTC, som {vaerdi}Z. .NET: sæt DateTimeKind.Utc. Java: setTimezone(0) på XMLGregorianCalendar. Python: datetime.now(timezone.utc). PHP: date('c').",
        "Send it with Z or an offset from UTC, such as {vaerdi}Z. .NET: set DateTimeKind.Utc. Java: setTimezone(0) on the XMLGregorianCalendar. Python: datetime.now(timezone.utc). PHP: date('c').";
    DATO_MED_ZONE = "DTR3024", Fejl, Fault::Sender,
        "{felt} er {vaerdi}, men en dato har hverken klokkeslæt eller tidszone her.",
        "{felt} is {vaerdi}, but a date has neither time nor time zone here.",
        "Send datoen alene, som {dato}. Java: setTimezone(DatatypeConstants.FIELD_UNDEFINED) på XMLGregorianCalendar. PHP: date('Y-m-d').",
        "Send the date alone, such as {dato}. Java: setTimezone(DatatypeConstants.FIELD_UNDEFINED) on the XMLGregorianCalendar. PHP: date('Y-m-d').";
    SEKVENS_EFTER_SIDSTE = "DTR3017", Fejl, Fault::Sender,
        "efterSekvens {efter} ligger efter registerets sidste ændring, {sidste}.",
        "efterSekvens {efter} lies after the register's last change, {sidste}.",
        "Se efter, om epoke er skiftet: er registeret gendannet, begynder en aftager forfra fra et øjebliksbillede.",
        "Check whether epoke has changed: after a restore a consumer starts over from a snapshot.";
}
