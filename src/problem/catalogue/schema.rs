//! 4xxx: what the schema refuses. `{regel}` is the rule's name in the XML Schema recommendation.

use crate::problem::Fault;

super::entries! {
    Schema;
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
    UKENDT_ROD = "DTR4002", Fejl, Fault::Sender, lists ["expected"],
        "Skemaet har intet dokument med rodelementet {found}.",
        "The schema has no document with the root element {found}.",
        "Se efter navn og navnerum. Kendte rødder: {expected}.",
        "Check name and namespace. Known roots: {expected}.";
    UVENTET_ELEMENT = "DTR4003", Fejl, Fault::Sender, lists ["expected"],
        "Elementet {found} kendes ikke her i {inside}.",
        "The element {found} is not known here in {inside}.",
        "{grund}Fjern det, eller ret navnet. Tilladt her: {expected}, i skemaets rækkefølge og navnerum.",
        "{grund}Remove it, or correct its name. Allowed here: {expected}, in the schema's order and namespace.";
    INTET_MERE = "DTR4020", Fejl, Fault::Sender,
        "Elementet {found} kendes ikke her i {inside}, og der må ikke stå mere.",
        "The element {found} is not known here in {inside}, and nothing more may follow.",
        "{grund}Fjern det.",
        "{grund}Remove it.";
    MANGLENDE_ELEMENT = "DTR4004", Fejl, Fault::Sender, lists ["expected"],
        "{expected} {er}; {hvor}.",
        "{expected} {er}; {hvor}.",
        "Tilføj det på sin plads i skemaets rækkefølge: {expected} er obligatorisk.",
        "Add it in its place in the schema's order: {expected} is mandatory.";
    ELEMENT_I_VAERDI = "DTR4005", Fejl, Fault::Sender,
        "{over} skal have en værdi, men indeholder elementet {found}.",
        "{over} must have a value, but holds the element {found}.",
        "Skriv værdien som tekst mellem <{over}> og </{over}>, uden elementer.",
        "Write the value as text between <{over}> and </{over}>, without elements.";
    TEKST_MELLEM_ELEMENTER = "DTR4006", Fejl, Fault::Sender, lists ["expected"],
        "Teksten \"{found}\" står direkte i {felt}, hvor der kun må være elementer.",
        "The text \"{found}\" stands directly in {felt}, where only elements may be.",
        "Fjern den, eller læg den i det element, den hører til: {expected}.",
        "Remove it, or put it into the element that it belongs to: {expected}.";
    SKAL_VAERE_TOM = "DTR4007", Fejl, Fault::Sender,
        "{felt} skal være tomt, men indeholder {found}.",
        "{felt} must be empty, but contains {found}.",
        "Fjern indholdet.",
        "Remove the content.";
    UKENDT_ATTRIBUT = "DTR4008", Fejl, Fault::Sender,
        "Attributten {found} kendes ikke her.",
        "The attribute {found} is not known here.",
        "Fjern den; kun de attributter, skemaet nævner, kan bruges.",
        "Remove it; only the attributes that the schema names can be used.";
    MANGLENDE_ATTRIBUT = "DTR4009", Fejl, Fault::Sender, lists ["expected"],
        "Attributten {expected} mangler.",
        "The attribute {expected} is missing.",
        "Tilføj den.",
        "Add it.";
    FORKERT_VAERDI = "DTR4010", Fejl, Fault::Sender, lists ["form"],
        "{felt}: \"{value}\" er ikke {hvad}.",
        "{felt}: \"{value}\" is not {hvad}.",
        "{grund}Skriv {form}.",
        "{grund}Write {form}.";
    MOENSTER = "DTR4011", Fejl, Fault::Sender, lists ["form"],
        "{felt}: \"{value}\" er ikke {hvad}.",
        "{felt}: \"{value}\" is not {hvad}.",
        "{grund}Skriv {form}.",
        "{grund}Write {form}.";
    IKKE_PAA_LISTE = "DTR4012", Fejl, Fault::Sender, lists ["allowed"],
        "{felt}: \"{value}\" er ikke en af de tilladte værdier.",
        "{felt}: \"{value}\" is not one of the allowed values.",
        "Vælg en af: {allowed}.",
        "Choose one of: {allowed}.";
    TOM_VAERDI = "DTR4013", Fejl, Fault::Sender, lists ["raad"],
        "{felt} er tomt.",
        "{felt} is empty.",
        "{felt}: {raad}.",
        "{felt}: {raad}.";
    FOR_LANG = "DTR4014", Fejl, Fault::Sender,
        "{felt} har {actual} tegn og må højst have {limit}: \"{value}\".",
        "{felt} has {actual} characters and may have at most {limit}: \"{value}\".",
        "Forkort værdien; der tælles tegn, ikke byte.",
        "Shorten the value; characters are counted, not bytes.";
    FOR_LILLE = "DTR4015", Fejl, Fault::Sender,
        "{felt} er {value}, som er mindre end {limit}.",
        "{felt} is {value}, which is less than {limit}.",
        "Mindste værdi i {felt} er {limit}.",
        "The least value of {felt} is {limit}.";
    FOR_STOR = "DTR4016", Fejl, Fault::Sender,
        "{felt} er {value}, som er større end {limit}.",
        "{felt} is {value}, which is greater than {limit}.",
        "Største værdi i {felt} er {limit}.",
        "The greatest value of {felt} is {limit}.";
    FOR_MANGE_DECIMALER = "DTR4017", Fejl, Fault::Sender,
        "{felt} er {value} med {actual} decimaler og må højst have {limit}.",
        "{felt} is {value} with {actual} decimals and may have at most {limit}.",
        "Afrund værdien til {limit} decimaler.",
        "Round the value to {limit} decimals.";
    XSI_TYPE = "DTR4018", Fejl, Fault::Sender,
        "xsi:type {value} kan ikke bruges her.",
        "xsi:type {value} cannot be used here.",
        "Udelad xsi:type; elementets type er skemaets.",
        "Leave xsi:type out; the element's type is the schema's.";
    XSI_NIL = "DTR4019", Fejl, Fault::Sender,
        "{over} kan ikke være nil.",
        "{over} cannot be nil.",
        "Fjern xsi:nil. Udelad {over} helt, når det ingen værdi har.",
        "Remove xsi:nil. Leave {over} out altogether when it has no value.";
    FOR_MANGE_GANGE = "DTR4021", Fejl, Fault::Sender,
        "{found} må højst stå {gange} i {over}.",
        "{found} may stand in {over} at most {gange}.",
        "Fjern de overtallige {found}. Skal flere poster sendes, så del dem på flere kald.",
        "Remove the {found} that are too many. To send more records, split them over several calls.";
    FORKERT_PLADS = "DTR4022", Fejl, Fault::Sender,
        "{found} skal stå {hvor}.",
        "{found} must come {hvor}.",
        "Flyt {found} i {over}; rækkefølgen er skemaets.",
        "Move {found} within {over}; the order is the schema's.";
    FORKERT_NAVNERUM = "DTR4023", Fejl, Fault::Sender,
        "{found} står {fundet}; det rette navnerum er {ret}.",
        "{found} is {fundet}; the right namespace is {ret}.",
        "Ret xmlns eller præfikset, her og i alle elementer med samme fejl.",
        "Correct xmlns or the prefix, here and in all elements with the same mistake.";
    ELEMENT_STAVET = "DTR4024", Fejl, Fault::Sender,
        "Elementet {found} kendes ikke; mente du {meant}?",
        "The element {found} is not known; did you mean {meant}?",
        "Ret navnet til {meant}; store og små bogstaver tæller.",
        "Correct the name to {meant}; capital and small letters count.";
    HOERER_TIL_ANDET = "DTR4025", Fejl, Fault::Sender,
        "{found} hører til i {parent}, men står i {over}.",
        "{found} belongs in {parent}, but stands in {over}.",
        "Flyt {found} ind direkte under {parent}.",
        "Move {found} to directly below {parent}.";
    ATTRIBUT_STAVET = "DTR4026", Fejl, Fault::Sender,
        "Attributten {found} kendes ikke; mente du {meant}?",
        "The attribute {found} is not known; did you mean {meant}?",
        "Ret navnet til {meant}, uden præfiks; store og små bogstaver tæller.",
        "Correct the name to {meant}, without a prefix; capital and small letters count.";
}
