//! Redaction: removal of personal data from a text before it is sent out. It covers e-mail addresses, also spelled out;
//! phone, card, account, resident and other long numbers, also in words; user handles; queries and ids in URLs; and
//! names that the form of the text reveals (`names.rs`). In doubt it removes a harmless number rather than keep a
//! personal one. `kinds.rs` masks chosen kinds before a text is stored.

mod context;
pub mod kinds;
mod names;
mod numbers;
mod spelled;

/// A number with at least this many digits may identify a person.
const TELLING: usize = 7;
/// Characters that may stand between two digits of one number.
const BETWEEN: &[char] = &[' ', '-', '.', '(', ')', '/', '–', '—', '‑', '－', '\u{a0}', '·', '_'];

/// The placeholders for removed data.
const MARKS: [&str; 6] = ["[email]", "[number]", "[account]", "[handle]", "[name]", "[id]"];

/// Whether a text contains what looks like personal data.
pub fn is_personal(text: &str) -> bool {
    let redacted = redact(text);
    redacted != text && MARKS.iter().any(|mark| redacted.matches(mark).count() > text.matches(mark).count())
}

/// The text with `[email]`, `[number]`, `[account]`, `[handle]`, `[name]` and `[id]` in place of personal data, and
/// URLs without user, query and fragment.
pub fn redact(text: &str) -> String {
    let text = &spelled::without_spelled(text);
    let mut words = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let end = word.trim_end_matches(char::is_whitespace).len();
        let (word, space) = word.split_at(end);
        words.push_str(&without_addresses(word));
        words.push_str(space);
    }
    names::without_names(&without_handles(&without_numbers(&without_accounts(&words))))
}

/// The text without `@name`, and without a word that follows "id" or "user name".
fn without_handles(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let mut kept = String::with_capacity(text.len());
    let mut announced = false;
    for word in text.split_inclusive(char::is_whitespace) {
        let (start, rest) = word.split_at(word.find(['@', '＠']).unwrap_or(word.len()));
        let name = rest.trim_start_matches(['@', '＠']);
        let length = name.find(|c: char| !is_part(c)).unwrap_or(name.len());
        let plain = word.trim_end();
        let is_id = announced && plain.len() >= 3 && plain.is_ascii() && plain.contains(|c: char| !c.is_alphabetic());
        if is_id && plain.trim_end_matches(['.', ',', ')']).chars().all(is_part) {
            kept.push_str("[handle]");
            kept.push_str(&word[plain.len()..]);
        } else if length >= 2 && !start.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            kept.push_str(start);
            kept.push_str("[handle]");
            kept.push_str(&name[length..]);
        } else {
            kept.push_str(word);
        }
        announced = ANNOUNCES_HANDLE.contains(&plain.trim_end_matches([':', '：']).to_lowercase().as_str());
    }
    kept
}

/// Words that announce a user name.
const ANNOUNCES_HANDLE: &[&str] = &[
    "id",
    "username",
    "userid",
    "nickname",
    "handle",
    "telegram",
    "kakao",
    "kakaotalk",
    "instagram",
    "insta",
    "twitter",
    "아이디",
    "아이디는",
    "아이디가",
    "카톡",
    "카카오톡",
    "텔레그램",
    "인스타",
    "인스타그램",
    "닉네임",
    "닉네임은",
    "계정은",
    "라인",
];

/// A word without e-mail addresses and URL queries in it.
fn without_addresses(word: &str) -> String {
    if let Some(at) = word.find("://") {
        let (scheme, rest) = word.split_at(at + 3);
        let (host, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let path = &tail[..tail.find(['?', '#']).unwrap_or(tail.len())];
        let segments: Vec<&str> = path.split('/').map(|part| if is_id(part) { "[id]" } else { part }).collect();
        let kept = without_email(&format!("{host}{}", segments.join("/")));
        return format!("{scheme}{kept}{}", if path.len() < tail.len() { "?[removed]" } else { "" });
    }
    without_email(word)
}

/// Whether a path segment of a URL identifies one thing: a UUID, a hash, an order number.
fn is_id(part: &str) -> bool {
    let part = part.trim_end_matches(['.', ',', ')']);
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
    let only = part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let is_number = letters == 0 && (4..TELLING).contains(&digits) && !is_year(part);
    only && (is_number || (letters > 0 && digits >= 3 && part.len() >= 10))
}

fn is_year(part: &str) -> bool {
    part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))
}

fn without_email(word: &str) -> String {
    let local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let domain = |c: char| {
        c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric() && !is_hangul(c)) || c == '.' || c == '-'
    };
    let mut found = String::new();
    let mut rest = word;
    while let Some(at) = rest.find(['@', '＠']) {
        let sign = rest[at..].chars().next().map_or(1, char::len_utf8);
        let start = rest[..at].char_indices().rev().take_while(|(_, c)| local(*c)).last().map(|(i, _)| i);
        let after = &rest[at + sign..];
        let length = after.find(|c: char| !domain(c)).unwrap_or(after.len());
        match start {
            Some(start) if length >= 2 => {
                found.push_str(&rest[..start]);
                found.push_str("[email]");
            }
            _ => found.push_str(&rest[..at + sign + length]),
        }
        rest = &after[length..];
    }
    found + rest
}

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c) || ('ㄱ'..='ㆎ').contains(&c)
}

/// The text without what looks like an IBAN: two capitals, two digits, and 11 to 30 more letters and digits, grouped or
/// not.
fn without_accounts(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let starts = at == 0 || !chars[at - 1].is_ascii_alphanumeric();
        match starts.then(|| account_end(&chars, at)).flatten() {
            Some(end) => {
                kept.push_str("[account]");
                at = end;
            }
            None => {
                kept.push(chars[at]);
                at += 1;
            }
        }
    }
    kept
}

fn account_end(chars: &[char], start: usize) -> Option<usize> {
    let head = chars.get(start..start + 4)?;
    let capital = head[0].is_ascii_alphabetic() && head[1].is_ascii_alphabetic();
    if !(capital && head[2].is_ascii_digit() && head[3].is_ascii_digit()) {
        return None;
    }
    let (mut count, mut digits, mut end) = (4, 2, start + 4);
    while let Some(c) = chars.get(end) {
        let grouped = *c == ' ' && chars.get(end + 1).is_some_and(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        if c.is_ascii_digit() || c.is_ascii_alphabetic() {
            (count, digits) = (count + 1, digits + usize::from(c.is_ascii_digit()));
        } else if !grouped {
            break;
        }
        if count > 34 {
            break;
        }
        end += 1;
    }
    (count >= 15 && digits >= 8).then_some(end)
}

/// The text without numbers of seven or more digits, where at most two other characters stand between two digits.
fn without_numbers(text: &str) -> String {
    let chars = with_typed_digits(text);
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_numeric() {
            kept.push(chars[at]);
            at += 1;
            continue;
        }
        let (mut end, mut digits) = (at, 0);
        let mut next = at;
        while next < chars.len() && next - end <= 2 {
            if chars[next].is_numeric() {
                (digits, end) = (digits + 1, next + 1);
            } else if !BETWEEN.contains(&chars[next]) {
                break;
            }
            next += 1;
        }
        let number: String = chars[at..end].iter().collect();
        if digits >= TELLING && !is_date(&number) {
            if kept.ends_with('+') {
                kept.pop();
            }
            kept.push_str("[number]");
        } else {
            kept.push_str(&number);
        }
        at = end;
    }
    kept
}

/// The characters of a text, with `O` and `l` read as digits where they stand in a number: `O1O-1234-5678`.
fn with_typed_digits(text: &str) -> Vec<char> {
    let chars: Vec<char> = text.chars().collect();
    let stands_for = |at: usize| match chars[at] {
        'o' | 'O' => Some('0'),
        'l' | 'I' => Some('1'),
        _ => None,
    };
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphabetic());
    let mut typed = chars.clone();
    for (at, typed) in typed.iter_mut().enumerate() {
        let Some(digit) = stands_for(at) else { continue };
        let (before, after) = (at.checked_sub(1).and_then(|at| chars.get(at)), chars.get(at + 1));
        let beside_digit = [before, after].iter().any(|c| c.is_some_and(|c| c.is_numeric()));
        let in_word = [before, after].iter().any(|c| is_word(*c) && !matches!(c, Some('o' | 'O' | 'l' | 'I')));
        if beside_digit && !in_word {
            *typed = digit;
        }
    }
    // Only numbers that are long enough are changed; all other text stays as it was typed.
    let digits = typed.iter().filter(|c| c.is_numeric()).count();
    if digits >= TELLING { typed } else { chars }
}

/// Whether a number is a date, which identifies nobody: `2026-11-23`, `2026.11.23`.
fn is_date(number: &str) -> bool {
    let parts: Vec<&str> = number.split(['-', '.', '/']).collect();
    let [year, month, day] = parts[..] else { return false };
    let within = |part: &str, most: u32| part.len() <= 2 && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n));
    is_year(year) && within(month, 12) && within(day, 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_taken_out() {
        for (said, left) in [
            ("write to jane.doe+x@mail.example.com, please", "write to [email], please"),
            ("<jane@example.com>", "<[email]>"),
            ("메일은 kim@example.co.kr로 주세요", "메일은 [email]로 주세요"),
            ("전화 010-1234-5678 주세요", "전화 [number] 주세요"),
            ("01012345678로 연락", "[number]로 연락"),
            ("+82 10 1234 5678", "[number]"),
            ("02)123-4567입니다", "[number]입니다"),
            ("주민번호 900101-1234567", "주민번호 [number]"),
            ("card 4111 1111 1111 1111 was charged", "card [number] was charged"),
            ("call (555) 123-4567", "call ([number]"),
            ("IBAN DE89 3704 0044 0532 0130 00 is mine", "IBAN [account] is mine"),
            ("GB29NWBK60161331926819", "[account]"),
            ("０１０－1234－5678", "[number]"),
            ("see https://u:p@shop.example/o?token=abc#x now", "see https://shop.example/o?[removed] now"),
            ("https://shop.example/orders/20231234567", "https://shop.example/orders/[number]"),
            ("https://shop.example/u/48213/cart", "https://shop.example/u/[id]/cart"),
            ("https://a.example/f/0192f3a0-aaaa-7bbb-8ccc-000000000001", "https://a.example/f/[id]"),
            ("@support help", "[handle] help"),
            ("트위터 @minji_91로 연락", "트위터 [handle] 연락"),
            ("my username: dragon_99 please", "my username: [handle] please"),
            ("카톡 아이디 minji91 추가", "카톡 아이디 [handle] 추가"),
            ("call O1O-1234-5678", "call [number]"),
            ("jane dot doe at example dot com is mine", "[email] is mine"),
            ("mail jane(at)example.com", "mail [email]"),
            ("공일공 일이삼사 오육칠팔로 전화", "[number]로 전화"),
            ("zero one zero one two three four five six seven eight", "[number]"),
            ("김서연(010-2345-6789)인데 지문 등록 화면이 멈춥니다", "[name]([number])인데 지문 등록 화면이 멈춥니다"),
            ("Hannah Schmidt (010-2345-6789): it fails", "[name] ([number]): it fails"),
            ("김서연님이 도와주셨어요", "[name]님이 도와주셨어요"),
            ("김서연 고객님 문의", "[name] 고객님 문의"),
            ("Mr. Brandt said so", "Mr. [name] said so"),
            ("my name is Hannah Schmidt and it fails", "my name is [name] and it fails"),
            ("It fails.\n\nBest regards,\nHannah Schmidt", "It fails.\n\nBest regards,\n[name]"),
            ("환불해 주세요. 김서연 드림", "환불해 주세요. [name] 드림"),
        ] {
            assert_eq!(redact(said), left);
        }
    }

    #[test]
    fn what_tells_nobody_stays() {
        for said in [
            "The app crashes since 4.2.1",
            "on 2026-11-23 it broke",
            "3,000원 환불",
            "a @ b",
            "",
            "고객님 안녕하세요",
            "사장님께 여쭤봤어요",
            "see https://docs.example/changelog/2026/setup-guide",
            "look at the dot on the map",
            "one or two or three of us",
            "정산일입니다",
            "10 l of milk",
        ] {
            assert_eq!(redact(said), said);
        }
    }

    #[test]
    fn redacting_twice_changes_nothing() {
        for said in ["a@b.co 010-1234-5678 https://x.y/?q=1", "DE89370400440532013000", "김서연님 @minji"] {
            assert_eq!(redact(&redact(said)), redact(said));
        }
    }
}
