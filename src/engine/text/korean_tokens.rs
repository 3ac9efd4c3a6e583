//! The clauses of a Korean text as tokens that may stand in a title: nouns without their particles, and predicates.

use std::collections::{HashMap, HashSet};

use super::morphology::{Morpheme, Tag, analyse};
use super::predicates::{self, Found};
use super::stop_words::{KOREAN_STOP_WORDS, PARTICLES};
use super::tokens::{IsName, Kind, Token, parts};
use super::words::is_hangul;
use crate::engine::wording::keywords::Background;

/// How the words of a theme's texts occur: alone, and before which particles. It is the evidence by which particles are
/// distinguished from the last syllable of a noun that the lexicon does not have.
pub(in crate::engine) struct Bare<'a> {
    words: HashSet<String>,
    /// Beginnings of words, and what follows them.
    followed: HashMap<String, HashSet<String>>,
    background: Background<'a>,
}

impl<'a> Bare<'a> {
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>, background: Background<'a>) -> Self {
        let mut bare = Bare { words: HashSet::new(), followed: HashMap::new(), background };
        for word in texts.flat_map(str::split_whitespace).map(trimmed).filter(|word| word.contains(is_hangul)) {
            for rest in PARTICLES.cut(word) {
                bare.followed.entry(rest.to_owned()).or_default().insert(word[rest.len()..].to_owned());
            }
            bare.words.insert(word.to_owned());
        }
        bare
    }

    /// The noun before its particles by evidence alone; the word itself where there is none.
    fn noun<'w>(&self, word: &'w str) -> &'w str {
        let cuts = PARTICLES.cut(word).filter(|rest| self.is_noun(rest, &word[rest.len()..]));
        // Particles can be combined (앱에서는): take the shortest rest that occurs alone.
        cuts.last().unwrap_or(word)
    }

    fn is_noun(&self, rest: &str, particle: &str) -> bool {
        let here = || self.words.contains(rest) || self.followed.get(rest).is_some_and(|found| found.len() > 1);
        let elsewhere = || {
            let least = (self.background.written(&format!("{rest}{particle}")) as f32 * 0.15).max(1.0);
            let often = |ending: &&&str| self.background.written(&format!("{rest}{ending}")) as f32 >= least;
            let others = COMMON_PARTICLES.iter().filter(|other| **other != particle).filter(often).take(2).count();
            self.background.written(rest) as f32 >= least.max(2.0) || others == 2
        };
        // An ending of two or more syllables is hardly ever part of a noun.
        let sure = particle.chars().count() >= 2 && rest.chars().count() >= 2;
        let long_enough = rest.chars().count() >= 2;
        !rest.is_empty() && (sure || !rest.contains(is_hangul) || here() || (long_enough && elsewhere()))
    }

    /// Whether a word with what looks like a particle at its end is a noun itself, because particles follow it that
    /// follow nouns only: 재시도를, 페일로가.
    fn is_whole(&self, word: &str) -> bool {
        let never = word.ends_with(['을', '를', '은', '는']);
        !never && self.followed.get(word).is_some_and(|found| OF_NOUNS.iter().any(|p| found.contains(*p)))
    }
}

/// The particles that follow nearly every noun.
const COMMON_PARTICLES: [&str; 12] = ["이", "가", "을", "를", "은", "는", "에", "의", "도", "로", "으로", "만"];
/// Particles that no other particle precedes.
const OF_NOUNS: [&str; 6] = ["이", "가", "을", "를", "에", "에서"];

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() || matches!(c, 'ㄱ'..='ㅣ'))
}

/// The clauses of a Korean text: nouns as content, predicates, and words of time and order that join nouns.
pub(in crate::engine) fn korean_clauses(text: &str, bare: &Bare<'_>, is_name: &IsName<'_>) -> Vec<Vec<Token>> {
    parts(text).iter().map(|part| Clause { text: part, found: analyse(part), bare, is_name }.tokens()).collect()
}

/// A clause with its morphemes.
struct Clause<'c> {
    text: &'c str,
    found: Vec<Morpheme<'c>>,
    bare: &'c Bare<'c>,
    is_name: &'c IsName<'c>,
}

impl Clause<'_> {
    fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(first) = self.found.get(at) {
            let end = self.text[first.start..].find(char::is_whitespace).map_or(self.text.len(), |n| first.start + n);
            let next = at + self.found[at..].iter().take_while(|m| m.start < end).count();
            for token in self.word(&self.text[first.start..end], at, next) {
                // A word of time joins nouns only where it follows one: 업데이트 후.
                let joins = token.kind == Kind::Function && !token.text.is_empty();
                if !joins || tokens.last().is_some_and(|last: &Token| last.kind == Kind::Content) {
                    tokens.push(token);
                }
            }
            if self.parts(next.max(at + 1) - 1, at) {
                tokens.push(Token::cut());
            }
            at = next.max(at + 1);
        }
        tokens.extend(self.delay(&tokens));
        tokens
    }

    /// Whether a word separates the nouns before and after it: the end of a clause (결제했는데), a verb before a noun (뜨는
    /// 화면), or what points to something else (중복된 건 취소).
    fn parts(&self, last: usize, first: usize) -> bool {
        let of = &self.found[first..=last];
        let Some(end) = of.iter().rev().find(|m| !m.tag.is_mark()) else { return false };
        let verb = of.iter().any(|m| matches!(m.tag, Tag::Vv | Tag::Va));
        let over =
            of.iter().any(|m| OVER.contains(&m.lemma)) || self.found.get(last + 1).is_some_and(|m| m.lemma == "나");
        let points = matches!(of[0].tag, Tag::Nnb | Tag::Np);
        points || (matches!(end.tag, Tag::Ec | Tag::Ef) && !over) || (end.tag == Tag::Etm && verb)
    }

    /// What is delayed, comes late or has not arrived yet is late.
    fn delay(&self, tokens: &[Token]) -> Option<Token> {
        let late = |m: &Morpheme<'_>| matches!((m.tag, m.lemma), (Tag::Mag, "늦게") | (Tag::Nng, "지연"));
        if self.found.iter().any(late) {
            return Some(predicate(predicates::delay()));
        }
        let yet = self.found.iter().any(|m| m.tag == Tag::Mag && m.lemma == "아직");
        let is_missing = |token: &Token| {
            matches!(token.kind, Kind::Predicate(found) if found.denied) && ARRIVALS.contains(&token.key.as_str())
        };
        (yet && tokens.iter().any(is_missing)).then(|| predicate(predicates::delay()))
    }

    /// The tokens of a word, which has the morphemes `from..to`.
    fn word(&self, word: &str, from: usize, to: usize) -> Vec<Token> {
        let plain = trimmed(word);
        if word.contains(['[', ']']) || plain.contains(|c: char| c.is_numeric()) {
            return vec![Token::cut()];
        }
        let marks = self.found[from..to].iter().take_while(|m| m.tag.is_mark()).count();
        let begin = from + marks;
        let nouns = self.nouns(begin, to);
        if nouns > 0 && self.is_odd(begin + nouns, to) {
            return self.content(self.bare.noun(plain), &self.found[begin..begin + nouns]).into_iter().collect();
        }
        let mut tokens: Vec<Token> = match self.found[begin..to].first().and_then(|m| predicates::verbal_noun(m)) {
            Some(noun) => self.content(noun, &self.found[begin..=begin]).into_iter().collect(),
            None => self.noun(plain, begin, begin + nouns, to).into_iter().collect(),
        };
        if !tokens.is_empty() {
            tokens.extend(self.after_noun(begin + nouns, to));
        }
        for at in begin + if self.found.get(begin).is_some_and(|m| m.tag == Tag::Vv) { nouns } else { 0 }..to {
            if let Some(found) = predicates::at(&self.found, at) {
                // 불편해요 is a predicate, its noun no subject.
                if self.found[at].tag == Tag::Xsa {
                    tokens.retain(|token| token.kind != Kind::Content);
                }
                tokens.push(predicate(found));
            }
        }
        if tokens.is_empty() {
            tokens.push(Token { text: String::new(), key: String::new(), kind: Kind::Function, glued: false });
        }
        tokens
    }

    /// How many morphemes at the beginning of a word are its noun. A verb with a noun ending is one before a particle or
    /// another noun: 알림이, 뽑기 확률.
    fn nouns(&self, from: usize, to: usize) -> usize {
        let of = &self.found[from..to];
        let [verb, ending, rest @ ..] = of else { return of.iter().take_while(|m| is_of_noun(m)).count() };
        let noun_follows = rest.is_empty() && self.found.get(to).is_some_and(|m| m.tag == Tag::Nng);
        let particle_follows = rest.first().is_some_and(|m| m.tag.is_particle()) && ending.lemma != "기";
        let is_made = verb.tag == Tag::Vv && ending.tag == Tag::Etn && !predicates::is_plain(verb.lemma);
        if is_made && (noun_follows || particle_follows) {
            return 2;
        }
        of.iter().take_while(|m| is_of_noun(m)).count()
    }

    /// What stands after a verbal noun: that it is over (업데이트하고 나서), or that the customer asks for it.
    fn after_noun(&self, at: usize, end: usize) -> Option<Token> {
        let next = self.found.get(end).map_or("", |m| m.lemma);
        let is_verb =
            self.found[at..end].first().is_some_and(|m| m.tag == Tag::Xsv || predicates::verbal_noun(m).is_some());
        let endings = &self.found[at..end];
        let over = endings.iter().any(|m| OVER.contains(&m.lemma))
            || (endings.last().is_some_and(|m| m.lemma == "고") && next == "나");
        let asked = (is_verb && predicates::is_asked(&self.found, at))
            || (endings.iter().all(|m| m.tag.is_particle()) && matches!(next, "부탁" | "부탁드리" | "바라" | "원하"));
        match () {
            () if is_verb && over => Some(joining("후")),
            () if asked => Some(predicate(predicates::asked())),
            () => None,
        }
    }

    /// Whether what follows a noun in its word can't follow one, so that the lexicon lacks the word: 웹+훅, 재+입+고.
    fn is_odd(&self, at: usize, end: usize) -> bool {
        let open = at.checked_sub(1).is_some_and(|before| self.found[before].tag == Tag::Xpn);
        open || self.found[at..end].first().is_some_and(|m| match m.tag {
            Tag::Mag => !matches!(m.lemma, "안" | "못" | "잘" | "다" | "더"),
            Tag::Vx | Tag::Ic | Tag::Mm => true,
            tag => tag.is_ending(),
        })
    }

    /// The noun at the beginning of a word: its morphemes are `from..to`, those of the word end at `end`.
    fn noun(&self, plain: &str, from: usize, to: usize, end: usize) -> Option<Token> {
        let (first, last) = (self.found.get(from)?, self.found.get(to.checked_sub(1)?)?);
        if to <= from {
            return None;
        }
        let mut noun = trimmed(&self.text[first.start..last.end]);
        let rest = &self.found[to..end];
        let is_bare = rest.iter().all(|m| m.tag.is_particle() || m.tag.is_mark());
        let ends_in_particle = rest.iter().filter(|m| m.tag.is_particle()).count() == 1;
        if is_bare && self.is_doubtful(from, to) {
            noun = self.bare.noun(plain);
        } else if is_bare
            && ends_in_particle
            && plain.chars().count() == noun.chars().count() + 1
            && self.bare.is_whole(plain)
        {
            noun = plain;
        }
        if let Some((_, shown)) = JOINING.iter().find(|(word, _)| from + 1 == to && is_bare && *word == noun) {
            return Some(joining(shown));
        }
        self.content(noun, &self.found[from..to])
    }

    fn content(&self, noun: &str, of: &[Morpheme<'_>]) -> Option<Token> {
        let lower = noun.to_lowercase();
        let person = lower.trim_end_matches("고객님").trim_end_matches(['님', '씨']);
        if (self.is_name)(&lower) || (self.is_name)(person) {
            return Some(Token::cut());
        }
        let single = noun.chars().count() < 2;
        let known = of.len() == 1 && of[0].tag.is_noun() && !SHORT_FILLERS.contains(&noun);
        let is_filler = KOREAN_STOP_WORDS.begin(noun) || KOREAN_FILLERS.contains(&noun) || of.last()?.lemma == "적";
        let clean = noun.chars().all(|c| matches!(c, '가'..='힣') || c.is_ascii_alphabetic());
        let fits = !is_filler && clean && (!single || known);
        fits.then(|| Token { text: noun.to_owned(), key: lower, kind: Kind::Content, glued: false })
    }

    /// Whether these morphemes are rather the pieces of a word that the lexicon does not have.
    fn is_doubtful(&self, from: usize, to: usize) -> bool {
        let of = &self.found[from..to];
        let short = of.windows(2).any(|pair| pair.iter().all(|m| m.tag.is_noun() && m.lemma.chars().count() == 1));
        short || of.iter().any(|m| m.tag == Tag::Unknown)
    }
}

fn predicate(found: Found) -> Token {
    Token { text: found.shown, key: found.stem, kind: Kind::Predicate(found.predicate), glued: false }
}

fn joining(word: &str) -> Token {
    Token { text: word.to_owned(), key: String::new(), kind: Kind::Function, glued: false }
}

fn is_of_noun(morpheme: &Morpheme<'_>) -> bool {
    let suffix = morpheme.tag == Tag::Xsn && !matches!(morpheme.lemma, "들" | "님" | "씨");
    morpheme.tag.is_noun() || suffix || matches!(morpheme.tag, Tag::Xpn | Tag::Xr | Tag::Sl)
}

/// Nouns of time that join two others, and how a title says them: 업데이트 후 종료.
const JOINING: &[(&str, &str)] =
    &[("후", "후"), ("이후", "후"), ("직후", "후"), ("뒤", "후"), ("전", "전"), ("중", "중"), ("시", "시")];
/// Endings that say that something is over.
const OVER: &[&str] = &["더니", "았더니", "었더니", "자마자", "고서", "고나서"];
/// Verbs of what one waits for.
const ARRIVALS: &[&str] = &["오", "들어오", "나오", "받", "되", "도착하", "보내", "주"];
/// Nouns of one syllable that say nothing about a subject.
#[rustfmt::skip]
const SHORT_FILLERS: &[&str] = &[
    "때", "말", "일", "날", "점", "건", "식", "쪽", "번", "줄", "듯", "등", "곳", "면", "뒤", "앞", "위", "안", "밖", "속", "중", "집", "후",
    "전", "시", "것", "거", "수", "데", "채", "만", "분", "달", "해", "년", "월", "초", "간", "끝", "밤", "낮", "왜", "뭐", "나", "너", "저",
    "이", "그", "내", "제", "함", "됨", "잘", "못", "더", "좀", "다", "또", "꼭", "막", "참", "걸", "게", "지", "요", "네", "님", "애", "놈",
];

/// Korean nouns and adverbs that say nothing about a subject.
#[rustfmt::skip]
const KOREAN_FILLERS: &[&str] = &[
    "오늘", "어제", "내일", "매일", "매번", "이번", "저번", "지난", "요즘", "최근", "아침", "저녁", "하루", "이틀", "일주일", "며칠",
    "한달", "올해", "작년", "갑자기", "항상", "가끔", "자주", "정말", "제대로", "확인", "부분", "상태", "생각", "사람", "사용자",
    "저도", "제발", "혹시", "그거", "이상", "이후", "이전", "전에", "후에", "처음", "마지막", "나중", "바로", "먼저", "일단", "분들",
    "고객", "고객님", "손님", "함", "됨", "말씀", "요청", "요청하심", "문의함", "우리", "저희", "본인", "때", "때마다", "내가", "제가",
    "나한테", "저한테", "중에", "누가", "뭐가", "무엇", "누구", "중", "것", "거", "불편", "불만", "필요", "가능", "이유", "방법", "기분",
    "느낌", "진짜", "완전", "그때", "이때", "아래", "동안", "대신", "사실", "계획", "여러분", "거기", "시간",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, others: &[&str]) -> Vec<String> {
        let bare = Bare::of(others.iter().copied().chain([text]), Background::none());
        let tokens = korean_clauses(text, &bare, &|_| false).into_iter().flatten();
        tokens.filter(|token| !token.text.is_empty()).map(|token| token.text).collect()
    }

    #[test]
    fn nouns_keep_their_last_syllable_and_lose_their_particles() {
        assert_eq!(told("이체한도가 부족해요", &[]), ["이체한도", "부족"]);
        assert_eq!(told("더치페이 요청이 와이파이에서는 안 돼요", &[]), ["더치페이", "와이파이", "안 됨"]);
        assert_eq!(told("페일로 송금", &["페일로가 느려요"]), ["페일로", "송금"]);
        assert_eq!(told("재시도 횟수", &["재시도를 세 번"]), ["재시도", "횟수"]);
        assert_eq!(told("카드도 단말기도", &[]), ["카드", "단말기"]);
    }

    #[test]
    fn verbal_nouns_are_nouns_and_times_join() {
        assert_eq!(told("업데이트 후에 앱이 자꾸 꺼져요", &[]), ["업데이트", "후", "앱", "꺼짐"]);
        assert_eq!(told("두번이나 결제됐는데 환불을 못 받았어요", &[]), ["결제", "환불", "못 받음"]);
        assert_eq!(told("업데이트하고 나서 로그인 풀림", &[]), ["업데이트", "후", "로그인", "풀림"]);
        assert_eq!(told("예약 알림이 안 와요", &[]), ["예약", "알림", "안 옴"]);
        assert_eq!(told("환불이 아직 안 들어왔어요", &[]), ["환불", "안 들어옴", "지연"]);
        assert_eq!(told("연결안됨 2호점", &[]), ["연결", "안 됨"]);
        assert_eq!(told("폰 바꾼 뒤 오류", &[]), ["폰", "오류"]);
    }
}
