//! What the names in braces stand for in the texts of the error catalogue.

use crate::problem::Entry;

/// A name with what it stands for, in Danish and in English.
type Row = (&'static str, &'static str, &'static str);

/// The names that an entry's texts have, each once, in the order in which they come, with what each stands for.
pub(super) fn of(entry: &Entry) -> Vec<Row> {
    let texts = [entry.da, entry.hjaelp_da, entry.en, entry.hjaelp_en];
    let mut found: Vec<Row> = Vec::new();
    for name in texts.into_iter().flat_map(names) {
        if !found.iter().any(|(own, ..)| *own == name) {
            let (da, en) = told(name).unwrap_or(("en værdi fra kaldet", "a value from the call"));
            found.push((name, da, en));
        }
    }
    found
}

fn names(text: &'static str) -> impl Iterator<Item = &'static str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn told(name: &str) -> Option<(&'static str, &'static str)> {
    let found = NAMES.iter().find(|(own, ..)| *own == name);
    found.map(|(_, da, en)| (*da, *en))
}

#[rustfmt::skip]
const NAMES: &[Row] = &[
    ("action", "den action, som kaldet har", "the action that the call has"),
    ("actual", "hvor mange det er", "how many it is"),
    ("adresse", "adressen", "the address"),
    ("aftale", "aftalens nummer", "the agreement's number"),
    ("allowed", "de værdier, der kan stå der", "the values that may stand there"),
    ("anden", "den anden", "the other one"),
    ("anmodning", "anmodningens nummer", "the number of the request"),
    ("anonym", "den anonyme adresse i WS-Addressing", "the anonymous address of WS-Addressing"),
    ("antal", "hvor mange der er", "how many there are"),
    ("art", "organisationens eller rækkens type", "the type of the organisation or of the row"),
    ("attribut", "certifikatets attribut", "the certificate's attribute"),
    ("betyder", "hvad koden betyder", "what the code means"),
    ("boern", "de åbne poster under den", "the open records under it"),
    ("bom", "det tegnsæt, som byte order mark står for", "the encoding that the byte order mark stands for"),
    ("bredde", "breddegraden", "the latitude"),
    ("byte", "hvilken byte, talt fra 0", "which byte, counted from 0"),
    ("charset", "det tegnsæt, som Content-Type nævner", "the encoding that the Content-Type names"),
    ("code", "tegnets nummer i Unicode", "the character's number in Unicode"),
    ("cvr", "et CVR-nummer", "a CVR number"),
    ("cvradresse", "P-nummerets adresse i CVR", "the P-number's address in CVR"),
    ("dag", "dags dato", "today's date"),
    ("dato", "datoen uden tidszone", "the date without a time zone"),
    ("declared", "det tegnsæt, som XML-erklæringen nævner", "the encoding that the XML declaration names"),
    ("efter", "det, der kommer efter: en sekvens eller afløserens nummer", "what comes after: a sekvens, or the successor's number"),
    ("ejerform", "ejerformens kode", "the code of the ownership (ejerform)"),
    ("ejerformer", "de ejerformer, der er lovlige", "the ejerformer that are lawful"),
    ("element", "elementets navn", "the element's name"),
    ("en", "den ene", "the one"),
    ("encoding", "tegnsættet", "the encoding"),
    ("enheder", "de enheder, der ikke passer", "the units that do not fit"),
    ("epoke", "registerets historik, som den hedder nu", "the register's line of history, as it is called now"),
    ("er", "\"mangler\"", "\"is missing\" or \"are missing\""),
    ("expected", "det, der må stå der", "what may stand there"),
    ("felt", "feltets navn", "the field's name"),
    ("foraelder", "nummeret på det, posten ligger under", "the number of what the record lies under"),
    ("form", "hvordan værdien skrives", "how the value is written"),
    ("format", "hvad filen er", "what the file is"),
    ("forslag", "det, der ligner mest", "what is most similar"),
    ("forventet", "den version, I har ventet", "the version that you expected"),
    ("found", "det, der er sendt", "what was sent"),
    ("fra", "det, der flyttes fra", "what is moved from"),
    ("fundet", "navnerummet, som elementet er i", "the namespace that the element is in"),
    ("gange", "hvor mange gange det må stå", "how many times it may stand"),
    ("gemt", "det, der er gemt", "what is stored"),
    ("graense", "det højeste tal, der er tilladt", "the highest number that is allowed"),
    ("grund", "hvorfor, hvor det kan siges", "why, where that can be told"),
    ("grundlag", "de lovgrundlag, der er lovlige", "the lovgrundlag that are lawful"),
    ("har", "det, der står i registeret", "what stands in the register"),
    ("hele", "den kommune, filen er sagt at være", "the kommune that the file is said to be"),
    ("hvad", "hvad der er galt, eller hvad værdien skulle være", "what is wrong, or what the value should be"),
    ("hvem", "hvem der kan", "who can"),
    ("hvor", "hvor det skal stå", "where it belongs"),
    ("hvorfor", "hvorfor", "why"),
    ("id", "det id, der nævnes", "the id that is meant"),
    ("inside", "elementet omkring", "the element around it"),
    ("instType", "enhedens type (instType3)", "the unit's type (instType3)"),
    ("kendt", "kolonner, der ligner", "columns that are similar"),
    ("kilde", "hvor den er læst: SOAPAction, action eller wsa:Action", "where it was read: SOAPAction, action or wsa:Action"),
    ("kode", "koden", "the code"),
    ("kodning", "komprimeringens navn", "the name of the compression"),
    ("kolonne", "kolonnen", "the column"),
    ("kommune", "kommunens kode", "the kommune's code"),
    ("kontrol", "hvad der blev set efter", "what was checked"),
    ("laengde", "længdegraden", "the longitude"),
    ("laest", "hvordan det er læst", "how it is read"),
    ("lighed", "hvad der ligner", "what is similar"),
    ("limit", "grænsen", "the limit"),
    ("line", "linjen", "the line"),
    ("linje", "linjen", "the line"),
    ("linjer", "linjerne i filen", "the lines of the file"),
    ("lovgrundlag", "lovgrundlagets kode", "the code of the legal basis (lovgrundlag)"),
    ("meant", "det, der nok er ment", "what was probably meant"),
    ("medietype", "den Content-Type, der er sendt", "the Content-Type that was sent"),
    ("ment", "det, der nok er ment", "what was probably meant"),
    ("mest", "det højeste antal", "the highest number"),
    ("metode", "HTTP-metoden", "the HTTP method"),
    ("name", "navnet, som det er skrevet", "the name as it is written"),
    ("navn", "navnet", "the name"),
    ("navne", "de navne, der findes", "the names that there are"),
    ("nedlagt", "hvornår den er nedlagt", "when it was closed"),
    ("niveau", "niveauet: daginstitution, anvisningsenhed eller alternativ adresse", "the level: daginstitution, anvisningsenhed or alternativ adresse"),
    ("noegle", "værdien af Idempotency-Key", "the value of Idempotency-Key"),
    ("nummer", "institutionsnummeret", "the institution number"),
    ("numre", "numrene", "the numbers"),
    ("nyt", "det nummer, den har nu", "the number that it has now"),
    ("operation", "operationens navn", "the operation's name"),
    ("operationer", "tjenestens operationer", "the service's operations"),
    ("over", "elementet eller posten, det står under", "the element or record that it stands under"),
    ("pNummer", "P-nummeret", "the P-number"),
    ("parent", "elementet, som det hører til i", "the element that it belongs in"),
    ("part", "den, der giver aftalen: kommunen eller ejeren", "who gives the agreement: the kommune or the owner"),
    ("pnummer", "P-nummeret", "the P-number"),
    ("poster", "hvor mange poster", "how many records"),
    ("prefix", "præfikset", "the prefix"),
    ("raad", "hvad der kan gøres", "what can be done"),
    ("regel", "reglens navn", "the rule's name"),
    ("ret", "det rigtige navnerum", "the right namespace"),
    ("rigtig", "den rigtige action", "the right action"),
    ("sekunder", "hvor længe der skal ventes, i sekunder", "how long to wait, in seconds"),
    ("sendt", "det, der er sendt", "what was sent"),
    ("sidste", "registerets sidste ændring", "the register's last change"),
    ("stand", "hvordan den blev afgjort", "how it was settled"),
    ("standard", "hvad det betyder, når elementet ikke er der", "what it means when the element is absent"),
    ("status", "status", "the status"),
    ("sted", "stedet", "the place"),
    ("steder", "de steder, adressen findes", "the places where the address is"),
    ("sti", "stien", "the path"),
    ("stier", "de stier, der findes", "the paths that there are"),
    ("system", "systemets navn", "the system's name"),
    ("tabel", "kodetabellens navn", "the code table's name"),
    ("target", "instruktionens navn", "the instruction's name"),
    ("tekst", "teksten", "the text"),
    ("tidspunkt", "hvornår", "when"),
    ("til", "det, der flyttes til", "what is moved to"),
    ("tilladt", "det, der er tilladt", "what is allowed"),
    ("tilladte", "de metoder, der kan bruges", "the methods that can be used"),
    ("tjeneste", "tjenestens navn", "the service's name"),
    ("typer", "de typer, der er lovlige", "the types that are lawful"),
    ("vaerdi", "værdien", "the value"),
    ("value", "værdien, som den er sendt", "the value as it was sent"),
    ("version", "versionen", "the version"),
    ("vist", "kendemærket på den plan, der blev vist", "the digest of the plan that was shown"),
    ("what", "det, der blev skåret over", "what was cut in two"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem;

    #[test]
    fn every_name_is_explained_and_every_explanation_is_of_use() {
        let used: Vec<_> = problem::all()
            .flat_map(|entry| [entry.da, entry.hjaelp_da])
            .flat_map(names)
            .collect();
        for name in &used {
            assert!(told(name).is_some(), "{{{name}}}: explain it in NAMES");
        }
        for (name, ..) in NAMES {
            assert!(used.contains(name), "{name} is in no text");
        }
        assert!(NAMES.is_sorted());
    }
}
