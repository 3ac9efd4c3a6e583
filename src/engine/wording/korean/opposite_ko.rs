//! The purpose that a Korean consequence names: what the customer can't do is to be possible, what they lose or must do
//! is not to happen.

use crate::engine::text::morphology::nominal::prospective;
use crate::engine::text::morphology::{Morpheme, Tag, analyse};

/// The most words of a purpose.
const LONGEST: usize = 8;

/// The opposite of a consequence: "장사를 못 하고 있어요" is "장사를 할 수 있도록". `None` where its verb has none.
pub(in crate::engine) fn opposite(text: &str) -> Option<String> {
    let found = analyse(text);
    let told = unable(text, &found).or_else(|| spared(text, &found))?;
    (told.split_whitespace().count() <= LONGEST).then_some(told)
}

/// 못 하다, -지 못하다 and -ㄹ 수 없다, as what is to be possible.
fn unable(text: &str, found: &[Morpheme<'_>]) -> Option<String> {
    if let Some(way) = found.iter().position(|m| m.tag == Tag::Nnb && m.lemma == "수") {
        let denied = found[way + 1..].iter().find(|m| !m.tag.is_particle())?.lemma == "없";
        return denied.then(|| format!("{}수 있도록", &text[..found[way].start]));
    }
    if let Some(not) = found.iter().position(|m| m.tag == Tag::Mag && m.lemma == "못") {
        let verb = found.get(not + 1).filter(|m| m.tag == Tag::Vv)?;
        let bare_noun = not.checked_sub(1).is_some_and(|before| found[before].tag.is_noun()) && verb.lemma == "하";
        let before = if bare_noun { text[..found[not].start].trim_end() } else { &text[..found[not].start] };
        return possible(before, verb.lemma);
    }
    let not = found.iter().position(|m| m.lemma == "못하" && matches!(m.tag, Tag::Vx | Tag::Vv | Tag::Va))?;
    let before = found[..not].iter().rposition(|m| !m.tag.is_ending() && !m.tag.is_particle());
    match before.map(|before| found[before]) {
        Some(verb) if matches!(verb.tag, Tag::Vv | Tag::Xsv) => possible(&text[..verb.start], verb.lemma),
        _ => possible(&text[..found[not].start], "하"),
    }
}

fn possible(before: &str, stem: &str) -> Option<String> {
    (!before.trim().is_empty()).then(|| format!("{before}{} 수 있도록", prospective(stem)))
}

/// What is lost is to be kept; what has to be done is to become needless.
fn spared(text: &str, found: &[Morpheme<'_>]) -> Option<String> {
    let verb = found.iter().rposition(|m| matches!(m.tag, Tag::Vv | Tag::Xsv) && !AUXILIARY.contains(&m.lemma))?;
    let endings: Vec<&str> = found[verb + 1..].iter().map(|m| m.lemma).collect();
    let pairs = |first: &[&str], second: &[&str]| {
        endings.windows(2).any(|two| first.contains(&two[0]) && second.contains(&two[1]))
    };
    let must = pairs(&["아야", "어야", "여야"], &["하", "되"]) || pairs(&["고"], &["있"]);
    let before = &text[..found[verb].start];
    let noun = verb.checked_sub(1).map_or("", |before| found[before].lemma);
    let loses = LOST.contains(&found[verb].lemma) || (found[verb].tag == Tag::Xsv && LOST.contains(&noun));
    match () {
        () if before.trim().is_empty() => None,
        () if loses => Some(format!("{before}{}지 않도록", found[verb].lemma)),
        () if must => Some(format!("{before}{}지 않아도 되도록", found[verb].lemma)),
        () => None,
    }
}

const AUXILIARY: &[&str] = &["있", "하고있", "되"];
const LOST: &[&str] = &["놓치", "잃", "날리", "망치", "돌려보내", "포기", "낭비", "허비", "연체", "지각"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consequence_becomes_what_is_wished() {
        for (text, purpose) in [
            ("장사를 못 하고 있어요", "장사를 할 수 있도록"),
            ("오늘 직원 급여를 못 줬습니다", "오늘 직원 급여를 줄 수 있도록"),
            ("잔액 확인 못 함", "잔액 확인할 수 있도록"),
            ("랭킹전에 참가하지 못했어요", "랭킹전에 참가할 수 있도록"),
            ("장부랑 맞출 수가 없어요", "장부랑 맞출 수 있도록"),
            ("진료를 놓쳤습니다", "진료를 놓치지 않도록"),
            ("매번 다시 입력해야 해요", "매번 다시 입력하지 않아도 되도록"),
            ("인증번호 문자를 못 받습니다", "인증번호 문자를 받을 수 있도록"),
        ] {
            assert_eq!(opposite(text).as_deref(), Some(purpose), "{text}: {:?}", analyse(text));
        }
        for text in ["너무 불편해요", "못 써요", ""] {
            assert_eq!(opposite(text), None, "{text}");
        }
    }
}
