//! What stands before a number tells what it is: a telephone, an account, or the number of an order.

/// How many characters before and after a number are looked at.
const NEAR: usize = 24;

/// Words after which a number is one of an order, a parcel, a ticket or a version, and so nobody's.
const NUMBERED: [&str; 44] = [
    "order",
    "order no",
    "order number",
    "invoice",
    "receipt",
    "tracking",
    "parcel",
    "shipment",
    "ticket",
    "case",
    "issue",
    "bug",
    "build",
    "version",
    "serial",
    "serial number",
    "sn",
    "model",
    "sku",
    "ref",
    "reference",
    "id",
    "booking",
    "transaction",
    "coupon",
    "주문",
    "주문번호",
    "주문 번호",
    "송장",
    "송장번호",
    "운송장",
    "운송장번호",
    "운송장 번호",
    "영수증",
    "승인번호",
    "거래번호",
    "접수번호",
    "문의번호",
    "예약번호",
    "버전",
    "빌드",
    "시리얼",
    "모델",
    "상품번호",
];

/// Words about telephones.
const PHONE: [&str; 21] = [
    "phone",
    "tel",
    "mobile",
    "cell",
    "call",
    "text me",
    "sms",
    "whatsapp",
    "fax",
    "contact",
    "reach me",
    "전화",
    "연락처",
    "연락",
    "휴대폰",
    "핸드폰",
    "휴대전화",
    "번호는",
    "문자",
    "팩스",
    "모바일",
];

/// Words about bank accounts.
const ACCOUNT: [&str; 33] = [
    "account",
    "acct",
    "bank",
    "iban",
    "transfer",
    "deposit",
    "refund to",
    "계좌",
    "은행",
    "입금",
    "송금",
    "이체",
    "환불 계좌",
    "예금주",
    "국민",
    "신한",
    "우리은행",
    "하나",
    "농협",
    "기업",
    "카카오뱅크",
    "카뱅",
    "토스뱅크",
    "케이뱅크",
    "새마을금고",
    "우체국",
    "수협",
    "신협",
    "대구은행",
    "부산은행",
    "sc제일",
    "ibk",
    "kb",
];

/// Words about passports.
const PASSPORT: [&str; 3] = ["passport", "여권", "travel document"];

/// Whether words before a number announce a telephone.
pub(super) fn announces_phone(before: &str) -> bool {
    near(&PHONE, before, "")
}

/// Whether words before or after a number announce a bank account.
pub(super) fn announces_account(before: &str, after: &str) -> bool {
    near(&ACCOUNT, before, after)
}

/// Whether words before a code announce a passport.
pub(super) fn announces_passport(before: &str) -> bool {
    near(&PASSPORT, before, "")
}

fn near(words: &[&str], before: &str, after: &str) -> bool {
    let before = tail(before);
    let after: String = after.chars().take(NEAR / 2).collect::<String>().to_lowercase();
    words.iter().any(|word| has_word(&before, word) || has_word(&after, word))
}

/// Whether the number after this text is numbered by a word, as an order is: `order #`, `주문번호:`.
pub(super) fn is_numbered(before: &str) -> bool {
    let near = tail(before);
    let near =
        near.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '#' | '(' | '[' | '.' | '-'));
    let near = near
        .trim_end_matches("no")
        .trim_end_matches(" number")
        .trim_end_matches(" is")
        .trim_end_matches("는")
        .trim_end();
    NUMBERED.iter().any(|word| {
        near.strip_suffix(word)
            .is_some_and(|rest| !rest.chars().next_back().is_some_and(char::is_alphanumeric) || !word.is_ascii())
    })
}

/// The last characters of a line, in small letters.
fn tail(before: &str) -> String {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let start = line.char_indices().rev().nth(NEAR - 1).map_or(0, |(at, _)| at);
    line[start..].to_lowercase()
}

/// Whether a text has a word; an English one not as a part of another word.
fn has_word(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        !letter(text[..at].chars().next_back()) && !letter(text[at + word.len()..].chars().next())
    })
}
