//! 1xxx: transport and identity. What the HTTP layer refuses before the message is read, and who may not call.

use crate::problem::Fault;

super::entries! {
    Transport;
    UKENDT_STI = "DTR1001", Fejl, Fault::Refused(404),
        "Stien {sti} findes ikke her.",
        "There is no path {sti} here.",
        "Tjenesterne er {stier}; forsiden på den offentlige adresse viser resten.",
        "The services are {stier}; the front page of the public address shows the rest.";
    METODE = "DTR1002", Fejl, Fault::Refused(405),
        "Metoden {metode} kan ikke bruges på {sti}.",
        "The method {metode} cannot be used on {sti}.",
        "Brug {tilladte}.",
        "Use {tilladte}.";
    FOR_STOR = "DTR1003", Fejl, Fault::Refused(413),
        "Beskeden er større end {graense} byte.",
        "The message is larger than {graense} bytes.",
        "Del den op: en skrivning kan have op til 500 poster, og flere kald kan følge efter hinanden.",
        "Split it up: a write may carry up to 500 records, and several calls may follow each other.";
    MEDIETYPE = "DTR1004", Fejl, Fault::Refused(415),
        "Content-Type {medietype} kan ikke læses her.",
        "The Content-Type {medietype} cannot be read here.",
        "Send text/xml (SOAP 1.1) eller application/soap+xml (SOAP 1.2), uden multipart og uden MTOM.",
        "Send text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2), without multipart and without MTOM.";
    KOMPRIMERET = "DTR1005", Fejl, Fault::Refused(415),
        "Beskeden er komprimeret med {kodning}.",
        "The message is compressed with {kodning}.",
        "Send den ukomprimeret, uden Content-Encoding.",
        "Send it uncompressed, without Content-Encoding.";
    TRAVLT = "DTR1006", Fejl, Fault::Unavailable(503),
        "Tjenesten har for travlt lige nu, eller er ved at lukke ned.",
        "The service is too busy just now, or is shutting down.",
        "Intet er gemt. Send samme besked igen om {sekunder} sekunder, gerne med samme wsa:MessageID.",
        "Nothing was stored. Send the same message again in {sekunder} seconds, preferably with the same wsa:MessageID.";
    LANGSOM = "DTR1007", Fejl, Fault::Refused(408),
        "Beskeden kom ikke hel frem inden for {sekunder} sekunder.",
        "The message did not arrive whole within {sekunder} seconds.",
        "Intet er gemt. Send den igen; er forbindelsen langsom, så del beskeden op.",
        "Nothing was stored. Send it again; if the connection is slow, split the message up.";
    PARAMETER = "DTR1008", Fejl, Fault::Refused(400), lists ["raad", "tilladt"],
        "{hvad}.",
        "{hvad}.",
        "{raad}: {tilladt}.",
        "{raad}: {tilladt}.";
    FORMULAR = "DTR1050", Fejl, Fault::Refused(400),
        "Formularen kan ikke læses: {grund}.",
        "The form cannot be read: {grund}.",
        "Send den fra siden selv, eller som den er beskrevet der.",
        "Send it from the page itself, or as is described there.";
    AFBRUDT = "DTR1009", Fejl, Fault::Malformed,
        "Beskeden blev afbrudt, eller dens HTTP-indpakning er forkert.",
        "The message was cut off, or its HTTP framing is wrong.",
        "Intet er gemt. Send den igen med rigtig Content-Length eller hele chunks.",
        "Nothing was stored. Send it again with the right Content-Length or whole chunks.";
    FOR_HURTIGT = "DTR1018", Fejl, Fault::Unavailable(429),
        "I har sendt flere kald, end en organisation må på en gang.",
        "You have sent more calls than one organisation may at a time.",
        "Intet er gemt. Vent {sekunder} sek. og send igen. Saml gerne flere poster i ét kald (op til 500).",
        "Nothing was stored. Wait {sekunder} s and send again. Put several records into one call if you can (up to 500).";
    FORVENTNING = "DTR1017", Fejl, Fault::Refused(417),
        "Headeren Expect har en værdi, der ikke forstås her.",
        "The header Expect has a value that is not understood here.",
        "Udelad den; kun 100-continue kan bruges.",
        "Leave it out; only 100-continue can be used.";
    CERTIFIKAT_UDEN_CVR = "DTR1010", Fejl, Fault::Refused(403),
        "Certifikatet har intet CVR-nummer i organizationIdentifier (OCES3) eller serialNumber (OCES2).",
        "The certificate has no CVR number in organizationIdentifier (OCES3) or serialNumber (OCES2).",
        "Brug et OCES-organisationscertifikat (systemcertifikat); CVR-nummer i CN eller O tæller ikke.",
        "Use an OCES organisation (system) certificate; a CVR number in CN or O does not count.";
    CERTIFIKAT_PERSON = "DTR1011", Fejl, Fault::Refused(403),
        "Certifikatet tilhører en person og ikke en organisation.",
        "The certificate belongs to a person and not to an organisation.",
        "Brug et OCES-organisationscertifikat (systemcertifikat).",
        "Use an OCES organisation (system) certificate.";
    CERTIFIKAT_UENIGT = "DTR1012", Fejl, Fault::Refused(403),
        "Certifikatet nævner to forskellige CVR-numre, eller den samme attribut to gange.",
        "The certificate names two different CVR numbers, or the same attribute twice.",
        "Få udstedt et certifikat med ét CVR-nummer.",
        "Have a certificate issued that names one CVR number.";
    CERTIFIKAT_FORM = "DTR1013", Fejl, Fault::Refused(403),
        "Certifikatets {attribut} har ikke OCES-form.",
        "The certificate's {attribut} is not of OCES form.",
        "OCES3: NTRDK- og otte cifre, UI:DK-O:G: og et UUID. OCES2: CVR:, otte cifre, -FID:, -UID: eller -RID: og et tal.",
        "OCES3: NTRDK- and eight digits, UI:DK-O:G: and a UUID. OCES2: CVR:, eight digits, -FID:, -UID: or -RID: and a number.";
    ORGANISATION_UKENDT = "DTR1014", Fejl, Fault::Refused(403),
        "Organisationen med CVR-nummer {cvr} er ikke registreret her.",
        "The organisation with CVR number {cvr} is not registered here.",
        "Bed registerets drift om at registrere den (dtr org add).",
        "Ask the register's operator to register it (dtr org add).";
    ORGANISATION_LUKKET = "DTR1015", Fejl, Fault::Refused(403),
        "Organisationen med CVR-nummer {cvr} er lukket her.",
        "The organisation with CVR number {cvr} is closed here.",
        "Bed registerets drift om at registrere den igen.",
        "Ask the register's operator to register it again.";
    TJENESTE_IKKE_TILLADT = "DTR1016", Fejl, Fault::Refused(403),
        "Organisationer af typen {art} må ikke skrive i registeret.",
        "Organisations of the type {art} may not write to the register.",
        "HelloWorld, GetXMLSchema, ValidateXmlAgainstSchema og EksportService er åbne for jer; skrivning kræver en kommune eller en aftale.",
        "HelloWorld, GetXMLSchema, ValidateXmlAgainstSchema and EksportService are open to you; writing takes a kommune or an agreement.";
    SYSTEM_LUKKET = "DTR1020", Fejl, Fault::Refused(403),
        "Certifikatet er knyttet til systemet {system}, som er lukket her.",
        "The certificate is bound to the system {system}, which is closed here.",
        "Bed registerets drift om at åbne det igen, eller om at knytte certifikatet til et andet system.",
        "Ask the register's operator to open it again, or to bind the certificate to another system.";
    SYSTEM_ANDEN_EJER = "DTR1021", Fejl, Fault::Refused(403),
        "Certifikatet er knyttet til systemet {system}, men dets CVR-nummer {cvr} er ikke ejerens.",
        "The certificate is bound to the system {system}, but its CVR number {cvr} is not the owner's.",
        "Bed registerets drift om at rette systemets ejer eller certifikater (dtr system).",
        "Ask the register's operator to correct the system's owner or certificates (dtr system).";
    FUND_IKKE_TILLADT = "DTR1022", Fejl, Fault::Refused(403),
        "Fund i kommune {kommune} er for den kommune selv, for systemer med aftale om import dér og for registerets drift.",
        "Findings in kommune {kommune} are for that kommune itself, for systems with an import agreement there and for the register's operator.",
        "Brug kommunens eget certifikat, eller et systems, som kommunen har aftale med.",
        "Use the kommune's own certificate, or that of a system which the kommune has an agreement with.";
    EPOKE_ANDEN = "DTR1023", Fejl, Fault::Refused(410),
        "I følger historikken {sendt}; registeret er gendannet siden og har nu historikken {epoke}.",
        "You follow the history {sendt}; the register has been restored since and now has the history {epoke}.",
        "Hent /eksport/v2/dagtilbud.xml igen, og følg ændringerne efter dens sekvens.",
        "Fetch /eksport/v2/dagtilbud.xml again, and follow the changes after its sekvens.";
    FEED_AFTALE = "DTR1024", Fejl, Fault::Refused(403),
        "Det private feed er for kommuner, ejere, registerets drift og systemer med en aftale om EksportService.",
        "The private feed is for kommuner, owners, the register's operator and systems with an agreement on EksportService.",
        "Brug /feed/v1/aendringer, som er åbent; eller få en kommune til at oprette aftalen (dtr aftale).",
        "Use /feed/v1/aendringer, which is open; or have a kommune make the agreement (dtr aftale).";
    FOR_MANGE_POSTER = "DTR1025", Fejl, Fault::Refused(400),
        "Svaret ville have flere end {mest} poster.",
        "The answer would hold more than {mest} records.",
        "Bed om mindre, for eksempel en kommune ad gangen; eller følg /feed/v1/aendringer, som giver alt i sider.",
        "Ask for less, a kommune at a time for instance; or follow /feed/v1/aendringer, which gives everything in pages.";
    IDEMPOTENCY_KEY_FLERE = "DTR1035", Fejl, Fault::Malformed,
        "HTTP-headeren Idempotency-Key er sendt flere gange.",
        "The HTTP header Idempotency-Key was sent more than once.",
        "Send den højst én gang.",
        "Send it at most once.";
    EGEN_ANDEL = "DTR1031", Fejl, Fault::Unavailable(429),
        "I har for mange store beskeder eller svar i gang på én gang.",
        "You have too many large messages or answers under way at a time.",
        "Intet er gemt. Vent {sekunder} sekunder og send igen; send store beskeder, og hent store svar, én ad gangen.",
        "Nothing was stored. Wait {sekunder} seconds and send again; send large messages, and fetch large answers, one at a time.";
    SOAP_PAA_OFFENTLIG = "DTR1036", Fejl, Fault::Sender,
        "SOAP-kald modtages ikke på den offentlige adresse.",
        "SOAP calls are not taken on the public address.",
        "Send kaldet til {adresse} med jeres OCES-certifikat i TLS-forbindelsen.",
        "Send the call to {adresse}, with your OCES certificate in the TLS connection.";
    FOR_MANGE_VENTER = "DTR1032", Fejl, Fault::Unavailable(429),
        "Så mange kald fra jeres adresse eller organisation venter på ændringer, at dette ikke kan vente også.",
        "So many calls from your address or organisation wait for changes that this one cannot wait too.",
        "Vent {sekunder} sekunder og spørg igen; lad ét kald ad gangen vente, eller spørg uden vent.",
        "Wait {sekunder} seconds and ask again; let one call at a time wait, or ask without vent.";
    FORWARDED = "DTR1033", Fejl, Fault::Refused(400),
        "Headeren Forwarded kan ikke læses: {grund}.",
        "The header Forwarded cannot be read: {grund}.",
        "Udelad den, eller skriv den som i RFC 7239; proxyen foran registeret tilføjer selv jeres adresse.",
        "Leave it out, or write it as in RFC 7239; the proxy before the register adds your address itself.";
    CERTIFIKAT_IKKE_LAENGERE = "DTR1030", Fejl, Fault::Refused(403),
        "Certifikatet gælder ikke længere: {kontrol}.",
        "The certificate is no longer good: {kontrol}.",
        "Forbindelsen lukkes. Forny certifikatet, og forbind igen; er det tilbagekaldt, så få udstedt et nyt.",
        "The connection is closed. Renew the certificate and connect again; if it was revoked, have a new one issued.";
    INGEN_PLADS = "DTR1040", Fejl, Fault::Unavailable(503),
        "Registeret har ikke plads på disken til at gemme beskeden.",
        "The register has no room on its disk to store the message.",
        "Intet er gemt. Send samme besked igen om {sekunder} sekunder; bliver det ved, så giv registerets drift besked.",
        "Nothing was stored. Send the same message again in {sekunder} seconds; if it persists, tell the register's operator.";
    UR_UTROVAERDIGT = "DTR1041", Fejl, Fault::Unavailable(503),
        "Registeret stoler ikke på serverens ur, så det gemmer intet lige nu.",
        "The register does not trust the server's clock, so it stores nothing just now.",
        "Intet er gemt. Send samme besked igen om {sekunder} sekunder; registerets drift skal først rette eller godkende uret.",
        "Nothing was stored. Send the same message again in {sekunder} seconds; the register's operator must first set or approve the clock.";
}
