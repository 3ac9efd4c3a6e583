//! Korean statements: the grammar of a title in Korean, which is a noun phrase whose last word says what happens.

use super::statement::Statement;
use crate::engine::wording::wish::Wish;

/// The statement of a title.
pub(in crate::engine) fn statement(title: &str, wish: Wish) -> Option<Statement> {
    let words: Vec<&str> = title.split_whitespace().collect();
    let (last, before) = words.split_last()?;
    if let Some(matter) =
        ["관련 문제", "관련 요청", "관련 문의", "관련 칭찬", "관련 의견"].iter().find_map(|end| title.strip_suffix(end))
    {
        return Some(neutral(matter.trim().to_owned(), wish));
    }
    if matches!(*last, "의견" | "칭찬") && !before.is_empty() {
        return Some(neutral(before.join(" "), wish));
    }
    let asks = matches!(*last, "요청" | "문의" | "질문" | "건의" | "희망");
    let (words, last, before) = match asks && !before.is_empty() {
        true => (before, before[before.len() - 1], &before[..before.len() - 1]),
        false => (words.as_slice(), *last, before),
    };
    let matter = words.join(" ");
    let wish = match title.split_whitespace().last() {
        Some("문의" | "질문") if wish != Wish::Fix => Wish::Answer,
        Some("요청" | "건의" | "희망") => Wish::Build,
        _ => wish,
    };
    match wish {
        Wish::Answer => Some(Statement::Know { matter: without_way(matter) }),
        Wish::Keep => Some(Statement::Stay { matter }),
        Wish::Build => Some(wanted(matter, before, last, asks)),
        Wish::Fix => Some(trouble(matter, before, last)),
    }
}

fn neutral(matter: String, wish: Wish) -> Statement {
    match wish {
        Wish::Fix => Statement::Without { matter },
        Wish::Build => Statement::Asked { matter },
        Wish::Answer => Statement::Know { matter },
        Wish::Keep => Statement::Stay { matter },
    }
}

fn without_way(matter: String) -> String {
    matter.strip_suffix(" 여부").map_or(matter.clone(), str::to_owned)
}

/// "알림 추가": 알림이 추가되기를; "다크 모드": 다크 모드를 이용할 수 있기를.
fn wanted(matter: String, before: &[&str], last: &str, asks: bool) -> Statement {
    if before.last() == Some(&"안") {
        return trouble(matter, before, last);
    }
    let subject = before.join(" ");
    if !subject.is_empty() && DONE_BY_CUSTOMERS.contains(&last) {
        let particle = if subject.chars().last().is_some_and(has_final) { "을" } else { "를" };
        return Statement::Able { verb: format!("{subject}{particle} {last}할") };
    }
    if !subject.is_empty() && (DONE_TO.contains(&last) || (asks && ENDED.contains(&last))) {
        return Statement::Observed { subject, request: format!("{last}되기를"), observed: format!("{last}된다") };
    }
    if TROUBLE_DONE.contains(&last) || NOUNS_OF_TROUBLE.iter().any(|noun| last.ends_with(noun)) || stem(last).is_some()
    {
        return trouble(matter, before, last);
    }
    match before.is_empty() {
        true => Statement::Asked { matter },
        false => Statement::Have { matter, plural: false },
    }
}

/// What customers do themselves once they can: 주소를 변경할 수 있다.
const DONE_BY_CUSTOMERS: &[&str] = &[
    "변경",
    "수정",
    "선택",
    "설정",
    "조회",
    "확인",
    "저장",
    "공유",
    "검색",
    "정렬",
    "분할",
    "등록",
    "지정",
    "예약",
    "신청",
    "다운로드",
];

/// What customers ask to be ended.
const ENDED: &[&str] = &["취소", "해지", "삭제", "해제", "초기화", "차단", "정지", "중단"];

/// Verbal nouns of requests that take 되다.
#[rustfmt::skip]
const DONE_TO: &[&str] = &[
    "추가", "지원", "연동", "개선", "변경", "확대", "허용", "제공", "도입", "표시", "적용", "개방", "연장", "단축", "인하", "할인",
    "상향", "정렬", "분할", "공개", "구분", "분리", "통합", "자동화", "개편", "수정", "보완", "강화", "완화", "확장", "생성", "발급", "설치", "배치", "출시",
];
/// Verbal nouns of troubles that take 되다.
#[rustfmt::skip]
const TROUBLE_DONE: &[&str] = &[
    "거절", "지연", "종료", "취소", "반려", "차단", "누락", "중단", "삭제", "초기화", "정지", "제한", "중복", "마감", "품절", "파손", "분실",
    "유출", "오염", "변질", "인출", "청구", "부과", "해제", "해지", "잠김", "거부", "연체", "보류", "오배송", "훼손", "끊김",
];
const NOUNS_OF_TROUBLE: &[&str] = &[
    "오류",
    "에러",
    "버그",
    "장애",
    "문제",
    "불편",
    "불량",
    "하자",
    "지체",
    "혼란",
    "피해",
    "결함",
    "소음",
    "냄새",
    "불친절",
    "과다",
    "이중결제",
    "중복결제",
    "부족",
];

fn trouble(matter: String, before: &[&str], last: &str) -> Statement {
    let denied = matches!(before.last(), Some(&"안" | &"못"));
    let subject = if denied { before[..before.len() - 1].join(" ") } else { before.join(" ") };
    if subject.is_empty() {
        return Statement::Without { matter };
    }
    if let Some(noun) = last.strip_prefix('미').filter(|noun| noun.chars().count() == 2) {
        return Statement::Observed { subject, request: format!("{noun}되기를"), observed: format!("{noun}된다") };
    }
    if last == "없음" {
        // "미입금 없음" would be denied twice.
        return match before.iter().any(|word| word.starts_with('미')) {
            true => Statement::Without { matter: subject },
            false => Statement::Observed { subject, request: "있기를".to_owned(), observed: "있다".to_owned() },
        };
    }
    if let Some((stem, adjective)) = stem(last) {
        // What is said not to be small or late is still to be neither.
        let denied = denied && !adjective;
        let present = if denied {
            present(&stem, adjective)
        } else {
            format!("{stem}지 {}", if adjective { "않다" } else { "않는다" })
        };
        let request = if denied { format!("{stem}기를") } else { format!("{stem}지 않기를") };
        return Statement::Observed { subject, request, observed: present };
    }
    if let Some(noun) = last.strip_suffix("불가").filter(|noun| !noun.is_empty()) {
        return Statement::Observed { subject, request: format!("{noun}되기를"), observed: format!("{noun}된다") };
    }
    if last == "불가" && before.len() > 1 {
        let subject = before[..before.len() - 1].join(" ");
        let noun = before[before.len() - 1];
        return Statement::Observed { subject, request: format!("{noun}되기를"), observed: format!("{noun}된다") };
    }
    let is_double = before.first().is_some_and(|word| matches!(*word, "중복" | "이중" | "부당" | "무단" | "과다"));
    match () {
        () if is_double && !TROUBLE_DONE.contains(&last) => Statement::No { matter },
        () if last == "과다" => {
            Statement::Observed {
                subject, request: "과다하지 않기를".to_owned(), observed: "과다하지 않다".to_owned()
            }
        }
        () if last == "실패" => Statement::Observed {
            subject,
            request: "실패하지 않기를".to_owned(),
            observed: "실패하지 않는다".to_owned(),
        },
        () if TROUBLE_DONE.contains(&last) => Statement::Observed {
            subject,
            request: format!("{last}되지 않기를"),
            observed: format!("{last}되지 않는다"),
        },
        () if NOUNS_OF_TROUBLE.iter().any(|noun| last.ends_with(noun)) => Statement::No { matter },
        () => Statement::Without { matter },
    }
}

/// The stem of a nominal form in -ㅁ or -음, and whether it is an adjective: 옴 is 오, 느림 is 느리.
fn stem(nominal: &str) -> Option<(String, bool)> {
    if let Some((_, stem, adjective)) = IRREGULAR.iter().find(|(form, _, _)| *form == nominal) {
        return Some(((*stem).to_owned(), *adjective));
    }
    if let Some(rest) =
        nominal.strip_suffix('음').filter(|rest| !rest.is_empty() && rest.chars().last().is_some_and(has_final))
    {
        return Some((rest.to_owned(), false));
    }
    let last = nominal.chars().last()?;
    let code = u32::from(last).checked_sub(u32::from('가')).filter(|code| *code < 11_172)?;
    let is_verb = nominal.ends_with(['짐', '림', '킴', '됨', '옴', '뜸', '힘', '임', '김', '춤'])
        && !NOT_VERBS.contains(&nominal);
    if code % 28 != 16 || !is_verb {
        return None;
    }
    let open = char::from_u32(u32::from(last) - 16)?;
    let rest: String = nominal.chars().take(nominal.chars().count() - 1).collect();
    Some((format!("{rest}{open}"), false))
}

/// Nouns that end like a nominal form.
const NOT_VERBS: &[&str] = &[
    "알림",
    "그림",
    "느낌",
    "모임",
    "게임",
    "책임",
    "드림",
    "예감",
    "마감",
    "공감",
    "영감",
    "잔고임",
    "김",
    "힘",
    "프레임",
    "스팀",
    "불림",
];

const IRREGULAR: &[(&str, &str, bool)] = &[
    ("느림", "느리", true),
    ("비쌈", "비싸", true),
    ("작음", "작", true),
    ("큼", "크", true),
    ("어려움", "어렵", true),
    ("복잡", "복잡하", true),
    ("불편", "불편하", true),
    ("불편함", "불편하", true),
    ("다름", "다르", true),
    ("흐림", "흐리", true),
    ("차가움", "차갑", true),
    ("헷갈림", "헷갈리", false),
    ("좁음", "좁", true),
    ("많음", "많", true),
    ("적음", "적", true),
    ("낮음", "낮", true),
    ("높음", "높", true),
    ("짧음", "짧", true),
    ("김", "길", true),
    ("무거움", "무겁", true),
    ("더러움", "더럽", true),
    ("시끄러움", "시끄럽", true),
    ("늦음", "늦", true),
    ("부족", "부족하", true),
    ("부족함", "부족하", true),
    ("불친절", "불친절하", true),
    ("불친절함", "불친절하", true),
    ("찾음", "찾", false),
    ("받음", "받", false),
    ("맞음", "맞", false),
];

fn has_final(c: char) -> bool {
    u32::from(c).checked_sub(u32::from('가')).is_some_and(|code| code < 11_172 && code % 28 != 0)
}

/// The final consonants ㄴ and ㄹ, as they are counted in a syllable.
const N: u32 = 4;
const L: u32 = 8;

/// The plain present of a stem: 오 is 온다, 줄어들 is 줄어든다, 맞 is 맞는다, 작 is 작다.
pub(in crate::engine) fn present(stem: &str, adjective: bool) -> String {
    if adjective {
        return format!("{stem}다");
    }
    let open = stem.chars().last().and_then(|last| match u32::from(last).checked_sub(u32::from('가'))? % 28 {
        0 => Some(u32::from(last)),
        L => Some(u32::from(last) - L),
        _ => None,
    });
    match open.and_then(|open| char::from_u32(open + N)) {
        Some(closed) => {
            let rest: String = stem.chars().take(stem.chars().count() - 1).collect();
            format!("{rest}{closed}다")
        }
        None => format!("{stem}는다"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_present_of_a_stem() {
        let stems = ["오", "줄어들", "열리", "맞", "a", ""];
        assert_eq!(stems.map(|stem| present(stem, false)), ["온다", "줄어든다", "열린다", "맞는다", "a는다", "는다"]);
        assert_eq!(present("작", true), "작다");
    }

    fn said(title: &str, wish: Wish) -> (String, String) {
        let found = statement(title, wish).unwrap_or(Statement::Stay { matter: title.to_owned() });
        (found.want(true), found.then(true))
    }

    #[test]
    fn troubles_do_not_occur() {
        for (title, want, then) in [
            ("환불 지연", "환불이 지연되지 않기를 원합니다", "환불이 지연되지 않는다"),
            ("인증번호 문자 안 옴", "인증번호 문자가 오기를 원합니다", "인증번호 문자가 온다"),
            ("카드 결제 거절", "카드 결제가 거절되지 않기를 원합니다", "카드 결제가 거절되지 않는다"),
            ("정산 안 늦음", "정산이 늦지 않기를 원합니다", "정산이 늦지 않다"),
            (
                "메일 내용 민감",
                "메일 내용 민감 문제가 해결되기를 원합니다",
                "메일 내용 민감 문제가 더 이상 발생하지 않는다",
            ),
            ("로딩 느림", "로딩이 느리지 않기를 원합니다", "로딩이 느리지 않다"),
            ("카드 단말기 끊김", "카드 단말기가 끊기지 않기를 원합니다", "카드 단말기가 끊기지 않는다"),
            ("로그인 오류", "로그인 오류가 없기를 원합니다", "로그인 오류가 발생하지 않는다"),
            ("QR 코드 인식 안 됨", "QR 코드 인식이 되기를 원합니다", "QR 코드 인식이 된다"),
            ("중복 결제", "중복 결제가 없기를 원합니다", "중복 결제가 발생하지 않는다"),
            ("정산금 미입금", "정산금이 입금되기를 원합니다", "정산금이 입금된다"),
            ("취소 버튼 없음", "취소 버튼이 있기를 원합니다", "취소 버튼이 있다"),
            ("정산 관련 문제", "정산 문제가 해결되기를 원합니다", "정산 문제가 더 이상 발생하지 않는다"),
        ] {
            assert_eq!(said(title, Wish::Fix), (want.to_owned(), then.to_owned()), "{title}");
        }
    }

    #[test]
    fn requests_are_fulfilled_and_questions_answered() {
        assert_eq!(said("알림 추가 요청", Wish::Build).0, "알림이 추가되기를 원합니다");
        assert_eq!(said("배송 주소 변경 요청", Wish::Build).1, "고객이 배송 주소를 변경할 수 있다");
        assert_eq!(said("가족 등록 요청", Wish::Build).0, "가족을 등록할 수 있기를 원합니다");
        assert_eq!(said("중복 결제 취소 요청", Wish::Fix).0, "중복 결제가 취소되기를 원합니다");
        assert_eq!(said("글씨 요청", Wish::Build).0, "글씨 관련 요청이 반영되기를 원합니다");
        assert_eq!(said("다크 모드", Wish::Build).1, "고객이 다크 모드를 이용할 수 있다");
        assert_eq!(said("환율 기준 문의", Wish::Answer).1, "고객이 따로 문의하지 않고도 환율 기준에 대한 답을 찾는다");
    }
}
