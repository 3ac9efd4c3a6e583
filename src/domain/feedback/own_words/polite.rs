//! Removal of greetings and closings around a message, and of reply marks before a title.

/// Closings that stand alone on a line, with or without a name after a comma.
const CLOSINGS: &[&str] = &[
    "best regards",
    "kind regards",
    "warm regards",
    "with kind regards",
    "with best regards",
    "regards",
    "best wishes",
    "warmest regards",
    "many thanks",
    "many thanks in advance",
    "thanks",
    "thanks a lot",
    "thanks in advance",
    "thanks again",
    "thanks so much",
    "thank you",
    "thank you in advance",
    "thank you very much",
    "thank you so much",
    "thank you and best regards",
    "thanks and regards",
    "thanks & regards",
    "thx",
    "cheers",
    "sincerely",
    "yours sincerely",
    "sincerely yours",
    "yours faithfully",
    "yours truly",
    "respectfully",
    "best",
    "all the best",
    "take care",
    "ty",
    "kr",
    "br",
    "have a nice day",
    "have a great day",
    "have a good day",
    "looking forward to your reply",
    "looking forward to hearing from you",
    "mit freundlichen grüßen",
    "viele grüße",
    "cordialement",
    "saludos",
];
const KOREAN_CLOSINGS: &[&str] = &[
    "감사합니다",
    "감사드립니다",
    "고맙습니다",
    "감사해요",
    "고마워요",
    "수고하세요",
    "수고하십시오",
    "수고하십시요",
    "수고 많으십니다",
    "수고 많으세요",
    "좋은 하루 되세요",
    "좋은하루 되세요",
    "좋은 하루 보내세요",
    "즐거운 하루 되세요",
    "행복한 하루 되세요",
    "좋은 주말 되세요",
    "이만 줄입니다",
    "답변 기다리겠습니다",
    "회신 부탁드립니다",
    "이상입니다",
];
/// Korean words that follow the name of the person who signs.
const SIGNED: &[&str] = &["드림", "올림", "배상", "拜上"];
/// Words that begin a greeting.
const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "dear",
    "good morning",
    "good afternoon",
    "good evening",
    "greetings",
    "to whom it may concern",
];
const KOREAN_GREETINGS: &[&str] = &[
    "안녕하세요",
    "안녕하십니까",
    "안녕하셔요",
    "안녕하세여",
    "안뇽하세요",
    "안녕",
    "수고하십니다",
    "수고 많으십니다",
    "수고많으십니다",
    "수고 많으세요",
    "수고가 많으십니다",
    "반갑습니다",
];
/// The most characters of a greeting with the name of the person greeted.
const GREETING: usize = 40;
/// Marks before the title of a reply or of a forwarded mail.
const REPLIES: &[&str] =
    &["re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "tr:", "답장:", "회신:", "전달:", "re :", "fw :", "[re]", "[fwd]"];

/// A title without "Re:", "Fwd:" and the like.
pub(super) fn without_reply_marks(title: &str) -> &str {
    let mut title = title.trim();
    loop {
        let marked = |mark: &&&str| title.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
        let Some(mark) = REPLIES.iter().find(marked) else { return title };
        title = title[mark.len()..].trim_start();
    }
}

/// Whether a line consists of a closing.
pub(super) fn is_closing(line: &str) -> bool {
    let line = super::plain(line);
    let (closing, name) = line.split_once([',', '，']).unwrap_or((&line, ""));
    let bare = bare(closing);
    let known = CLOSINGS.contains(&bare) || KOREAN_CLOSINGS.contains(&bare);
    known && name.split_whitespace().count() <= 3 && !name.contains(['?', '!'])
}

/// Whether a line is a signed name: "김민지 드림".
pub(super) fn is_signed(line: &str) -> bool {
    let line = bare(line.trim());
    let signed = SIGNED.iter().find_map(|end| line.strip_suffix(end));
    signed.is_some_and(|name| (2..=20).contains(&name.trim().chars().count()) && name.split_whitespace().count() <= 4)
}

fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | '!' | ',' | '~' | '^' | ':' | ')' | '*' | '-' | '♡' | '♥')
    })
}

/// The text without an initial greeting and a final closing.
pub(super) fn without(text: &str) -> Option<String> {
    let after = after_greeting(text);
    let own = before_closing(after);
    (own.len() < text.len()).then(|| own.to_owned())
}

fn after_greeting(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    let rest = |length: usize| {
        text[length..]
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '~' | '^' | ':' | '-'))
    };
    if let Some(greeting) = KOREAN_GREETINGS.iter().find(|greeting| line.starts_with(**greeting)) {
        let after = &line[greeting.len()..];
        // "안녕하세요 OO님", which is a line or sentence by itself.
        let whom = after.split_once(['.', ',', '!', '~']).map_or(after, |(whom, _)| whom);
        let named = whom.trim_end().ends_with('님') && whom.chars().count() <= 20;
        return match after.chars().next() {
            _ if named => rest(greeting.len() + whom.len()),
            Some(c) if c.is_alphanumeric() => text,
            _ => rest(greeting.len()),
        };
    }
    let lower = line.to_ascii_lowercase();
    let begins = |greeting: &&&str| {
        lower.strip_prefix(**greeting).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
    };
    if !GREETINGS.iter().any(|greeting| begins(&greeting)) {
        return text;
    }
    // The greeting ends at the first comma or mark, or at the end of the line where more lines follow.
    let end = line.find([',', '!', ':', '.', ';']).map_or(line.len(), |at| at + 1);
    let ends = end < line.len() || text.len() > line.len();
    let whom = line[..end].split_whitespace().skip(1);
    let greeted =
        whom.clone().count() <= 4 && line[..end].chars().count() <= GREETING && whom.clone().all(is_addressed);
    if ends && greeted { rest(end) } else { text }
}

/// Whether a word names the person greeted: a name, or "team", "there" and the like.
fn is_addressed(word: &str) -> bool {
    const GREETED: &[&str] = &[
        "there",
        "team",
        "all",
        "everyone",
        "everybody",
        "support",
        "sir",
        "madam",
        "guys",
        "folks",
        "sirs",
        "again",
        "to",
        "you",
        "morning",
        "afternoon",
        "evening",
        "customer",
        "service",
        "and",
        "or",
        "or/and",
        "whom",
        "it",
        "may",
        "concern",
        "dear",
        "friend",
        "friends",
        "ladies",
        "gentlemen",
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.is_empty()
        || GREETED.contains(&word.to_ascii_lowercase().as_str())
        || word.starts_with(|c: char| c.is_uppercase())
}

/// The text before its final closings, each of which is a separate line or sentence.
fn before_closing(text: &str) -> &str {
    let mut text = text.trim_end();
    loop {
        let line = text.rfind('\n').map_or(0, |at| at + 1);
        let (own, last) = text.split_at(line);
        if line > 0 && (is_closing(last) || is_signed(last)) {
            text = own.trim_end();
            continue;
        }
        match sentence_closing(last) {
            Some(kept) if kept > 0 || line > 0 => text = text[..line + kept].trim_end(),
            _ => return text,
        }
    }
}

/// The start of a closing that is the last sentence of a line.
fn sentence_closing(line: &str) -> Option<usize> {
    let ended =
        line.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '~' | '^' | ')' | '♡' | '♥'));
    let lower = ended.to_ascii_lowercase();
    let closing =
        CLOSINGS.iter().chain(KOREAN_CLOSINGS).filter(|closing| closing.len() > 3 && lower.ends_with(**closing));
    let at = lower.len() - closing.max_by_key(|closing| closing.len())?.len();
    let before = line[..at].trim_end();
    // A sentence must end before the closing: "정말 감사합니다" and "no thanks" are the customer's own words.
    let ends = before.ends_with(['.', '!', '?', '~', '…', ';'])
        || (before.ends_with([',', '-', '–']) && before.chars().count() > 20)
        || (line[at..].starts_with(|c: char| !c.is_ascii())
            && before.ends_with(['다', '요', '까', '죠', '오'])
            && line[..at].ends_with(' '));
    (ends && super::has_words(before)).then_some(before.len())
}
