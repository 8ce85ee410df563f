//! 2xxx: XML. 20xx: the encoding; 21xx: what is not well-formed; 22xx: the limits of kontrakt §10.

use crate::problem::Fault;

super::entries! {
    Xml;
    TEGNSAET_MODSTRID = "DTR2001", Fejl, Fault::Sender,
        "Beskedens byte order mark siger {bom}, men Content-Type siger {charset}.",
        "The message's byte order mark says {bom}, but the Content-Type says {charset}.",
        "Lad de to sige det samme, eller udelad charset.",
        "Make the two agree, or leave charset out.";
    TEGNSAET_UKENDT = "DTR2002", Fejl, Fault::Sender,
        "Tegnsættet {encoding} kan ikke læses her.",
        "The encoding {encoding} cannot be read here.",
        "Brug UTF-8; UTF-16 med byte order mark, ISO-8859-1 og windows-1252 går også.",
        "Use UTF-8; UTF-16 with a byte order mark, ISO-8859-1 and windows-1252 work too.";
    BOM_MANGLER = "DTR2003", Fejl, Fault::Sender,
        "Beskeden er UTF-16 uden byte order mark.",
        "The message is UTF-16 without a byte order mark.",
        "Sæt byte order mark forrest, eller brug UTF-8.",
        "Put a byte order mark first, or use UTF-8.";
    TEGN_I_STYKKER = "DTR2004", Fejl, Fault::Sender,
        "I linje {linje}, kolonne {kolonne} (byte {byte}) er beskeden ikke gyldig {encoding}.",
        "In line {linje}, column {kolonne} (byte {byte}) the message is not valid {encoding}.",
        "Ofte er teksten i et andet tegnsæt end det, der er angivet; angiv det rigtige, eller konvertér til UTF-8.",
        "Often the text is in another encoding than the one declared; declare the right one, or convert to UTF-8.";
    ERKLAERING_MODSTRID = "DTR2005", Fejl, Fault::Sender,
        "Beskedens byte order mark siger {bom}, men XML-erklæringen siger {declared}.",
        "The message's byte order mark says {bom}, but the XML declaration says {declared}.",
        "Ret encoding i XML-erklæringen til det tegnsæt, som beskeden er skrevet i, eller udelad den.",
        "Correct the encoding in the XML declaration to the one that the message is written in, or leave it out.";
    TEGNSAET_NAVN = "DTR2006", Fejl, Fault::Sender,
        "{encoding} i XML-erklæringen er ikke navnet på et tegnsæt.",
        "{encoding} in the XML declaration is not the name of an encoding.",
        "Skriv encoding=\"{meant}\".",
        "Write encoding=\"{meant}\".";
    INGEN_ROD = "DTR2101", Fejl, Fault::Sender,
        "Dokumentet har intet element.",
        "The document has no element.",
        "Send en hel besked.",
        "Send a whole message.";
    FLERE_ROEDDER = "DTR2102", Fejl, Fault::Sender,
        "Efter dokumentets slutning kommer endnu et element, {name}.",
        "After the document's end comes another element, {name}.",
        "Et dokument har ét yderste element; send resten for sig.",
        "A document has one outermost element; send the rest by itself.";
    TEKST_UDENFOR = "DTR2103", Fejl, Fault::Sender,
        "Der står tekst uden for dokumentets yderste element.",
        "There is text outside the document's outermost element.",
        "Fjern det, der står før det første < eller efter det sidste >.",
        "Remove what stands before the first < or after the last >.";
    SLET_IKKE_XML = "DTR2130", Fejl, Fault::Sender,
        "Beskeden er ikke XML; den begynder med {found}.",
        "The message is not XML; it begins with {found}.",
        "Send en SOAP-konvolut i XML. JSON, formularer og komprimerede data kan ikke læses her.",
        "Send a SOAP envelope in XML. JSON, forms and compressed data cannot be read here.";
    CDATA_UDENFOR = "DTR2104", Fejl, Fault::Sender,
        "Der står et CDATA-afsnit uden for dokumentets yderste element.",
        "There is a CDATA section outside the document's outermost element.",
        "Fjern det.",
        "Remove it.";
    IKKE_LUKKET = "DTR2105", Fejl, Fault::Sender,
        "Elementet {name}, som er åbnet i linje {line}, er ikke lukket, da beskeden slutter.",
        "The element {name}, which was opened in line {line}, is not closed when the message ends.",
        "Luk det med </{name}>. Beskeden er måske blevet skåret af; se efter, at den er hel.",
        "Close it with </{name}>. The message may have been cut off; check that it is whole.";
    MARKUP_IKKE_LUKKET = "DTR2106", Fejl, Fault::Sender,
        "Beskeden slutter midt i {what}.",
        "The message ends in the middle of {what}.",
        "Beskeden er måske blevet skåret af; se efter, at den er hel.",
        "The message may have been cut off; check that it is whole.";
    FORKERT_SLUT = "DTR2107", Fejl, Fault::Sender, lists ["expected"],
        "Elementet {expected}, som er åbnet i linje {line}, er ikke lukket, da </{found}> kommer.",
        "The element {expected}, which was opened in line {line}, is not closed when </{found}> comes.",
        "Luk det med </{expected}> efter dets indhold; navnet skal være skrevet som i starttagget.",
        "Close it with </{expected}> after its content; the name must be written as in the start tag.";
    OVERSKYDENDE_SLUT = "DTR2108", Fejl, Fault::Sender,
        "Sluttagget {name} lukker intet.",
        "The end tag {name} closes nothing.",
        "Fjern det, eller tilføj dets starttag.",
        "Remove it, or add its start tag.";
    IKKE_MARKUP = "DTR2109", Fejl, Fault::Sender,
        "Efter < kommer noget, der ikke er XML.",
        "After < comes something that is not XML.",
        "Skriv < i tekst som &lt;.",
        "Write < in text as &lt;.";
    FORKERT_NAVN = "DTR2110", Fejl, Fault::Sender,
        "{name} er ikke et XML-navn.",
        "{name} is not an XML name.",
        "Et navn begynder med et bogstav eller _ og har ingen mellemrum.",
        "A name begins with a letter or _ and has no spaces.";
    FORKERT_QNAVN = "DTR2111", Fejl, Fault::Sender,
        "{name} er ikke et navn med højst ét præfiks.",
        "{name} is not a name with at most one prefix.",
        "Brug netop ét kolon mellem præfiks og navn, eller intet.",
        "Use exactly one colon between prefix and name, or none.";
    MELLEMRUM_MANGLER = "DTR2112", Fejl, Fault::Sender,
        "Der mangler et mellemrum før en attribut.",
        "A space is missing before an attribute.",
        "Sæt et mellemrum mellem attributterne.",
        "Put a space between the attributes.";
    FORKERT_ATTRIBUT = "DTR2113", Fejl, Fault::Sender,
        "Her ventes en attribut på formen navn=\"værdi\".",
        "An attribute of the form name=\"value\" is expected here.",
        "Sæt lighedstegn og anførselstegn om værdien.",
        "Put an equals sign and quotes around the value.";
    LT_I_ATTRIBUT = "DTR2114", Fejl, Fault::Sender,
        "Der står < i en attributs værdi.",
        "There is a < in an attribute's value.",
        "Skriv det som &lt;.",
        "Write it as &lt;.";
    ATTRIBUT_TO_GANGE = "DTR2115", Fejl, Fault::Sender,
        "Attributten {name} står to gange på samme element.",
        "The attribute {name} is on the same element twice.",
        "Behold den ene.",
        "Keep one of them.";
    UKENDT_PRAEFIKS = "DTR2116", Fejl, Fault::Sender,
        "Præfikset {prefix} er ikke erklæret.",
        "The prefix {prefix} is not declared.",
        "Erklær det med xmlns:{prefix} på elementet eller et omgivende element.",
        "Declare it with xmlns:{prefix} on the element or one around it.";
    TOMT_NAVNERUM = "DTR2117", Fejl, Fault::Sender,
        "Præfikset {prefix} er bundet til et tomt navnerum.",
        "The prefix {prefix} is bound to an empty namespace.",
        "Giv det et navnerum, eller fjern erklæringen.",
        "Give it a namespace, or remove the declaration.";
    RESERVERET_NAVNERUM = "DTR2118", Fejl, Fault::Sender,
        "{prefix} er reserveret af XML og kan ikke erklæres sådan.",
        "{prefix} is reserved by XML and cannot be declared like this.",
        "Fjern erklæringen.",
        "Remove the declaration.";
    FORBUDT_TEGN = "DTR2119", Fejl, Fault::Sender,
        "Tegnet {code} må ikke stå i XML.",
        "The character {code} is not allowed in XML.",
        "Fjern det; styretegn kan heller ikke skrives som tegnreference.",
        "Remove it; control characters cannot be written as references either.";
    UKENDT_ENTITET = "DTR2120", Fejl, Fault::Sender,
        "Entiteten {name} er ikke kendt.",
        "The entity {name} is not known.",
        "Kun &amp;, &lt;, &gt;, &quot; og &apos; findes; skriv andre tegn som sig selv.",
        "Only &amp;, &lt;, &gt;, &quot; and &apos; exist; write other characters as themselves.";
    FORKERT_REFERENCE = "DTR2121", Fejl, Fault::Sender,
        "Et & begynder her, uden at det er en reference.",
        "An & stands here that begins no reference.",
        "Skriv & i tekst som &amp;.",
        "Write & in text as &amp;.";
    CDATA_SLUT_I_TEKST = "DTR2122", Fejl, Fault::Sender,
        "Der står ]]> i tekst.",
        "There is a ]]> in text.",
        "Skriv det som ]]&gt;.",
        "Write it as ]]&gt;.";
    STREGER_I_KOMMENTAR = "DTR2123", Fejl, Fault::Sender,
        "Der står -- i en kommentar.",
        "There is a -- in a comment.",
        "Fjern kommentaren eller den ene streg.",
        "Remove the comment or one of the hyphens.";
    RESERVERET_PI = "DTR2124", Fejl, Fault::Sender,
        "Instruktionens navn {target} er reserveret af XML.",
        "The instruction's name {target} is reserved by XML.",
        "Fjern instruktionen.",
        "Remove the instruction.";
    ERKLAERING_FORKERT_STED = "DTR2125", Fejl, Fault::Sender,
        "XML-erklæringen står ikke allerforrest.",
        "The XML declaration is not at the very beginning.",
        "Fjern det, der står før den, også mellemrum, eller fjern erklæringen.",
        "Remove what stands before it, white space too, or remove the declaration.";
    FORKERT_ERKLAERING = "DTR2126", Fejl, Fault::Sender,
        "XML-erklæringen er ikke rigtig.",
        "The XML declaration is not right.",
        "Skriv <?xml version=\"1.0\" encoding=\"UTF-8\"?>, eller udelad den.",
        "Write <?xml version=\"1.0\" encoding=\"UTF-8\"?>, or leave it out.";
    XML_VERSION = "DTR2127", Fejl, Fault::Sender,
        "XML-version {version} kan ikke læses her.",
        "XML version {version} cannot be read here.",
        "Brug version 1.0.",
        "Use version 1.0.";
    DOCTYPE = "DTR2128", Fejl, Fault::Sender,
        "Beskeden har en DOCTYPE, og den tillades ikke.",
        "The message has a DOCTYPE, and that is not allowed.",
        "Fjern den; skemaet er XSD'en, og entiteter bruges ikke.",
        "Remove it; the schema is the XSD, and entities are not used.";
    IKKE_XML = "DTR2129", Fejl, Fault::Sender,
        "Beskeden er ikke velformet XML.",
        "The message is not well-formed XML.",
        "Byg den med et XML-bibliotek i stedet for at sætte tekst sammen.",
        "Build it with an XML library instead of putting text together.";
    FOR_DYB = "DTR2201", Fejl, Fault::Sender,
        "Elementerne ligger mere end {limit} inde i hinanden.",
        "The elements are nested more than {limit} deep.",
        "Byg beskeden af WSDL'en; den er aldrig så dyb.",
        "Build the message from the WSDL; it is never that deep.";
    FOR_MANGE_ATTRIBUTTER = "DTR2202", Fejl, Fault::Sender,
        "Et element har mere end {limit} attributter.",
        "An element has more than {limit} attributes.",
        "Fjern dem, skemaet ikke kender.",
        "Remove those that the schema does not know.";
    FOR_MANGE_NAVNERUM = "DTR2203", Fejl, Fault::Sender,
        "Et element har mere end {limit} navnerumserklæringer.",
        "An element has more than {limit} namespace declarations.",
        "Fjern dem, der ikke bruges.",
        "Remove those that are not used.";
    FOR_MANGE_ELEMENTER = "DTR2204", Fejl, Fault::Sender,
        "Beskeden har mere end {limit} elementer.",
        "The message has more than {limit} elements.",
        "Del den op: en skrivning kan have op til 500 poster.",
        "Split it up: a write may carry up to 500 records.";
    FOR_LANGT_NAVN = "DTR2205", Fejl, Fault::Sender,
        "Et navn er længere end {limit} byte.",
        "A name is longer than {limit} bytes.",
        "Brug navnene fra skemaet.",
        "Use the names of the schema.";
    FOR_LANG_TEKST = "DTR2206", Fejl, Fault::Sender,
        "En tekst mellem to tags er længere end {limit} byte.",
        "A text between two tags is longer than {limit} bytes.",
        "Se efter, om et sluttag mangler. Det længste felt er xml i ValidateXmlAgainstSchema med op til 1 MiB.",
        "Check whether an end tag is missing. The longest field is xml of ValidateXmlAgainstSchema with up to 1 MiB.";
    FOR_LANG_VAERDI = "DTR2207", Fejl, Fault::Sender,
        "En attributs værdi er længere end {limit} byte.",
        "An attribute's value is longer than {limit} bytes.",
        "Se efter, om et anførselstegn mangler.",
        "Check whether a quote is missing.";
    FOR_MANGE_KOMMENTARER = "DTR2208", Fejl, Fault::Sender,
        "Beskeden har mere end {limit} kommentarer og instruktioner.",
        "The message has more than {limit} comments and processing instructions.",
        "Send den uden.",
        "Send it without them.";
    FOR_LANGE_KOMMENTARER = "DTR2209", Fejl, Fault::Sender,
        "Beskedens kommentarer og instruktioner fylder mere end {limit} byte.",
        "The message's comments and processing instructions take more than {limit} bytes.",
        "Send den uden.",
        "Send it without them.";
}
