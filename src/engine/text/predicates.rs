//! Korean predicates as noun phrases for titles: 거절돼요 is 거절, 안 와요 is 안 옴, 튕겨요 is 튕김.
//!
//! The phrases come from this program's table, so a title can use them without quoting a customer.

/// A predicate in its form for a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine) struct Predicate {
    /// Its index in the table; [`DONE`] is 됨, for verbal nouns.
    row: u8,
    /// Whether it is negated: 안, 못, -지 않다.
    pub denied: bool,
}

impl Predicate {
    /// The form in a title: 옴, 안 옴.
    pub fn shown(self) -> String {
        let phrase = TABLE.get(usize::from(self.row)).map_or("됨", |row| row.0);
        if self.denied { format!("안 {phrase}") } else { phrase.to_owned() }
    }

    /// Whether it is an act of the customer, not an event: 요청 and 문의.
    pub fn is_act(self) -> bool {
        TABLE.get(usize::from(self.row)).is_some_and(|row| matches!(row.0, "요청" | "문의"))
    }
}

/// Represents 됨 and 함 after a verbal noun.
const DONE: u8 = u8::MAX;

/// The phrase, whether it is used only when negated, and the beginnings of the words that mean it.
#[rustfmt::skip]
const TABLE: &[(&str, bool, &[&str])] = &[
    ("들어옴", true, &["들어와", "들어왔", "들어오", "들어옵", "들어온"]),
    ("나옴", true, &["나와", "나왔", "나오", "나옵", "나온"]),
    ("옴", true, &["와요", "와서", "왔", "오지", "오네", "옵니", "오는", "온다", "와용", "옴"]),
    ("감", true, &["가지", "갑니", "갔", "가져"]),
    ("뜸", true, &["떠요", "떠서", "떴", "뜨지", "뜨네", "뜹니", "뜨는", "뜸"]),
    ("열림", true, &["열려", "열리", "열렸", "열립"]),
    ("보임", true, &["보여", "보이", "보였", "보입"]),
    ("켜짐", true, &["켜져", "켜지", "켜졌", "켜집"]),
    ("눌림", true, &["눌려", "눌리", "눌렸", "눌립"]),
    ("읽힘", true, &["읽혀", "읽히", "읽혔"]),
    ("맞음", true, &["맞아", "맞지", "맞네", "맞습"]),
    ("찾음", true, &["찾아", "찾지", "찾을", "찾겠", "찾았"]),
    ("받음", true, &["받아", "받지", "받았", "받을", "받습"]),
    ("됨", true, &["돼", "되지", "되네", "되는데", "되고", "됩니", "됐", "되요", "된다", "되어", "됨"]),
    ("튕김", false, &["튕겨", "튕기", "튕김", "튕깁", "튕겼"]),
    ("꺼짐", false, &["꺼져", "꺼지", "꺼졌", "꺼집", "꺼짐"]),
    ("멈춤", false, &["멈춰", "멈추", "멈췄", "멈춥", "멈춤"]),
    ("느림", false, &["느려", "느리", "느립", "느린", "느림"]),
    ("끊김", false, &["끊겨", "끊기", "끊깁", "끊겼", "끊김"]),
    ("사라짐", false, &["사라져", "사라지", "사라졌", "사라집", "사라짐"]),
    ("깨짐", false, &["깨져", "깨지", "깨졌", "깨집", "깨짐"]),
    ("누락", false, &["누락", "빠져", "빠졌", "빠지", "빠짐"]),
    ("지연", false, &["지연", "늦는", "늦나", "늦어", "늦게", "늦네", "늦습", "늦었", "늦음", "늦고"]),
    ("작음", false, &["작아", "작습", "작네", "작은", "작고", "작음", "작다"]),
    ("비쌈", false, &["비싸", "비쌉", "비싼", "비쌈"]),
    ("어려움", false, &["어려워", "어렵", "어려움", "어려운"]),
    ("복잡", false, &["복잡"]),
    ("불편", false, &["불편"]),
    ("다름", false, &["달라", "다르", "다릅", "다름"]),
    ("없음", false, &["없어요", "없네", "없습", "없음", "없는데", "없다"]),
    ("잘림", false, &["잘려", "잘리", "잘렸", "잘립", "잘림"]),
    ("흐림", false, &["흐려", "흐리", "흐립"]),
    ("차가움", false, &["식어", "식었", "차가", "차갑"]),
    ("헷갈림", false, &["헷갈", "헛갈"]),
    ("요청", false, &["해주세", "해주셨", "주세요", "해줘", "해달", "해주시", "있었으면", "좋겠", "원해", "원함", "바랍니", "만들어", "넣어주", "바래"]),
    ("문의", false, &["어떻게", "언제", "어디서", "궁금", "알려", "되나요", "인가요", "있나요", "할까요", "가능한가", "되는건가", "뭔가요", "얼마"]),
];

/// Whether a word occurs in the table's phrases, so that it quotes nobody.
pub(in crate::engine) fn is_phrase(word: &str) -> bool {
    word == "됨" || TABLE.iter().any(|(phrase, _, _)| *phrase == word)
}

/// The predicate that a word is, if the table has it.
pub(in crate::engine) fn of(word: &str, before: &str, after: &str) -> Option<Predicate> {
    let (bare, joined) = match word.strip_prefix(['안', '못']) {
        Some(rest) if begins(rest).is_some_and(|row| TABLE[row].1) => (rest, true),
        _ => (word, false),
    };
    let row = begins(bare)?;
    let denied = joined || matches!(before, "안" | "못") || denied_after(bare, after);
    if TABLE[row].1 && !denied {
        return None;
    }
    Some(Predicate { row: u8::try_from(row).ok()?, denied: denied && TABLE[row].1 })
}

fn begins(word: &str) -> Option<usize> {
    TABLE.iter().position(|(_, _, beginnings)| beginnings.iter().any(|beginning| word.starts_with(beginning)))
}

/// -지 않다, -지 못하다, -지 안.
fn denied_after(word: &str, after: &str) -> bool {
    (word.ends_with('지') || word.ends_with("지가") || word.ends_with("지도")) && after.starts_with(['않', '못', '안'])
}

/// The negated predicate of a verbal noun: both 인식이 안 돼요 and 인식하지 못해요.
pub(in crate::engine) fn denied(word: &str, before: &str, after: &str) -> Option<Predicate> {
    (matches!(before, "안" | "못") || denied_after(word, after)).then_some(Predicate { row: DONE, denied: true })
}

/// The noun of a verb formed from a noun: 거절돼요 is 거절, 결제했는데 is 결제.
pub(in crate::engine) fn verbal_noun(word: &str) -> Option<&str> {
    let syllables: Vec<(usize, char)> = word.char_indices().collect();
    syllables.iter().skip(2).find_map(|(at, c)| {
        let (noun, ending) = word.split_at(*at);
        let begins = "하해했합할함되돼됐됩될됨".contains(*c)
            || matches!(ending, "한" | "된" | "한다" | "된다" | "한데" | "된데");
        let is_noun = NOUNS.iter().any(|other| ending.starts_with(other));
        let is_hangul = noun.chars().all(|c| ('가'..='힣').contains(&c));
        (begins && !is_noun && is_hangul).then_some(noun)
    })
}

/// Nouns that begin like a verb ending.
const NOUNS: &[&str] =
    &["할인", "할부", "해외", "해지", "합계", "하나", "하루", "한도", "해결", "되돌", "해제", "함께", "합산", "해킹"];

/// Whether a word is a verb or an adjective in a form that no table has.
pub(in crate::engine) fn is_inflected(word: &str) -> bool {
    let endings = [
        "요",
        "다",
        "서",
        "면",
        "고",
        "는데",
        "지만",
        "니까",
        "려고",
        "던",
        "죠",
        "네",
        "거든",
        "더라",
        "음",
        "기는",
        "면서",
        "어도",
        "아도",
        "해",
        "돼",
        "됨",
        "함",
        "겠",
        "었",
        "았",
        "였",
        "을까",
        "는지",
        "은지",
        "던지",
        "라고",
        "다고",
        "자고",
        "냐고",
        "하게",
        "하면",
        "하는",
        "되는",
        "있는",
        "없는",
        "싶은",
        "같은",
        "많은",
        "좋은",
        "큰",
        "작은",
        "새로운",
        "다른",
        "어서",
        "아서",
        "려면",
        "줘",
        "야",
        "듯",
    ];
    word.chars().count() > 1
        && endings.iter().any(|ending| word.ends_with(ending))
        && !KEPT.iter().any(|noun| word.ends_with(noun))
}

/// Nouns that end like verbs.
const KEPT: &[&str] = &[
    "광고",
    "보고",
    "신고",
    "참고",
    "재고",
    "창고",
    "경고",
    "사고",
    "화면",
    "장면",
    "라면",
    "측면",
    "서면",
    "전면",
    "부서",
    "순서",
    "문서",
    "계산서",
    "영수증",
    "신청서",
    "견적서",
    "증명서",
    "보험",
    "필요",
    "주요",
    "수요",
    "비밀번호",
    "바다",
    "모서",
    "설명서",
    "앱",
    "다음",
    "마음",
    "소음",
    "녹음",
    "얼음",
    "음",
    "이해",
    "피해",
    "손해",
    "방해",
    "항해",
    "오해",
    "서버네",
    "동네",
    "가게",
    "분야",
    "시야",
];
