//! Korean predicates as noun phrases for titles: 안 와요 is 안 옴, 튕겨요 is 튕김, 어려워요 is 어려움.

use super::morphology::nominal::nominal;
use super::morphology::{Morpheme, Tag, analyse};

/// How a predicate stands in a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine) struct Predicate {
    /// Whether it is negated: 안, 못, -지 않다, -ㄹ 수 없다.
    pub denied: bool,
    /// Whether the customer asks for it: 늘려 주세요.
    pub asked: bool,
}

/// A predicate of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Found {
    /// The dictionary form of its stem. Forms of one verb have the same stem and are counted together.
    pub stem: String,
    /// Its noun phrase.
    pub shown: String,
    pub predicate: Predicate,
}

/// Verbs and adjectives that say nothing about a matter unless they are negated: something comes, is seen, is found.
/// With a negation they say what is wrong.
#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "하", "되", "있", "오", "가", "보", "나오", "들어오", "들어가", "뜨", "보이", "열리", "켜지", "눌리", "읽히", "맞", "찾", "받", "주",
    "쓰", "알", "먹", "사", "나", "나가", "시키", "만들", "넣", "누르", "열", "켜", "들", "내", "말하", "좋", "많", "크", "잘하", "살",
    "가져오", "보내", "올리", "부탁드리", "드리", "두", "놓", "타", "앉", "읽", "듣", "묻", "물어보", "원하", "바라",
    "바뀌", "바꾸", "고치", "고르", "찍", "치", "쉽", "빠르", "괜찮", "믿", "잡", "걸", "대", "얻", "돌아가", "돌아오", "지나", "따르",
    "의하", "인하", "대하", "위하", "통하", "관하", "다니", "모르", "생기", "남", "입", "부르", "이용하", "사용하", "지내", "계시",
];
/// The same for words that never say what is wrong, also when negated, and for those that point to another.
#[rustfmt::skip]
const EMPTY: &[&str] = &[
    "이러", "그러", "저러", "어쩌", "어떻", "이렇", "그렇", "저렇", "같", "싶", "않", "못하", "아니", "말", "때문", "죄송하", "감사하",
    "안녕하", "궁금하", "필요하", "가능하", "수고하", "고맙", "부탁하", "미안하", "중요하", "확실하", "당연하", "이상하", "줏",
];

/// Verbs that say nothing about what is asked for.
const LIGHT: &[&str] =
    &["하", "되", "있", "오", "가", "보", "주", "알", "고치", "말하", "나", "알리", "만들", "넣", "부탁드리", "드리"];

/// Verbs for which colleagues use another word than the noun form, with the verb that they are counted as.
const USUAL: &[(&str, &str, &str)] = &[
    ("늦", "늦", "지연"),
    ("밀리", "늦", "지연"),
    ("기다리", "늦", "지연"),
    ("길", "걸리", "오래 걸림"),
    ("걸리", "걸리", "오래 걸림"),
];

/// Whether a word occurs in this program's own phrases, so that it quotes nobody.
pub(in crate::engine) fn is_phrase(word: &str) -> bool {
    word == "됨" || USUAL.iter().any(|(_, _, phrase)| phrase.split(' ').any(|known| known == word))
}

/// Whether a verb says nothing unless it is negated.
pub(in crate::engine) fn is_plain(stem: &str) -> bool {
    PLAIN.contains(&stem)
}

/// The noun phrases of all verbs and adjectives of a text: who wrote 끊겨요 has said 끊김.
pub(in crate::engine) fn phrases(text: &str) -> Vec<String> {
    let found = analyse(text);
    let stems = found.iter().filter(|m| matches!(m.tag, Tag::Vv | Tag::Va));
    stems.flat_map(|m| [nominal(m.lemma), format!("{}기", m.lemma)]).collect()
}

/// The predicate at a morpheme, if it says something about a matter.
pub(in crate::engine) fn at(found: &[Morpheme<'_>], at: usize) -> Option<Found> {
    let morpheme = found.get(at)?;
    let (stem, inner) = match (morpheme.tag, morpheme.lemma) {
        (Tag::Vv | Tag::Va, "안되") => ("되".to_owned(), true),
        (Tag::Vv | Tag::Va, "못하" | "안하") => ("하".to_owned(), true),
        (Tag::Vv, _) if verbal_noun(morpheme).is_some() => ("하".to_owned(), false),
        (Tag::Vv | Tag::Va, stem) => (stem.to_owned(), false),
        (Tag::Xsv, stem) => (stem.to_owned(), false),
        (Tag::Xsa, _) => (root(found, at)? + "하", false),
        _ => return None,
    };
    let asked = is_asked(found, at);
    if morpheme.tag == Tag::Va && is_manner(found, at) {
        return Some(Found { shown: format!("{stem}게"), stem, predicate: Predicate { denied: false, asked: true } });
    }
    let denied = inner || denied_before(found, at) || denied_after(found, at);
    let says_nothing = if asked { LIGHT.contains(&stem.as_str()) } else { PLAIN.contains(&stem.as_str()) };
    if EMPTY.contains(&stem.as_str()) || (!denied && (says_nothing || morpheme.tag == Tag::Xsv)) {
        return None;
    }
    let in_time = denied && USUAL.iter().any(|(known, _, _)| *known == stem);
    if in_time || (stem == "없" && is_of_ability(found, at)) {
        return None;
    }
    let auxiliary = at.checked_sub(1).and_then(|at| found.get(at)).is_some_and(|m| m.tag == Tag::Ec && m.lemma == "지");
    if auxiliary || is_forbidden(found, at) || (!denied && !asked && is_unreal(found, at)) {
        return None;
    }
    let predicate = Predicate { denied, asked: !denied && asked };
    let (stem, shown) = phrase(&stem, morpheme.tag, denied, predicate.asked, is_not_able(found, at));
    // What is late has not come in time.
    let predicate = if stem == delay().stem { delay().predicate } else { predicate };
    Some(Found { stem, shown, predicate })
}

/// The noun of a verb that the lexicon has as a whole: 업데이트 of 업데이트하다.
pub(in crate::engine) fn verbal_noun<'t>(morpheme: &Morpheme<'t>) -> Option<&'t str> {
    let noun = morpheme.lemma.strip_suffix('하').filter(|noun| noun.chars().count() > 1)?;
    (morpheme.tag == Tag::Vv).then_some(noun)
}

/// The stem to count, and the noun phrase.
fn phrase(stem: &str, tag: Tag, denied: bool, asked: bool, unable: bool) -> (String, String) {
    let usual = USUAL.iter().find(|(known, _, _)| *known == stem);
    match (tag, denied) {
        (Tag::Xsv, _) | (_, true) if matches!(stem, "하" | "되" | "당하" | "시키") => {
            ("되".to_owned(), "안 됨".to_owned())
        }
        (Tag::Xsv, _) => ("되".to_owned(), "안 됨".to_owned()),
        (Tag::Va, true) if stem == "있" => ("없".to_owned(), "없음".to_owned()),
        (Tag::Xsa, true) => (stem.to_owned(), format!("{}하지 않음", stem.trim_end_matches('하'))),
        // 불편하다 is 불편, but 심하다 is 심함.
        (Tag::Xsa, false) if stem.chars().count() > 2 => (stem.to_owned(), stem.trim_end_matches('하').to_owned()),
        (_, true) => (stem.to_owned(), format!("{} {}", if unable { "못" } else { "안" }, nominal(stem))),
        (_, false) if asked => (stem.to_owned(), format!("{stem}기")),
        (_, false) => match usual {
            Some((_, as_verb, phrase)) => ((*as_verb).to_owned(), (*phrase).to_owned()),
            None => (stem.to_owned(), nominal(stem)),
        },
    }
}

/// Whether the verb or adjective at a morpheme is negated.
pub(in crate::engine) fn denied(found: &[Morpheme<'_>], at: usize) -> bool {
    denied_before(found, at) || denied_after(found, at)
}

/// That something is late.
pub(in crate::engine) fn delay() -> Found {
    let predicate = Predicate { denied: true, asked: false };
    Found { stem: "늦".to_owned(), shown: "지연".to_owned(), predicate }
}

/// That the customer asks for the noun before it.
pub(in crate::engine) fn asked() -> Found {
    let predicate = Predicate { denied: false, asked: true };
    Found { stem: "하".to_owned(), shown: String::new(), predicate }
}

/// -지 마세요, -면 안 됩니다: what must not be done is neither done nor failing.
fn is_forbidden(found: &[Morpheme<'_>], at: usize) -> bool {
    let condition = at.checked_sub(2).and_then(|at| found.get(at));
    after(found, at).is_some_and(|m| matches!(m.lemma, "말" | "마시"))
        || (matches!(found[at].lemma, "되" | "안되") && condition.is_some_and(|m| m.lemma.ends_with('면')))
}

/// -면, -려고, -고 싶다: a condition, an aim or a wish, not what happens.
fn is_unreal(found: &[Morpheme<'_>], at: usize) -> bool {
    let endings = found.get(at + 1..).unwrap_or_default().iter().take_while(|m| m.tag.is_ending());
    let aims = ["면", "려고", "려면", "도록", "러", "려는"];
    endings.clone().any(|m| m.tag == Tag::Ec && aims.iter().any(|end| m.lemma.ends_with(end)))
        || after(found, at).is_some_and(|m| m.lemma == "싶")
}

/// The noun before the suffix of an adjective: 불편 of 불편하.
fn root(found: &[Morpheme<'_>], at: usize) -> Option<String> {
    let before = found.get(at.checked_sub(1)?)?;
    let named = before.tag.is_noun() || before.tag == Tag::Xr;
    (named && before.end == found.get(at)?.start).then(|| before.lemma.to_owned())
}

fn denied_before(found: &[Morpheme<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| found.get(at));
    before.is_some_and(|m| m.tag == Tag::Mag && matches!(m.lemma, "안" | "못"))
}

/// What follows a stem with its endings: the first morpheme that is neither an ending nor a particle.
fn after<'f, 't>(found: &'f [Morpheme<'t>], at: usize) -> Option<&'f Morpheme<'t>> {
    found.get(at + 1..)?.iter().find(|m| !m.tag.is_ending() && !m.tag.is_particle())
}

/// -지 않다, -지 못하다, -ㄹ 수 없다.
fn denied_after(found: &[Morpheme<'_>], at: usize) -> bool {
    let endings: Vec<&Morpheme<'_>> = found
        .get(at + 1..)
        .unwrap_or_default()
        .iter()
        .take_while(|m| m.tag.is_ending() || m.tag.is_particle())
        .collect();
    let Some(next) = after(found, at) else { return false };
    let not = endings.iter().any(|m| matches!(m.lemma, "지" | "지가" | "질")) || endings.is_empty();
    let negates = matches!(next.lemma, "않" | "못하" | "안") || (next.tag == Tag::Mag && next.lemma == "못");
    (not && negates) || (next.lemma == "수" && next.tag == Tag::Nnb && is_impossible(found, at))
}

/// Whether the bound noun 수 that follows is denied: 수 없, 수가 없.
fn is_impossible(found: &[Morpheme<'_>], at: usize) -> bool {
    let way = found.iter().enumerate().skip(at + 1).find(|(_, m)| m.lemma == "수" && m.tag == Tag::Nnb);
    way.and_then(|(way, _)| after(found, way)).is_some_and(|m| m.lemma == "없")
}

/// Whether this 없 belongs to -ㄹ 수 없다.
fn is_of_ability(found: &[Morpheme<'_>], at: usize) -> bool {
    let before = found.get(..at).unwrap_or_default().iter().rev().find(|m| !m.tag.is_particle());
    before.is_some_and(|m| m.tag == Tag::Nnb && matches!(m.lemma, "수" | "리"))
}

fn is_not_able(found: &[Morpheme<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| found.get(at));
    before.is_some_and(|m| m.lemma == "못") || after(found, at).is_some_and(|m| matches!(m.lemma, "못하" | "못" | "수"))
}

/// How something is asked to be: 크게 해 주세요.
fn is_manner(found: &[Morpheme<'_>], at: usize) -> bool {
    let ending = found.get(at + 1).is_some_and(|m| m.tag == Tag::Ec && m.lemma == "게");
    let verb = found.get(at + 2).is_some_and(|m| matches!(m.lemma, "하" | "만들" | "보이" | "나오" | "되"));
    ending && verb && is_asked(found, at + 2)
}

/// -아 주세요, -았으면 좋겠어요, -아 달라.
pub(in crate::engine) fn is_asked(found: &[Morpheme<'_>], at: usize) -> bool {
    let next = after(found, at);
    let endings = found.get(at + 1..).unwrap_or_default().iter().take_while(|m| m.tag.is_ending());
    let wishes = endings.clone().any(|m| matches!(m.lemma, "으면" | "면" | "었으면" | "았으면"));
    next.is_some_and(|m| {
        (m.tag == Tag::Vx && matches!(m.lemma, "주" | "달" | "다오")) || (wishes && matches!(m.lemma, "좋" | "하"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let found = analyse(text);
        (0..found.len()).filter_map(|n| at(&found, n)).map(|found| found.shown).collect()
    }

    #[test]
    fn predicates_become_noun_phrases_with_their_polarity() {
        for (text, phrase) in [
            ("문자가 안 와요", "안 옴"),
            ("문자가 오지 않아요", "안 옴"),
            ("앱이 자꾸 튕겨요", "튕김"),
            ("화면이 너무 어두워요", "어두움"),
            ("인식이 안 됩니다", "안 됨"),
            ("인식하지 못해요", "안 됨"),
            ("영수증을 찾을 수가 없어요", "못 찾음"),
            ("전화를 안 받네요", "안 받음"),
            ("재고가 없습니다", "없음"),
            ("배송이 늦어요", "지연"),
            ("메뉴가 복잡합니다", "복잡"),
            ("한도를 늘려 주세요", "늘리기"),
            ("글자를 크게 해 주세요", "크게"),
            ("렉이 너무 심해요", "심함"),
        ] {
            assert_eq!(shown(text), [phrase], "{text}: {:?}", analyse(text));
        }
        for text in
            ["지우면 안 됩니다", "미루지 마세요", "문자가 왔어요", "결제했어요", "어떻게 하나요", "이런 것 같아요"]
        {
            assert_eq!(shown(text), Vec::<String>::new(), "{text}");
        }
    }
}
