//! What a Korean text says beside the matter, read from its connective endings: -아서 and 때문에 (consequence), 후, -면 and
//! 때 (step), -아도 and -아 봤는데 (tried), 대신 and 임시로 (workaround).
//!
//! Each part is a clause of the customer's own words. A clause ends at a connective ending, a comma or the end of a
//! sentence; where a sign has no clear clause, or the clause does not fit, nothing is said.

use super::title_ko::TROUBLES;
use super::words_ko::{Word, words};
use crate::engine::text::morphology::{Morpheme, Tag, analyse};
use crate::engine::text::predicates;
use crate::engine::wording::theme_item::Said;

/// The most words of a clause; a longer one is seldom only what it is taken for.
const LONGEST: usize = 9;

/// Reads the parts of a text, the first of each kind.
pub(in crate::engine) fn said(text: &str) -> Said {
    let mut said = Said::default();
    for line in text.lines() {
        let found = analyse(line);
        let words = words(&found);
        for sentence in words.split_inclusive(|word| word.ends_sentence) {
            let sentence = Sentence { line, found: &found, words: sentence };
            said.workaround = said.workaround.or_else(|| sentence.workaround());
            said.consequence = said.consequence.or_else(|| sentence.consequence());
            said.step = said.step.or_else(|| sentence.step());
            said.tried = said.tried.or_else(|| sentence.tried());
        }
    }
    if said.consequence == said.workaround {
        said.consequence = None;
    }
    said
}

/// A sentence of a line.
struct Sentence<'s> {
    line: &'s str,
    found: &'s [Morpheme<'s>],
    words: &'s [Word],
}

impl Sentence<'_> {
    /// A clause with a cause, and after it what the customer can't do, loses or has to do.
    fn consequence(&self) -> Option<String> {
        let causes = (0..self.words.len()).filter(|at| self.is_cause(*at));
        let mut results = causes.map(|at| at + 1..self.end_of_clause(at + 1));
        let fits = |result: &std::ops::Range<usize>| {
            result.end == self.words.len() && (self.is_unable(result) || self.is_loss(result) || self.is_burden(result))
        };
        self.told(results.find(|result| !self.asks() && fits(result))?, 2)
    }

    fn is_cause(&self, at: usize) -> bool {
        let word = &self.words[at];
        let last = &self.found[word.to - 1];
        let cause = self.start_of_clause(at)..at + 1;
        match self.text(word) {
            "그래서" => at == 0,
            text if ["때문에", "바람에", "탓에"].iter().any(|sign| text.ends_with(sign)) => true,
            _ if last.tag == Tag::Ec && last.lemma.starts_with("느라") => true,
            _ => last.tag == Tag::Ec && CAUSES.contains(&last.lemma) && self.is_trouble(&cause),
        }
    }

    /// A time or a condition, in a sentence that goes on with what is wrong.
    fn step(&self) -> Option<String> {
        (0..self.words.len().saturating_sub(1)).find_map(|at| {
            let word = self.words[at];
            let kept = self.step_at(at)?;
            let rest = at + 1..self.words.len();
            let start = self.start_of_step(at);
            let goes_on = self.is_trouble(&rest) && !self.is_wish(&rest);
            let fits = goes_on && (at > start || word.to - word.from > 1) && !self.is_trouble(&(start..at));
            fits.then(|| self.clause(start..at + 1, kept))?
        })
    }

    /// Where the time or condition of a word ends; `None` if it is none.
    fn step_at(&self, at: usize) -> Option<usize> {
        let word = self.words[at];
        let of = &self.found[word.from..word.to];
        let last = of.last()?;
        let time = of.iter().rev().find(|m| !m.tag.is_particle() && m.lemma != "마다")?;
        let before = word.from.checked_sub(1).and_then(|before| self.found.get(before));
        let after_verb = before.is_some_and(|m| m.tag == Tag::Etm);
        let after_noun = of.len() > 1 || before.is_some_and(|m| m.tag.is_noun());
        match (time.tag, time.lemma) {
            (Tag::Nng | Tag::Nnb, "때") if after_verb && last.lemma != "도" => Some(word.end),
            (Tag::Nng | Tag::Nnb, "뒤") if after_verb => Some(time.end),
            (Tag::Nng | Tag::Nnb, "후" | "이후" | "직후") if after_verb || after_noun => Some(time.end),
            _ if last.tag == Tag::Ec && CONDITIONS.contains(&last.lemma) && self.is_action(at) => Some(word.end),
            _ => None,
        }
    }

    /// Where a step begins that ends with a word: 업데이트 후 begins at the noun, 로그인하면 with its clause.
    fn start_of_step(&self, at: usize) -> usize {
        let clause = self.start_of_clause(at);
        let bare = |word: &Word| self.found[word.from..word.to].iter().all(|m| m.tag.is_noun() || m.tag == Tag::Sl);
        match at.checked_sub(1).and_then(|before| self.words.get(before)) {
            Some(before)
                if bare(before) && self.found[self.words[at].from].tag != Tag::Vv && !self.is_inflected(at) =>
            {
                clause + self.words[clause..at].iter().rposition(|word| !bare(word)).map_or(0, |last| last + 1)
            }
            _ => clause,
        }
    }

    fn is_inflected(&self, at: usize) -> bool {
        let word = self.words[at];
        self.found[word.from..word.to].iter().any(|m| m.tag.is_ending())
    }

    /// What was done in vain: -아도 or -아 봤는데, and then what still is wrong.
    fn tried(&self) -> Option<String> {
        (0..self.words.len().saturating_sub(1)).find_map(|at| {
            let rest = at + 1..self.words.len();
            let in_vain = self.is_denied(&rest) || self.is_the_same(&rest);
            let clause = self.start_of_clause(at)..at + 1;
            let fits = (self.is_attempt(at) || self.is_even_so(at)) && in_vain && !self.is_denied(&clause);
            fits.then(|| self.told(clause, 1))?
        })
    }

    /// -아 봤는데, -아 봤지만.
    fn is_attempt(&self, at: usize) -> bool {
        let word = self.words[at];
        let Some(see) = (word.from..word.to).find(|n| self.found[*n].tag == Tag::Vx && self.found[*n].lemma == "보")
        else {
            return false;
        };
        let tries = see.checked_sub(1).is_some_and(|before| matches!(self.found[before].lemma, "아" | "어" | "여"));
        let past = self.found[see..word.to].iter().any(|m| matches!(m.lemma, "았" | "었"));
        let last = &self.found[word.to - 1];
        tries && past && last.tag == Tag::Ec && (last.lemma.ends_with('데') || last.lemma.ends_with("지만"))
    }

    /// -아도 of a verb of doing.
    fn is_even_so(&self, at: usize) -> bool {
        let last = &self.found[self.words[at].to - 1];
        last.tag == Tag::Ec && matches!(last.lemma, "아도" | "어도" | "여도") && self.is_action(at)
    }

    /// What the customer does instead.
    fn workaround(&self) -> Option<String> {
        let at = self.words.iter().position(|word| INSTEAD.contains(&self.text(word)))?;
        // "예약을 대신 해야 해서요": on behalf of somebody, not in place of something.
        let on_behalf =
            at > 0 && self.text(&self.words[at]) == "대신" && self.text(&self.words[at - 1]).ends_with(['을', '를']);
        if on_behalf {
            return None;
        }
        let start = if self.text(&self.words[at]) == "대신" { at + 1 } else { at };
        let clause = start..self.words.len();
        let goes_on = self.end_of_clause(start) == self.words.len();
        let fits =
            goes_on && !self.asks() && self.is_burden(&clause) && !self.is_denied(&clause) && !self.is_wish(&clause);
        self.told(clause, 2).filter(|_| fits)
    }

    fn text(&self, word: &Word) -> &str {
        &self.line[word.start..word.end]
    }

    fn morphemes(&self, words: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        match self.words.get(words.clone()) {
            Some([first, .., last]) => first.from..last.to,
            Some([only]) => only.from..only.to,
            _ => 0..0,
        }
    }

    /// The text of these words, if there are enough and not too many.
    fn told(&self, words: std::ops::Range<usize>, least: usize) -> Option<String> {
        let end = self.words.get(words.end.checked_sub(1)?)?.end;
        (words.len() >= least).then(|| self.clause(words, end))?
    }

    /// The text of these words up to `end`, without a conjunction or an adverb of the sentence before it.
    fn clause(&self, words: std::ops::Range<usize>, end: usize) -> Option<String> {
        let of = self.words.get(words)?;
        let opens = |word: &&Word| {
            let first = &self.found[word.from];
            word.to - word.from == 1 && (matches!(first.tag, Tag::Maj | Tag::Ic) || OPENINGS.contains(&first.lemma))
        };
        let skipped = of.iter().take_while(opens).count();
        let rest = &of[skipped..];
        let text = self.line.get(rest.first()?.start..end)?;
        (rest.len() <= LONGEST && !text.contains(['[', ']', '"', '“', '('])).then(|| text.to_owned())
    }

    fn start_of_clause(&self, at: usize) -> usize {
        self.words[..at].iter().rposition(|word| word.ends_clause).map_or(0, |before| before + 1)
    }

    /// The end of the clause that begins with a word.
    fn end_of_clause(&self, at: usize) -> usize {
        let rest = self.words.get(at..).unwrap_or_default();
        rest.iter().position(|word| word.ends_clause).map_or(self.words.len(), |last| at + last + 1)
    }

    /// Whether the sentence is a question or a request.
    fn asks(&self) -> bool {
        let Some(word) = self.words.last() else { return false };
        let rest = &self.line[word.end..];
        let mark = rest.trim_start().starts_with(['?', '？']);
        let asking = |m: &Morpheme<'_>| ASKING.iter().any(|end| m.lemma.ends_with(end));
        mark || self.found[word.from..word.to].iter().any(|m| m.tag.is_ending() && asking(m))
            || self.is_wish(&(0..self.words.len()))
    }

    fn is_wish(&self, words: &std::ops::Range<usize>) -> bool {
        let of = self.morphemes(words);
        let found = &self.found[of];
        found.windows(3).any(|three| {
            three[0].lemma.ends_with('면') && matches!(three[1].lemma, "좋" | "하") && three[2].lemma != "안"
        }) || found.windows(2).any(|two| {
            two[0].tag == Tag::Vx && two[0].lemma == "주" && matches!(two[1].lemma, "시" | "세요" | "어" | "십시오")
        }) || found.iter().any(|m| matches!(m.lemma, "부탁" | "부탁드리" | "바라" | "원하"))
    }

    /// Whether these words say what is wrong.
    fn is_trouble(&self, words: &std::ops::Range<usize>) -> bool {
        let of = self.morphemes(words);
        let noun = |m: &Morpheme<'_>| m.tag.is_noun() && TROUBLES.contains(&m.lemma);
        of.clone().any(|at| {
            predicates::at(self.found, at).is_some_and(|found| !found.predicate.asked && !found.shown.is_empty())
        }) || self.found[of].iter().any(noun)
    }

    fn is_the_same(&self, words: &std::ops::Range<usize>) -> bool {
        let same = ["마찬가지", "똑같", "그대로", "소용없", "소용", "여전", "여전히"];
        self.found[self.morphemes(words)].iter().any(|m| same.contains(&m.lemma))
    }

    fn is_denied(&self, words: &std::ops::Range<usize>) -> bool {
        self.morphemes(words).any(|at| predicates::at(self.found, at).is_some_and(|found| found.predicate.denied))
    }

    /// 못 하다, -지 못하다, -ㄹ 수 없다.
    fn is_unable(&self, words: &std::ops::Range<usize>) -> bool {
        let found = &self.found[self.morphemes(words)];
        let no_way = |two: &[Morpheme<'_>]| two[0].tag == Tag::Nnb && two[0].lemma == "수" && two[1].lemma == "없";
        let way: Vec<Morpheme<'_>> = found.iter().filter(|m| !m.tag.is_particle()).copied().collect();
        found.iter().any(|m| m.lemma == "못하" || (m.lemma == "못" && m.tag == Tag::Mag)) || way.windows(2).any(no_way)
    }

    fn is_loss(&self, words: &std::ops::Range<usize>) -> bool {
        self.found[self.morphemes(words)].iter().any(|m| LOSSES.contains(&m.lemma))
    }

    /// -고 있다, -아야 하다.
    fn is_burden(&self, words: &std::ops::Range<usize>) -> bool {
        let found = &self.found[self.morphemes(words)];
        found.windows(2).any(|two| {
            (two[0].lemma == "고" && two[1].lemma == "있")
                || (matches!(two[0].lemma, "아야" | "어야" | "여야") && matches!(two[1].lemma, "하" | "되"))
        })
    }

    /// Whether a word is a verb of doing: its stem is a verb, not 있다, 되다 or an adjective.
    fn is_action(&self, at: usize) -> bool {
        let word = self.words[at];
        let verb = self.found[word.from..word.to].iter().rev().find(|m| m.tag.is_predicate() || m.tag == Tag::Vx);
        let hint = at.checked_sub(1).map_or("", |before| self.text(&self.words[before]));
        if hint.ends_with('만') || hint.ends_with("기도") {
            return false; // -기만 해도.
        }
        verb.is_some_and(|m| {
            matches!(m.tag, Tag::Vv | Tag::Xsv)
                && !matches!(m.lemma, "되" | "있" | "안되" | "대하" | "그러" | "이러" | "보" | "나" | "태어나")
        })
    }
}

const CAUSES: &[&str] = &["아서", "어서", "여서", "서", "라서", "아", "어서요"];
const CONDITIONS: &[&str] = &["면", "으면", "자마자"];
/// Words that say that something is done instead.
const INSTEAD: &[&str] = &["대신", "임시로", "수기로", "수동으로", "일일이", "하나하나", "어쩔"];
/// What a customer loses.
#[rustfmt::skip]
const LOSSES: &[&str] = &[
    "놓치", "잃", "날리", "포기", "손해", "낭비", "피해", "고생", "항의", "지각", "곤란", "허비", "망치", "돌려보내", "연체", "손실",
];
/// Words that open a sentence and belong to no clause.
const OPENINGS: &[&str] =
    &["그래서", "그리고", "근데", "그런데", "하지만", "자꾸", "계속", "지금", "아예", "결국", "특히", "또", "요즘"];
const ASKING: &[&str] =
    &["나요", "까요", "ㄹ까요", "을까요", "는가요", "은가요", "니까", "습니까", "ㅂ니까", "냐", "을까", "ㄹ까"];

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> [Option<String>; 4] {
        let Said { consequence, step, tried, workaround } = said(text);
        [consequence, step, tried, workaround]
    }

    #[test]
    fn a_consequence_is_what_follows_a_cause() {
        for (text, consequence) in [
            ("카드 단말기가 자꾸 끊겨서 장사를 못 하고 있어요.", "장사를 못 하고 있어요"),
            ("예약 화면이 안 열려서 진료를 놓쳤습니다", "진료를 놓쳤습니다"),
            ("서버 오류 때문에 랭킹전에 참가할 수 없었어요", "랭킹전에 참가할 수 없었어요"),
            ("주소가 저장이 안 돼서 매번 다시 입력해야 해요", "매번 다시 입력해야 해요"),
        ] {
            assert_eq!(parts(text)[0].as_deref(), Some(consequence), "{text}");
        }
        for text in ["배송이 빨라서 좋아요", "업데이트해서 로그인이 안 돼요", "느려서 못 쓰나요?", "환불해 주세요"]
        {
            assert_eq!(parts(text)[0], None, "{text}");
        }
    }

    #[test]
    fn a_step_is_a_time_or_a_condition_of_what_is_wrong() {
        for (text, step) in [
            ("업데이트 후에 앱이 자꾸 꺼져요", "업데이트 후"),
            ("로그인하면 화면이 멈춰요", "로그인하면"),
            ("쿠폰을 적용할 때 오류가 나요", "쿠폰을 적용할 때"),
            ("진료과를 고르면 튕깁니다", "진료과를 고르면"),
        ] {
            assert_eq!(parts(text)[1].as_deref(), Some(step), "{text}");
        }
        assert_eq!(parts("회의에서 팀장님이 업데이트 이후 앱이 튕긴다고 하심")[1].as_deref(), Some("업데이트 이후"));
        for text in [
            "마트에서 뒤에 줄이 있는데 거절됨",
            "될 때도 있고 안 될 때도 있고 거의 안 됨",
            "다크모드가 있으면 좋겠어요",
            "업데이트 후에 좋아졌어요",
            "그러면 안 되죠",
        ] {
            assert_eq!(parts(text)[1], None, "{text}");
        }
    }

    #[test]
    fn attempts_are_read_as_in_vain() {
        for (text, tried) in [
            ("앱을 지웠다 다시 깔아도 안 열려요", "앱을 지웠다 다시 깔아도"),
            ("재설치해도 똑같아요", "재설치해도"),
            ("와이파이로 바꿔 봤는데 그대로예요", "와이파이로 바꿔 봤는데"),
        ] {
            assert_eq!(parts(text)[2].as_deref(), Some(tried), "{text}");
        }
        assert_eq!(parts("알려 주기만 해도 이렇게 안 불편해요")[2], None);
        assert_eq!(parts("비가 와도 배달이 잘 와요")[2], None);
        assert_eq!(parts("아무리 맛있어도 비싸요")[2], None);
    }

    #[test]
    fn a_workaround_is_what_is_done_instead() {
        assert_eq!(
            parts("엑셀 저장이 안 돼요. 대신 화면을 캡처하고 있어요")[3].as_deref(),
            Some("화면을 캡처하고 있어요")
        );
        assert_eq!(parts("대신 쿠폰을 보내 주세요")[3], None);
        assert_eq!(parts("배송이 하루 늦었어요"), [None, None, None, None]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,80}|[가-힣 .,?!ㅠ]{0,60}") {
            for part in parts(&text).into_iter().flatten() {
                proptest::prop_assert!(text.contains(&part));
            }
        }
    }
}
