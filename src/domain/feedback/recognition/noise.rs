//! Recognition of texts that are not feedback about the product, with the reason.

use super::signs::{Class, Counted};
use crate::domain::feedback::SetAside;

/// The least total weight of phrases that identifies an automatic reply or a bounce.
const SIGNS: i32 = 3;
/// The weight of a phrase that only machines write. It takes precedence over signs of a customer's trouble.
const SURE: i32 = 5;
/// The total weight of kind phrases at which the text is certainly a customer's.
const TROUBLE: i32 = 6;
/// The most words of advertising, tests and greetings.
const SHORT: usize = 12;

/// Why a text is set aside.
pub(super) fn reason(words: &str, counted: &Counted) -> Option<SetAside> {
    let trouble = counted[Class::Bug] + counted[Class::Complaint] + counted[Class::Request];
    let is = |class: Class| counted[class] >= SURE || (counted[class] >= SIGNS && trouble < TROUBLE);
    if counted[Class::Bounce] >= SURE {
        return Some(SetAside::Bounce);
    }
    if is(Class::AutoReply) {
        return Some(SetAside::AutoReply);
    }
    if is(Class::Bounce) {
        return Some(SetAside::Bounce);
    }
    let (topics, offers) = (counted[Class::SpamTopic], counted[Class::SpamOffer]);
    if ADVERTISING.iter().any(|mark| words.trim_start().starts_with(mark)) && trouble < TROUBLE {
        return Some(SetAside::Spam);
    }
    let advertises = topics >= 1 && offers >= 1 && topics + offers >= SIGNS;
    let bar = if topics + offers >= SURE { TROUBLE } else { SIGNS };
    if advertises && counted[Class::Bug] + counted[Class::Complaint] < bar {
        return Some(SetAside::Spam);
    }
    without_content(words)
}

/// How advertising has to begin by Korean law (Act on Promotion of Information and Communications Network, article 50).
const ADVERTISING: &[&str] = &["(광고)", "[광고]", "<광고>", "【광고】"];

/// Recognises a test, a greeting or nothing: every word is in a short list.
fn without_content(words: &str) -> Option<SetAside> {
    let lower = words.get(..300).unwrap_or(words).to_lowercase();
    let tokens: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).collect();
    if tokens.len() > SHORT || lower.len() < words.len() / 2 {
        return None;
    }
    if tokens.is_empty() {
        // Emoji have a meaning; dots and dashes do not.
        let says = |c: char| !c.is_whitespace() && !c.is_ascii_punctuation() && !"…·~。、「」".contains(c);
        return (!words.chars().any(says)).then_some(SetAside::Test);
    }
    if says_nothing(&tokens) {
        return Some(SetAside::Nothing);
    }
    if tokens.iter().all(|token| is_typing(token) || is_test(token) || TESTING.contains(token))
        && tokens.iter().any(|token| is_typing(token) || is_test(token))
    {
        return Some(SetAside::Test);
    }
    let greets = |token: &&&str| GREETINGS.iter().any(|greeting| token == &greeting);
    let friendly = |token: &&str| GREETINGS.contains(token) || FRIENDLY.contains(token);
    (tokens.iter().all(friendly) && tokens.iter().any(|token| greets(&token))).then_some(SetAside::Greeting)
}

/// Whether the words say that there is nothing to say.
fn says_nothing(tokens: &[&str]) -> bool {
    let is_one = |token: &&str| NOTHING.contains(token);
    let only = tokens.iter().all(|token| is_one(token) || BESIDE_NOTHING.contains(token));
    (only && tokens.iter().any(is_one)) || NOTHING_SAID.contains(&tokens.join(" ").as_str())
}

/// Whether a token is random typing: a run along the keyboard, one letter repeated, Korean letters that form no
/// syllables.
fn is_typing(token: &str) -> bool {
    const RUNS: &[&str] = &[
        "asdf",
        "sdfg",
        "dfgh",
        "fghj",
        "ghjk",
        "hjkl",
        "qwer",
        "zxcv",
        "xcvb",
        "cvbn",
        "vbnm",
        "uiop",
        "lkjh",
        "fdsa",
        "rewq",
        "vcxz",
        "sdfsdf",
        "asdasd",
        "dfdf",
        "jkjk",
        "fgfg",
        "qweqwe",
        "asas",
        "ㅁㄴㅇㄹ",
        "ㅂㅈㄷㄱ",
    ];
    let mut letters = token.chars();
    let first = letters.next();
    let same = letters.clone().all(|c| Some(c) == first);
    let jamo = token.chars().all(|c| ('ㄱ'..='ㆎ').contains(&c));
    let digits = token.chars().all(|c| c.is_numeric());
    let short = token.chars().count() <= 16;
    jamo || digits
        || (same && token.is_ascii())
        || (short && RUNS.iter().any(|run| token.contains(run)) && token != "qwerty")
}

fn is_test(token: &str) -> bool {
    const TESTS: &[&str] =
        &["test", "testing", "tests", "tester", "testtest", "lorem", "ipsum", "foo", "bar", "foobar", "baz", "blah"];
    let numbered = token.trim_end_matches(|c: char| c.is_ascii_digit());
    TESTS.contains(&numbered) || (token.starts_with("테스트") && TEST_ENDS.contains(&&token["테스트".len()..]))
}

const TEST_ENDS: &[&str] = &[
    "",
    "입니다",
    "중",
    "중입니다",
    "용",
    "용입니다",
    "에요",
    "예요",
    "요",
    "임",
    "해봅니다",
    "합니다",
    "글",
    "글입니다",
];

/// Words that occur in tests.
const TESTING: &[&str] = &[
    "this",
    "is",
    "a",
    "an",
    "just",
    "only",
    "please",
    "pls",
    "ignore",
    "me",
    "it",
    "message",
    "ticket",
    "feedback",
    "mail",
    "email",
    "one",
    "two",
    "again",
    "my",
    "first",
    "the",
    "i",
    "am",
    "for",
    "some",
    "text",
    "dolor",
    "sit",
    "amet",
    "무시하세요",
    "무시해주세요",
    "무시",
    "메시지",
    "입니다",
    "그냥",
    "이건",
    "이것은",
];

/// Words for nothing: what people write into a field that must be filled. A text that says that there is nothing to say has at
/// least one of them, or is one of [`NOTHING_SAID`].
const NOTHING: &[&str] =
    &["none", "nothing", "nil", "nada", "na", "없음", "없습니다", "없다", "없습니당", "없슴", "무응답"];
/// Other words of such a text. "Still nothing" and "할 말이 없습니다" (I am speechless) say something, so their words are not here.
#[rustfmt::skip]
const BESIDE_NOTHING: &[&str] = &[
    "comment", "comments", "to", "add", "report", "else", "really", "for", "now", "at", "this", "time", "딱히", "특별히", "별로", "별다른",
    "별도", "특이사항", "해당", "해당사항", "의견", "기타", "기타의견", "건의사항", "따로", "그냥",
];
/// Texts that say so in other words.
const NOTHING_SAID: &[&str] = &[
    "n a",
    "no comment",
    "no comments",
    "not applicable",
    "no feedback",
    "no suggestions",
    "nothing to say",
    "딱히 없어요",
    "특별히 없어요",
    "따로 없어요",
    "별로 없어요",
    "의견 없어요",
];

/// Words of which a greeting has at least one.
const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "hiya",
    "morning",
    "afternoon",
    "evening",
    "blessed",
    "christmas",
    "xmas",
    "easter",
    "weekend",
    "greetings",
    "wishes",
    "happy",
    "안녕",
    "안녕하세요",
    "안녕하십니까",
    "안녕하세여",
    "좋은",
    "행복한",
    "즐거운",
    "따뜻한",
    "새해",
    "메리크리스마스",
    "굿모닝",
    "명절",
    "설날",
    "추석",
    "한가위",
    "반갑습니다",
    "반가워요",
];
/// Other words of greetings.
const FRIENDLY: &[&str] = &[
    "good",
    "have",
    "a",
    "an",
    "the",
    "and",
    "everyone",
    "everybody",
    "all",
    "team",
    "guys",
    "folks",
    "there",
    "friends",
    "friend",
    "to",
    "you",
    "your",
    "yours",
    "family",
    "families",
    "day",
    "days",
    "week",
    "night",
    "new",
    "year",
    "merry",
    "nice",
    "great",
    "lovely",
    "wonderful",
    "god",
    "bless",
    "wish",
    "wishing",
    "best",
    "from",
    "us",
    "dear",
    "sir",
    "madam",
    "world",
    "today",
    "very",
    "much",
    "stay",
    "safe",
    "is",
    "be",
    "may",
    "it",
    "with",
    "love",
    "peace",
    "joy",
    "아침",
    "아침입니다",
    "아침이에요",
    "아침이네요",
    "하루",
    "하루되세요",
    "하루보내세요",
    "되세요",
    "보내세요",
    "보내시길",
    "되시길",
    "바랍니다",
    "바라요",
    "주말",
    "주말되세요",
    "주말보내세요",
    "한",
    "주",
    "한주",
    "한주되세요",
    "한주보내세요",
    "복",
    "많이",
    "받으세요",
    "받으시고",
    "여러분",
    "모두",
    "모두들",
    "다들",
    "오늘",
    "오늘도",
    "저녁",
    "저녁입니다",
    "점심",
    "밤",
    "밤되세요",
    "연휴",
    "연휴보내세요",
    "크리스마스",
    "메리",
    "건강하세요",
    "가득하시길",
    "화이팅",
    "파이팅",
    "님",
    "항상",
    "늘",
    "행복하세요",
    "즐거우세요",
    "담당자님",
    "고객센터",
    "사장님",
];
