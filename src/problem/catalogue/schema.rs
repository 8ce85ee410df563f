//! 4xxx: what the schema refuses. `{regel}` is the rule's name in the XML Schema recommendation.

use crate::problem::Fault;

super::entries! {
    BESKED_UGYLDIG = "DTR4000", Fejl, Fault::Sender,
        "Beskeden følger ikke skemaet; fejlene ({antal}) står i listen.",
        "The message does not follow the schema; the errors ({antal}) are in the list.",
        "Ret dem, og send beskeden igen; skemaet hentes med GetXMLSchema eller under /xsd/.",
        "Correct them and send the message again; the schema is given by GetXMLSchema and under /xsd/.";
    UGYLDIG = "DTR4001", Fejl, Fault::Sender,
        "Indholdet bryder skemaets regel {regel}.",
        "The content breaks the schema's rule {regel}.",
        "Se skemaet; reglen er beskrevet i XML Schema 1.0 under sit navn.",
        "See the schema; the rule is described in XML Schema 1.0 under its name.";
    UKENDT_ROD = "DTR4002", Fejl, Fault::Sender,
        "Skemaet har intet dokument med rodelementet {found}.",
        "The schema has no document with the root element {found}.",
        "Se efter navn og navnerum. Kendte rødder: {expected}.",
        "Check name and namespace. Known roots: {expected}.";
    UVENTET_ELEMENT = "DTR4003", Fejl, Fault::Sender,
        "Elementet {found} ventes ikke her.",
        "The element {found} is not expected here.",
        "Her kan stå: {expected}. Rækkefølgen er skemaets, og navnerummet tæller med.",
        "Here may stand: {expected}. The order is the schema's, and the namespace counts.";
    MANGLENDE_ELEMENT = "DTR4004", Fejl, Fault::Sender,
        "Der mangler et element: {expected}.",
        "An element is missing: {expected}.",
        "Tilføj det på sin plads i skemaets rækkefølge.",
        "Add it in its place in the schema's order.";
    ELEMENT_I_VAERDI = "DTR4005", Fejl, Fault::Sender,
        "Her ventes en værdi, men der står elementet {found}.",
        "A value is expected here, but the element {found} stands here.",
        "Skriv værdien som tekst uden elementer.",
        "Write the value as text without elements.";
    TEKST_MELLEM_ELEMENTER = "DTR4006", Fejl, Fault::Sender,
        "Teksten \"{found}\" står, hvor der kun må være elementer.",
        "The text \"{found}\" stands where only elements may be.",
        "Fjern den, eller læg den i det element, den hører til.",
        "Remove it, or put it into the element that it belongs to.";
    SKAL_VAERE_TOM = "DTR4007", Fejl, Fault::Sender,
        "Elementet skal være tomt, men indeholder {found}.",
        "The element must be empty, but contains {found}.",
        "Fjern indholdet.",
        "Remove the content.";
    UKENDT_ATTRIBUT = "DTR4008", Fejl, Fault::Sender,
        "Attributten {found} kendes ikke her.",
        "The attribute {found} is not known here.",
        "Fjern den; kun de attributter, skemaet nævner, kan bruges.",
        "Remove it; only the attributes that the schema names can be used.";
    MANGLENDE_ATTRIBUT = "DTR4009", Fejl, Fault::Sender,
        "Attributten {expected} mangler.",
        "The attribute {expected} is missing.",
        "Tilføj den.",
        "Add it.";
    FORKERT_VAERDI = "DTR4010", Fejl, Fault::Sender,
        "\"{value}\" er ikke af typen {type_name}.",
        "\"{value}\" is not of the type {type_name}.",
        "Skriv værdien i typens form, for eksempel tal uden mellemrum og datoer som ÅÅÅÅ-MM-DD.",
        "Write the value in the form of the type, for example numbers without spaces and dates as YYYY-MM-DD.";
    MOENSTER = "DTR4011", Fejl, Fault::Sender,
        "\"{value}\" har ikke formen af {type_name}.",
        "\"{value}\" is not of the form of {type_name}.",
        "Formen er det regulære udtryk {pattern}.",
        "The form is the regular expression {pattern}.";
    IKKE_PAA_LISTE = "DTR4012", Fejl, Fault::Sender,
        "\"{value}\" er ikke en af de tilladte værdier.",
        "\"{value}\" is not one of the allowed values.",
        "Vælg en af: {allowed}.",
        "Choose one of: {allowed}.";
    FOR_KORT = "DTR4013", Fejl, Fault::Sender,
        "\"{value}\" har {actual} tegn og skal have mindst {limit}.",
        "\"{value}\" has {actual} characters and must have at least {limit}.",
        "Et felt, der ikke har nogen værdi, udelades helt i stedet for at sendes tomt.",
        "A field that has no value is left out altogether instead of being sent empty.";
    FOR_LANG = "DTR4014", Fejl, Fault::Sender,
        "\"{value}\" har {actual} tegn og må højst have {limit}.",
        "\"{value}\" has {actual} characters and may have at most {limit}.",
        "Forkort værdien; der tælles tegn, ikke byte.",
        "Shorten the value; characters are counted, not bytes.";
    FOR_LILLE = "DTR4015", Fejl, Fault::Sender,
        "{value} er mindre end {limit}.",
        "{value} is less than {limit}.",
        "Mindste værdi er {limit}.",
        "The least value is {limit}.";
    FOR_STOR = "DTR4016", Fejl, Fault::Sender,
        "{value} er større end {limit}.",
        "{value} is greater than {limit}.",
        "Største værdi er {limit}.",
        "The greatest value is {limit}.";
    FOR_MANGE_DECIMALER = "DTR4017", Fejl, Fault::Sender,
        "{value} har {actual} decimaler og må højst have {limit}.",
        "{value} has {actual} decimals and may have at most {limit}.",
        "Afrund værdien.",
        "Round the value.";
    XSI_TYPE = "DTR4018", Fejl, Fault::Sender,
        "xsi:type {value} kan ikke bruges her.",
        "xsi:type {value} cannot be used here.",
        "Udelad xsi:type; elementets type er skemaets.",
        "Leave xsi:type out; the element's type is the schema's.";
    XSI_NIL = "DTR4019", Fejl, Fault::Sender,
        "Elementet kan ikke være nil.",
        "The element cannot be nil.",
        "Udelad elementet helt, når det ingen værdi har; xsi:nil bruges ikke.",
        "Leave the element out altogether when it has no value; xsi:nil is not used.";
}
