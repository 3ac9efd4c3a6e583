//! Negation around story numbers: whether a sentence denies the number in it, as in "does not fix HB-3", "HB-3은 제외".

use crate::domain::stories::StoryNumber;

/// Words that negate the number after them, or mark it as merely mentioned.
const DENY: &str = "not without unrelated except excluding excludes exclude unlike ignore ignores ignoring skip skips \
    skipping neither eg example instance postpone postpones";
/// Those of them that also negate a number in brackets: "unrelated (HB-3)". "do not skip (HB-3)" is a title with its
/// number.
const DENY_LABEL: &str = "unrelated except excluding eg example instance";
/// Pairs of words with the same effect.
const DENY_PAIRS: &[(&str, &str)] =
    &[("blocked", "by"), ("depends", "on"), ("depends", "upon"), ("instead", "of"), ("rather", "than")];
/// Words that negate the relation after them: "never fixes HB-3".
const DENY_RELATION: &str = "not never no nothing cannot unable fails failed";
/// Subjects that stand for the work itself. "The button does not close" is not about the work.
const ITSELF: &str = "this it that pr mr commit change changes patch request we i and so still which branch work fix note also \
    however they these";
/// Verbs for the relation of work to a story.
const RELATE: &str = "fix fixes fixed fixing close closes closed closing resolve resolves resolved resolving address addresses \
    addressed addressing implement implements implemented implementing solve solves solved solving complete \
    completes completed completing finish finishes finished cover covers covered include includes included \
    contain contains touch touches touched affect affects affected change changes changed relate relates \
    related part belong belongs do does done solution work works start starts tackle tackles handle handles \
    concern concerns satisfy satisfies deliver delivers ship ships enough";
/// Words that may stand between the number and the statement about it.
const FILL: &str = "the a an this that issue issues story stories ticket tickets bug task case yet fully completely entirely \
    really actually directly even quite to for of in with on by as about from be been being than anything any \
    also all have has had intended meant supposed going upon root cause";
/// Copulas and auxiliaries between a subject and its negation.
const COPULA: &str = "is are was were will would has have be been still remains stays does";
/// Words after a number which say that the work does not resolve it.
const LEFT: &str = "unrelated excluded untouched unfixed unresolved open unchanged postponed";
/// The Korean equivalents, after a particle.
const LEFT_KOREAN: &str = "고치지 않,고치지 못,해결하지 않,해결하지 못,해결되지 않,닫지 않,포함하지 않,포함되지 않,다루지 않,건드리지 않,구현하지 않,무관,관계없,\
    관계 없,관련없,관련 없,상관없,상관 없,제외,아님,아닙니다,아니다,아니고,미포함,미해결,범위 밖,범위가 아,대신";
const PARTICLES: &str = "과는,와는,하고는,에는,까지는,은,는,이,가,을,를,와,과,랑,도,의,번,건";
const ADVERBS_KOREAN: &str = "아직,완전히,전부,모두,여기서,여기서는,이번에,이번에는";
/// Korean words before a number that mark it as an example.
const EXAMPLE_KOREAN: &str = "예:,예),예시,예를 들어,예컨대,보기:";

/// Whether the list contains the word.
fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// The entry of a list that a text begins with.
fn begins<'a>(list: &'a str, text: &str) -> Option<&'a str> {
    list.split(',').find(|one| text.starts_with(one))
}

fn words(text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '#' | '_');
    let split = text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
    split.map(str::to_lowercase).collect()
}

fn denies_relation(word: &str) -> bool {
    const BARE: &[&str] = &["dont", "doesnt", "didnt", "isnt", "wont", "cant", "wasnt", "arent"];
    is_in(DENY_RELATION, word) || word.ends_with("n't") || BARE.contains(&word)
}

/// Whether the text before a number in its sentence negates it: "does not fix HB-3", "unrelated to HB-3". The negation
/// must concern the relation: "do not show refunds twice (HB-3)" and "the dialog does not close HB-3" do name the
/// story.
pub fn before(before: &str) -> bool {
    let before = before.trim_end();
    if EXAMPLE_KOREAN.split(',').any(|mark| before.ends_with(mark)) {
        return true;
    }
    // A number in brackets or after a dash labels the text before it.
    let is_label = before.ends_with(['(', '[', '{', '–', '—', '|']) || before.ends_with(" -");
    let words = words(part(before));
    let (mut related, mut nearer) = (false, "");
    for (n, word) in words.iter().enumerate().rev() {
        let word = word.as_str();
        let denies = is_in(DENY, word) || word.ends_with("n't") || DENY_PAIRS.contains(&(word, nearer));
        if denies && !related {
            return !is_label || is_in(DENY_LABEL, word);
        }
        if related && denies_relation(word) {
            return !is_label && of_itself(&words[..n]);
        }
        let listed = StoryNumber::all_in(word).next().is_some() || word.starts_with('#');
        match word {
            "or" | "nor" => related = false,
            "and" if !related => {}
            _ if listed && !related => {}
            _ if is_in(FILL, word) => {}
            _ if is_in(RELATE, word) && !related => related = true,
            // This may be the second word of a pair; the next word, its first, decides.
            _ if DENY_PAIRS.iter().any(|(_, second)| *second == word) => {}
            _ => return false,
        }
        nearer = word;
    }
    false
}

/// The part of a sentence, after its last colon or comma, that says what the work does.
fn part(before: &str) -> &str {
    let says = |part: &str| words(part).iter().any(|word| is_in(RELATE, word.as_str()) || denies_relation(word));
    let mut cuts = before.match_indices([':', ',']).map(|(at, mark)| &before[at + mark.len()..]);
    cuts.rfind(|part| says(part)).unwrap_or(before)
}

/// Whether the subject of the negation is the work itself and not another thing that is named.
fn of_itself(words: &[String]) -> bool {
    const AUXILIARY: &[&str] = &[
        "does", "do", "did", "will", "would", "is", "are", "was", "were", "has", "have", "can", "could", "may", "might",
    ];
    let subject = words.iter().rev().find(|word| !AUXILIARY.contains(&word.as_str()));
    subject.is_none_or(|word| is_in(ITSELF, word.as_str()) || StoryNumber::all_in(word).next().is_some())
}

/// Whether the text after a number negates it: "HB-3 is not fixed", "HB-3은 제외".
pub fn after(after: &str) -> bool {
    if after.starts_with(':') {
        return false;
    }
    denied_in_korean(after) || denied_in_english(after)
}

fn denied_in_english(after: &str) -> bool {
    // Text after a comma belongs to another clause.
    let after = after.split(',').next().unwrap_or_default();
    let words = words(after);
    let mut rest = words.iter().map(String::as_str).skip_while(|word| is_in(COPULA, word)).peekable();
    match rest.peek() {
        Some(word) if is_in(LEFT, word) => true,
        Some(word) if denies_relation(word) && *word != "no" => {
            rest.skip(1).find(|word| !is_in(FILL, word) && !is_in(COPULA, word)).is_some_and(|word| is_in(RELATE, word))
        }
        _ => false,
    }
}

fn denied_in_korean(after: &str) -> bool {
    let mut rest = after;
    if let Some(particle) = begins(PARTICLES, rest) {
        rest = &rest[particle.len()..];
    }
    rest = rest.trim_start();
    if let Some(adverb) = begins(ADVERBS_KOREAN, rest) {
        rest = rest[adverb.len()..].trim_start();
    }
    begins(LEFT_KOREAN, rest).is_some()
}
