//! Tests with texts in several languages.

use uuid::Uuid;

use super::{Grouper, Settings};

fn grouped(texts: &[(&str, &str)]) -> Grouper {
    let mut grouper = Grouper::new(Settings::default());
    let mut themes = 0;
    for (n, (_, text)) in texts.iter().enumerate() {
        grouper.assign(Uuid::from_u128(n as u128), text, || {
            themes += 1;
            Uuid::from_u128(1 << 64 | themes)
        });
    }
    grouper
}

/// The share of texts whose nearest other text has their subject.
fn apart(texts: &[(&str, &str)]) -> f64 {
    let grouper = grouped(texts);
    let with_own = texts.iter().enumerate().filter(|(n, (subject, text))| {
        let near = grouper.nearest(text, 2);
        let nearest = near.iter().map(|near| near.id.as_u128() as usize).find(|id| id != n);
        nearest.is_some_and(|id| texts[id].0 == *subject)
    });
    with_own.count() as f64 / texts.len() as f64
}

#[test]
fn subjects_stay_apart_in_languages_that_the_vectors_hardly_know() {
    let german = [
        ("refund", "Die Rückerstattung ist noch nicht da"),
        ("refund", "Wann kommt meine Rückerstattung?"),
        ("refund", "Rückerstattung seit drei Wochen offen"),
        ("login", "Ich kann mich nicht anmelden"),
        ("login", "Die Anmeldung schlägt fehl"),
        ("login", "Anmelden geht seit gestern nicht"),
    ];
    let spanish = [
        ("refund", "El reembolso no ha llegado"),
        ("refund", "¿Cuándo llega mi reembolso?"),
        ("refund", "Espero un reembolso desde hace semanas"),
        ("login", "No puedo iniciar sesión"),
        ("login", "Error al iniciar sesión"),
        ("login", "Iniciar sesión no funciona desde ayer"),
    ];
    let japanese = [
        ("refund", "返金がまだ届いていません"),
        ("refund", "返金はいつ届きますか"),
        ("refund", "返金が三週間たっても来ない"),
        ("login", "ログインできません"),
        ("login", "ログインするとエラーになる"),
        ("login", "昨日からログインできない"),
    ];
    let chinese = [
        ("refund", "退款还没有到账"),
        ("refund", "退款什么时候到"),
        ("refund", "我的退款等了三周"),
        ("login", "无法登录"),
        ("login", "登录时出现错误"),
        ("login", "从昨天开始不能登录"),
    ];
    for texts in [german, spanish, japanese, chinese] {
        assert!(apart(&texts) >= 0.8, "{} {texts:?}", apart(&texts));
    }
}

/// Three English and three Korean texts about each of some subjects.
const SUBJECTS: [[&str; 6]; 6] = [
    [
        "my refund has not arrived",
        "the money back is still missing",
        "waiting for my refund since last week",
        "환불이 아직 안 들어왔어요",
        "환불금이 안 왔어요",
        "지난주부터 환불을 기다리고 있어요",
    ],
    [
        "please add a dark mode",
        "a dark theme would be nice at night",
        "the white screen hurts my eyes, I want dark mode",
        "다크 모드를 추가해 주세요",
        "밤에 쓰게 어두운 테마가 있으면 좋겠어요",
        "화면이 너무 밝아요 다크 모드 원해요",
    ],
    [
        "the app crashes on start",
        "it closes by itself when I open the app",
        "app keeps crashing after the update",
        "앱을 켜면 바로 꺼져요",
        "앱이 시작할 때 튕겨요",
        "업데이트 후에 앱이 계속 강제 종료돼요",
    ],
    [
        "I forgot my password",
        "how can I reset my password",
        "the password reset mail does not come",
        "비밀번호를 잊어버렸어요",
        "비밀번호 재설정은 어떻게 하나요",
        "비밀번호 재설정 메일이 안 와요",
    ],
    [
        "the delivery is late",
        "my parcel was delivered to the wrong address",
        "where is my package",
        "배송이 너무 늦어요",
        "택배가 다른 주소로 배달됐어요",
        "제 택배가 어디 있나요",
    ],
    [
        "my credit card was declined",
        "card payment fails at the checkout",
        "I can't pay with my card",
        "신용카드 결제가 거절됐어요",
        "결제할 때 카드 오류가 나요",
        "카드로 결제가 안 돼요",
    ],
];

#[test]
fn korean_and_english_texts_about_the_same_share_a_theme() {
    let texts: Vec<(usize, &str)> =
        (0..6).flat_map(|at| SUBJECTS.iter().enumerate().map(move |(subject, said)| (subject, said[at]))).collect();
    let mut grouper = Grouper::new(Settings::default());
    let mut next = 0;
    let mut new_theme = || {
        next += 1;
        Uuid::from_u128(1 << 64 | next)
    };
    for (n, (_, text)) in texts.iter().enumerate() {
        grouper.assign(Uuid::from_u128(n as u128), text, &mut new_theme);
    }
    let refinement = grouper.snapshot().refine(super::Kind::Cold, &mut new_theme);
    grouper.apply(&refinement);
    let theme = |n: usize| grouper.theme_of(Uuid::from_u128(n as u128)).map(|(theme, _)| theme);
    let is_korean = |n: usize| n >= texts.len() / 2;
    let with_other_language = |n: usize| {
        (0..texts.len()).any(|m| is_korean(m) != is_korean(n) && texts[m].0 == texts[n].0 && theme(m) == theme(n))
    };
    let joined = (0..texts.len()).filter(|n| with_other_language(*n)).count();
    assert!(joined * 2 >= texts.len(), "{joined} of {} texts are with the other language", texts.len());
    // A look-up in one language finds the other.
    for (query, korean) in [("환불", false), ("refund", true)] {
        let found = grouper.nearest(query, 12);
        let other = found.iter().map(|near| near.id.as_u128() as usize).find(|n| is_korean(*n) == korean);
        assert_eq!(other.map(|n| texts[n].0), Some(0), "{query} finds the refunds of the other language first");
    }
}
