//! Korean titles: nouns that customers share, in their usual order, and the most frequent predicate as a noun phrase.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::engine::text::predicates::Predicate;
use crate::engine::text::tokens::{Kind, Token};
use crate::engine::wording::compose::{Composer, Member, READ_FOR_TITLE};
use crate::engine::wording::found::Found;
use crate::engine::wording::general::titles::{Thing, is_thingless};
use crate::engine::wording::same_meaning::OWN_USERS;
use crate::engine::wording::wish::Wish;

/// The most nouns of a title.
const MOST_NOUNS: usize = 3;
/// The predicate must be used by at least this share of the customers who use the nouns; in a theme of requests or
/// questions, a third of them must say that something does not work.
const SAID: f32 = 0.25;
const SAID_OF_WISHES: f32 = 0.33;
/// The share of items that ask for something where the theme counts as a request.
const ASKED: f32 = 0.5;
/// How many runs of nouns are read with their predicates.
const READ_RUNS: usize = 12;
/// How much better a title is that says what is wrong.
const SAYS_WHAT: f32 = 1.3;

/// The best nouns with their predicate, not in `taken`, and what the customers want.
pub(in crate::engine) fn title(theme: &Composer<'_>, taken: &HashSet<String>) -> (Option<Found>, Option<Wish>) {
    let wish = wish(theme);
    let members: Vec<&Member> = theme.members.iter().filter(|member| member.korean).take(READ_FOR_TITLE).collect();
    let mut found: HashMap<Vec<String>, HashSet<Uuid>> = HashMap::new();
    for member in &members {
        for run in member.clauses.iter().flat_map(|clause| runs(theme, clause)) {
            found.entry(run).or_default().insert(member.by);
        }
    }
    let scored = found.into_iter().map(|(nouns, by)| (score(theme, &members, &nouns, by.len()), nouns));
    let mut ranked: Vec<(f32, Vec<String>)> = scored.collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let titles = ranked.into_iter().take(READ_RUNS).filter_map(|(score, nouns)| {
        let (title, says_what) = worded(theme, &members, &nouns)?;
        // Two nouns name what is asked for, or asked about; of one alone it is open.
        let complete = says_what || (nouns.len() > 1 && matches!(wish, Some(Wish::Build | Wish::Answer | Wish::Keep)));
        Some((
            if says_what { SAYS_WHAT } else { 1.0 } * score,
            Found { title, says_what: complete, bare: !says_what && wish != Some(Wish::Build) },
        ))
    });
    let is_free = |(_, found): &(f32, Found)| !taken.contains(&found.title.to_lowercase());
    let mut titles: Vec<(f32, Found)> = titles.filter(is_free).collect();
    titles.sort_by(|a, b| b.0.total_cmp(&a.0)); // Stable: among equals the better nouns stay first.
    (titles.into_iter().next().map(|(_, found)| found), wish)
}

/// The words around which a title can stand alone: the shared ones that several Korean texts use, best first.
pub(in crate::engine) fn subjects(theme: &Composer<'_>) -> Vec<Thing> {
    let used = |key: &str| {
        let by =
            theme.members.iter().filter(|member| member.korean && member.own.contains(key)).map(|member| member.by);
        key != "not" && by.collect::<HashSet<_>>().len() >= OWN_USERS
    };
    let subject =
        |(key, _): (&str, f32)| Thing { key: key.to_owned(), shown: theme.form(key).to_owned(), modifies: false };
    theme.ranked().into_iter().filter(|(key, _)| used(key)).map(subject).collect()
}

/// What the customers want; where most give no sign of it, something to be built if many ask for it.
fn wish(theme: &Composer<'_>) -> Option<Wish> {
    let asks = |member: &&Member| {
        member.clauses.iter().flatten().any(|token| matches!(token.kind, Kind::Predicate(found) if found.asked))
    };
    let asking = theme.members.iter().filter(asks).count() as f32;
    theme.wish().or((asking >= ASKED * theme.members.len() as f32).then_some(Wish::Build))
}

/// The runs of shared nouns in a clause; a break or a predicate ends a run. A word of time stands between or after.
fn runs(theme: &Composer<'_>, clause: &[Token]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for part in clause.split_inclusive(|token| matches!(token.kind, Kind::Break | Kind::Predicate(_))) {
        let is_word = |token: &&Token| matches!(token.kind, Kind::Content | Kind::Function) && !token.text.is_empty();
        let mut words: Vec<&Token> = part.iter().filter(is_word).collect();
        if theme.wish() == Some(Wish::Fix) && part.last().is_some_and(is_asked) {
            words.pop();
        }
        for start in (0..words.len()).filter(|start| words[*start].kind == Kind::Content) {
            let mut run: Vec<String> = Vec::new();
            let mut nouns = 0;
            for token in &words[start..] {
                nouns += usize::from(token.kind == Kind::Content);
                if nouns > MOST_NOUNS || !continues(theme, &run, token) {
                    break;
                }
                run.push(name(token));
                found.push(run.clone());
            }
        }
    }
    found
}

/// Whether the customer asks for the noun before: in a theme of problems that is a wish for a way out ("취소해 주세요"),
/// not the matter.
fn is_asked(token: &Token) -> bool {
    token.text.is_empty() && matches!(token.kind, Kind::Predicate(found) if found.asked)
}

/// Whether a title may say this word after the run.
fn continues(theme: &Composer<'_>, run: &[String], token: &Token) -> bool {
    match token.kind {
        Kind::Content => {
            theme.is_shared(&token.key)
                && !run.iter().any(|known| known.contains(token.key.as_str()) || token.key.contains(known.as_str()))
        }
        _ => !run.is_empty() && run.last() != Some(&token.text),
    }
}

fn name(token: &Token) -> String {
    if token.kind == Kind::Content { token.key.clone() } else { token.text.clone() }
}

fn score(theme: &Composer<'_>, members: &[&Member], words: &[String], by: usize) -> f32 {
    let nouns: Vec<String> = words.iter().filter(|word| theme.is_shared(word)).cloned().collect();
    let covered =
        members.iter().filter(|member| member.holds_most(&nouns)).count() as f32 / members.len().max(1) as f32;
    let length = match nouns.len() {
        1 => 0.7,
        2 => 1.2,
        _ => 1.1,
    };
    let rare = |key: &&String| {
        theme.counts.get(*key).is_some_and(|count| (count.members as f32) < 0.12 * members.len() as f32)
    };
    let rare = nouns.iter().filter(rare).count() as i32;
    // A time ("업데이트 후") says more than the same nouns without it.
    let length = if nouns.len() < words.len() { length * 1.15 } else { length };
    let weight: f32 = nouns.iter().map(|key| theme.weight(key)).sum();
    weight * (0.4 + covered) * length * (1.0 + 0.25 * (by as f32).ln()) * 0.7_f32.powi(rare)
}

/// The nouns with the predicate that most customers use for them, and whether that says what is wrong or wanted; `None`
/// for a single noun without one.
fn worded(theme: &Composer<'_>, members: &[&Member], words: &[String]) -> Option<(String, bool)> {
    let form = |word: &String| match theme.form(word) {
        "" => word.clone(),
        form => form.to_owned(),
    };
    let mut shown: Vec<String> = words.iter().map(form).collect();
    // "누락 상품" of "누락된 상품" is 상품 누락; "중복 결제" stays.
    let is_trouble = |noun: &String| TROUBLES.contains(&noun.as_str()) && !BEFORE_NOUNS.contains(&noun.as_str());
    if shown.len() > 1 && is_trouble(&shown[0]) && !shown[1..].iter().any(is_trouble) {
        shown.rotate_left(1);
    }
    let ends_open = words.last().is_some_and(|word| !theme.is_shared(word));
    let wished = match wish(theme) {
        Some(Wish::Build) => Some("요청"),
        Some(Wish::Answer) => Some("문의"),
        _ => None,
    };
    let phrase =
        phrase(theme, members, words).filter(|phrase| !shown.iter().any(|noun| noun.ends_with(phrase.as_str())));
    if phrase.is_none() && shown.len() == 1 && names_no_thing(&shown[0]) {
        return None;
    }
    let names_trouble = shown.iter().any(|noun| TROUBLES.iter().any(|trouble| noun.ends_with(trouble)));
    let several = words.iter().filter(|word| theme.is_shared(word)).count() > 1;
    match phrase {
        Some(phrase) => Some((format!("{} {phrase}", shown.join(" ")), true)),
        None if ends_open => None,
        None if names_trouble && (several || theme.wish() == Some(Wish::Fix)) => Some((shown.join(" "), true)),
        None if wished.is_some() => wished.map(|wished| (format!("{} {wished}", shown.join(" ")), false)),
        // A long noun is a compound, which names a matter alone: 이중결제.
        None if !several && words.iter().all(|word| word.chars().count() < 4) => None,
        None if theme.wish() == Some(Wish::Fix) || is_failing(members, words) => {
            Some((format!("{} 문제", shown.join(" ")), false))
        }
        None => Some((shown.join(" "), false)),
    }
}

/// Whether a noun alone says neither what is wrong nor what is wanted.
fn names_no_thing(noun: &str) -> bool {
    is_thingless(noun) && !TROUBLES.iter().any(|trouble| noun.ends_with(trouble))
}

/// What is said of the nouns: what does not work or what happens, or that something is asked for.
fn phrase(theme: &Composer<'_>, members: &[&Member], nouns: &[String]) -> Option<String> {
    let is_trouble = |predicate: Predicate| predicate.denied;
    let trouble = |share| said_of(theme, members, nouns, share, &is_trouble);
    let happens = |share| said_of(theme, members, nouns, share, &|predicate| !predicate.asked);
    match wish(theme) {
        Some(Wish::Build) => trouble(SAID_OF_WISHES).or_else(|| {
            let asked = said_of(theme, members, nouns, SAID, &|predicate| predicate.asked);
            let asked = asked.map(|asked| format!("{asked} 요청"));
            // A noun alone does not say what is to be built; what customers say of it does: 글씨 작음.
            asked.or_else(|| if nouns.len() == 1 { happens(SAID_OF_WISHES) } else { None })
        }),
        Some(Wish::Answer) => trouble(SAID_OF_WISHES),
        Some(Wish::Fix | Wish::Keep) | None => happens(SAID),
    }
}

/// The predicate that enough customers use in the clauses with one of the nouns; where there is none, in all clauses of
/// these customers.
fn said_of(
    theme: &Composer<'_>,
    members: &[&Member],
    nouns: &[String],
    share: f32,
    fits: &dyn Fn(Predicate) -> bool,
) -> Option<String> {
    let said = |anywhere| said_in(theme, members, nouns, anywhere, share, fits);
    said(false).or_else(|| said(true))
}

/// Whether most items say of these nouns that something fails, each in another way.
fn is_failing(members: &[&Member], nouns: &[String]) -> bool {
    let naming: Vec<OfNouns<'_>> = members.iter().map(|m| predicates_of(m, nouns)).filter(|of| of.names).collect();
    let failing = naming.iter().filter(|of| of.beside.iter().any(|(_, predicate)| predicate.denied)).count();
    failing > 1 && 2 * failing >= naming.len()
}

/// The customers who use a predicate, by the noun phrase of their form of it.
type Users = HashMap<String, HashSet<Uuid>>;

fn said_in(
    theme: &Composer<'_>,
    members: &[&Member],
    nouns: &[String],
    anywhere: bool,
    share: f32,
    fits: &dyn Fn(Predicate) -> bool,
) -> Option<String> {
    let mut predicates: HashMap<(&str, Predicate), Users> = HashMap::new();
    let mut naming: HashSet<Uuid> = HashSet::new();
    for member in members {
        let of_nouns = predicates_of(member, nouns);
        if !of_nouns.names {
            continue;
        }
        naming.insert(member.by);
        let found = if anywhere { of_nouns.elsewhere } else { of_nouns.beside };
        for (token, predicate) in found.into_iter().filter(|(_, predicate)| fits(*predicate)) {
            let users = predicates.entry((&token.key, predicate)).or_default();
            users.entry(token.text.clone()).or_default().insert(member.by);
        }
    }
    let used = |users: &Users| users.values().flatten().collect::<HashSet<_>>().len();
    let denied = predicates.iter().filter(|((_, found), _)| found.denied);
    let denied = denied.flat_map(|(_, users)| users.values().flatten()).collect::<HashSet<_>>().len();
    // Many ways to say that something fails are together as clear as one.
    let enough = |found: Predicate, users: &Users| {
        let share =
            if found.denied && denied as f32 >= 2.0 * share * naming.len() as f32 { share / 2.0 } else { share };
        used(users) >= theme.needed && used(users) as f32 >= share * naming.len() as f32
    };
    let most = predicates.iter().filter(|((_, found), users)| enough(*found, users));
    let most = most.max_by_key(|((stem, _), users)| (used(users), std::cmp::Reverse(*stem)));
    let form = most.and_then(|(_, users)| users.iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(a.0))));
    form.map(|(form, _)| form.clone())
}

/// The predicates of one item as seen from some nouns.
#[derive(Default)]
struct OfNouns<'m> {
    /// Whether it has one of the nouns.
    names: bool,
    /// In a clause with one of them, or right after it without another noun.
    beside: Vec<(&'m Token, Predicate)>,
    /// Anywhere; of the [`GENERAL`] ones only those beside.
    elsewhere: Vec<(&'m Token, Predicate)>,
}

fn predicates_of<'m>(member: &'m Member, nouns: &[String]) -> OfNouns<'m> {
    let mut of = OfNouns::default();
    for clause in &member.clauses {
        let mut beside = false;
        for part in clause.split(|token| token.kind == Kind::Break) {
            let mut content = part.iter().filter(|token| token.kind == Kind::Content).peekable();
            if content.peek().is_some() {
                beside = content.any(|token| nouns.contains(&token.key));
            }
            of.names |= beside;
            for token in part.iter().filter(|token| !token.text.is_empty()) {
                match token.kind {
                    Kind::Predicate(found) if beside => of.beside.push((token, found)),
                    Kind::Predicate(found) if !GENERAL.contains(&token.key.as_str()) => {
                        of.elsewhere.push((token, found))
                    }
                    _ => (),
                }
            }
        }
    }
    of.elsewhere.extend_from_slice(&of.beside);
    of
}

/// Troubles that stand before what they are about.
const BEFORE_NOUNS: &[&str] = &["중복", "과다", "불량", "장애", "사기"];

/// Verbs that say nothing if they belong to something else: 안 됨, 없음.
const GENERAL: &[&str] = &["되", "없", "있", "하"];

/// Ends of nouns that name what is wrong by themselves.
#[rustfmt::skip]
pub(super) const TROUBLES: &[&str] = &[
    "오류", "에러", "실패", "거절", "거부", "지연", "누락", "중복", "끊김", "불가", "차단", "장애", "문제", "버그", "파손", "분실", "고장",
    "반려", "초과", "불량", "먹통", "렉", "종료", "소음", "하자", "과다", "부족", "손상", "위반", "사고", "피해", "불친절", "결함", "혼잡",
    "튕김", "꺼짐", "멈춤", "도난", "해킹", "사기", "변질", "오배송", "오작동", "누수",
];
