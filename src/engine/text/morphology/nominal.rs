//! The noun form of a verb or an adjective: 느리 is 느림, 어렵 is 어려움, 만들 is 만듦.

use super::lexicon::LEXICON;
use super::tag::Tag;

const FIRST: u32 = 0xac00;
/// The numbers of final consonants in a syllable.
const NO_FINAL: u32 = 0;
const D: u32 = 7;
const L: u32 = 8;
const LM: u32 = 10;
const M: u32 = 16;
const B: u32 = 17;
const S: u32 = 19;
const H: u32 = 27;

/// The noun form of a stem in its dictionary form. Irregular stems are recognised by their forms in the lexicon.
pub(in crate::engine) fn nominal(stem: &str) -> String {
    let Some(last) = stem.chars().last() else { return String::new() };
    let (Some(consonant), before) = (final_consonant(last), &stem[..stem.len() - last.len_utf8()]) else {
        return format!("{stem}음");
    };
    let with = |consonant: u32| before.to_owned() + &with_final(last, consonant).to_string();
    match consonant {
        NO_FINAL => with(M),
        L => with(LM),
        B if is_form(&(with(NO_FINAL) + "워"), stem) || is_form(&(with(NO_FINAL) + "운"), stem) => {
            with(NO_FINAL) + "움"
        }
        S if is_form(&(with(NO_FINAL) + "은"), stem) || is_form(&(with(NO_FINAL) + "으면"), stem) => {
            with(NO_FINAL) + "음"
        }
        D if is_form(&with(L), stem) => with(L) + "음",
        // Among adjectives only 좋다 keeps its ㅎ, as verbs do.
        H if stem != "좋" && is_adjective(stem) => with(M),
        _ => format!("{stem}음"),
    }
}

/// Whether a word can be a contracted form of this stem.
fn is_form(word: &str, stem: &str) -> bool {
    LEXICON.readings(word).iter().any(|entry| LEXICON.form(entry.form).is_some_and(|(lemma, _)| lemma == stem))
}

/// Whether a stem is an adjective, by its cheapest reading.
fn is_adjective(stem: &str) -> bool {
    let readings = LEXICON.readings(stem);
    readings.iter().min_by_key(|entry| entry.cost).is_some_and(|entry| LEXICON.kind(entry.kind).tag == Tag::Va)
}

/// The number of the final consonant of a syllable; `None` for another letter.
pub(in crate::engine) fn final_consonant(syllable: char) -> Option<u32> {
    ('가'..='힣').contains(&syllable).then(|| (u32::from(syllable) - FIRST) % 28)
}

/// The syllable with another final consonant.
fn with_final(syllable: char, consonant: u32) -> char {
    let code = u32::from(syllable);
    char::from_u32(code - (code - FIRST) % 28 + consonant).unwrap_or(syllable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_become_nouns_by_their_way_of_conjugation() {
        let forms = [
            ("오", "옴"),
            ("느리", "느림"),
            ("꺼지", "꺼짐"),
            ("없", "없음"),
            ("작", "작음"),
            ("만들", "만듦"),
            ("어렵", "어려움"),
            ("무겁", "무거움"),
            ("뽑", "뽑음"),
            ("깨닫", "깨달음"),
            ("받", "받음"),
            ("짓", "지음"),
            ("씻", "씻음"),
            ("빨갛", "빨감"),
            ("좋", "좋음"),
            ("넣", "넣음"),
            ("다르", "다름"),
        ];
        for (stem, noun) in forms {
            assert_eq!(nominal(stem), noun, "{stem}");
        }
        assert_eq!((nominal(""), nominal("ok").as_str()), (String::new(), "ok음"));
    }
}
