//! Personal data taken out of a text before it leaves for another service: e-mail addresses, the queries of URLs, phone,
//! card, account, resident and other long numbers. It rather takes a harmless number too many than leaves a telling one.

/// So many digits that belong together are somebody's number.
const TELLING: usize = 7;
/// What may stand between two digits of one number.
const BETWEEN: &[char] = &[' ', '-', '.', '(', ')', '/', '–', '—', '‑', '－', '\u{a0}', '·', '_'];

/// The text with `[email]`, `[number]`, `[account]` in place of what tells who somebody is, and URLs without their users,
/// queries and fragments.
pub fn redact(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let end = word.trim_end_matches(char::is_whitespace).len();
        let (word, space) = word.split_at(end);
        words.push_str(&without_addresses(word));
        words.push_str(space);
    }
    without_numbers(&without_accounts(&words))
}

/// A word without what in it is an e-mail address or a URL's query.
fn without_addresses(word: &str) -> String {
    if let Some(at) = word.find("://") {
        let (scheme, rest) = word.split_at(at + 3);
        let (host, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let path = &tail[..tail.find(['?', '#']).unwrap_or(tail.len())];
        let kept = without_email(&format!("{host}{path}"));
        return format!("{scheme}{kept}{}", if path.len() < tail.len() { "?[removed]" } else { "" });
    }
    without_email(word)
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

/// Without what looks like an IBAN: two capitals, two digits, and 11 to 30 more letters and digits, in groups or not.
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

/// Without digits that belong together, at most two signs between them, where there are seven or more.
fn without_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
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

/// `2026-11-23` and `2026.11.23` say when, not who.
fn is_date(number: &str) -> bool {
    let parts: Vec<&str> = number.split(['-', '.', '/']).collect();
    let [year, month, day] = parts[..] else { return false };
    let within = |part: &str, most: u32| part.len() <= 2 && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n));
    year.len() == 4 && (year.starts_with("19") || year.starts_with("20")) && within(month, 12) && within(day, 31)
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
        ] {
            assert_eq!(redact(said), left);
        }
    }

    #[test]
    fn what_tells_nobody_stays() {
        for said in
            ["The app crashes since 4.2.1", "on 2026-11-23 it broke", "3,000원 환불", "@support help", "a @ b", ""]
        {
            assert_eq!(redact(said), said);
        }
    }

    #[test]
    fn redacting_twice_changes_nothing() {
        for said in ["a@b.co 010-1234-5678 https://x.y/?q=1", "DE89370400440532013000"] {
            assert_eq!(redact(&redact(said)), redact(said));
        }
    }
}
