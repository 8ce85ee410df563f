//! Dagplejere are registered as groups, never one by one (kontrakt §7; fakta §5.5): what tells the two apart.

/// The type of a unit of dagpleje (`instType3`).
pub const DAGPLEJE: i32 = 6013;

/// Given names that many people have. Not complete, and need not be: who reads as a person is warned of, not refused.
const FORNAVNE: &str = "
    anders andreas ane anette anita anja anna anne annette annie asta bente berit betina birgit birgitte birthe
    bodil britta camilla carina carsten charlotte christina christine conni dorte dorthe edith elin elisabeth
    ellen else emma erik eva gitte grethe hanne heidi helle helene henriette ida inga inge inger ingrid jane janne
    jannie jens jette jonna julie jytte karen karin karina kirsten kirstine lars laila lene lena lis lisbeth lise
    lisa lone lotte louise maj maja majbritt malene margit maria marianne marie mette michelle mona nina ole
    pernille peter pia rikke rita ruth sanne sara sarah signe sofie solveig sonja susanne søren tanja tina tine
    tove trine ulla vibeke vivi
";

/// Surnames that do not end in -sen.
const EFTERNAVNE: &str = "
    bach bak berg bjerre bruun christoffersen dahl dam friis holm jessen kjær kjærgaard krogh lassen lauridsen
    lund lundgaard møller nygaard nørgaard overgaard schmidt skov storm svane toft thygesen vestergaard winther
    østergaard
";

/// Whether a name reads as one person's: two to four words of which the first is a given name and the last a surname, with
/// or without `dagplejer` before them.
///
/// ```
/// use dtr::register::looks_like_a_person;
/// assert!(looks_like_a_person("Dagplejer Hanne Nielsen"));
/// assert!(!looks_like_a_person("Dagplejen Nord"));
/// ```
pub fn looks_like_a_person(navn: &str) -> bool {
    let navn = navn.to_lowercase();
    let mut words: Vec<&str> = navn
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ':'))
        .filter(|word| !word.is_empty())
        .collect();
    if matches!(
        words.first(),
        Some(&("dagplejer" | "dagplejemor" | "dagplejefar"))
    ) {
        words.remove(0);
    }
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    // Double names: Anne-Mette.
    let given = first.split('-').next().unwrap_or(first);
    (2..=4).contains(&words.len()) && is_among(given, FORNAVNE) && surname(last)
}

fn surname(word: &str) -> bool {
    let last = word.rsplit('-').next().unwrap_or(word);
    (last.ends_with("sen") && last.chars().count() > 4) || is_among(last, EFTERNAVNE)
}

fn is_among(word: &str, names: &str) -> bool {
    names.split_ascii_whitespace().any(|name| name == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_and_areas() {
        for person in [
            "Hanne Nielsen",
            "Dagplejer Hanne Nielsen",
            "dagplejemor: Lone Holm",
            "Anne-Mette Friis Jensen",
            "SUSANNE  MØLLER",
        ] {
            assert!(looks_like_a_person(person), "{person}");
        }
        for area in [
            "Dagplejen i Bryrup",
            "Dagpleje Nord",
            "Hanne",
            "Området ved Nielsens Allé",
            "Dagplejen Lone Nielsen og Mette Holm",
            "Lone Nielsen, Mette Holm, Ida Friis",
            "Dagplejer",
            "",
            "Marie Jensens Legestue",
        ] {
            assert!(!looks_like_a_person(area), "{area}");
        }
    }
}
