//! Answers of language models: good, half good, wrong and hostile.

use serde_json::{Value, json};

use super::*;

fn quote(by: Id, text: &str) -> GivenQuote {
    GivenQuote { id: Id::next(), by, text: text.to_owned() }
}

/// Three quotes of two customers. Both mention version 4.2; one mentions 30 and 12,500.
fn material() -> Material {
    let (ann, bob) = (Id::next(), Id::next());
    Material {
        quotes: vec![
            quote(ann, "where is my refund since version 4.2"),
            quote(bob, "no refund for 30 days, 12,500 won, on 4.2.1"),
            quote(ann, "still no refund"),
        ],
        spoken: vec!["en".to_owned()],
        further: vec!["ko".to_owned()],
    }
}

fn good() -> Value {
    json!({
        "title": "Refunds show when they arrive", "as_a": "customer", "i_want": "to see the date of my refund",
        "so_that": "I need not ask", "acceptance_criteria": [{ "text": "The date is shown.", "quotes": [2, 1, 2] }],
    })
}

fn with(field: &str, value: Value) -> String {
    let mut answer = good();
    answer[field] = value;
    answer.to_string()
}

fn criterion(text: &str, numbers: Value) -> Value {
    json!({ "text": text, "quotes": numbers })
}

#[test]
fn an_answer_that_keeps_to_the_fields_is_taken() {
    let material = material();
    for answer in [good().to_string(), format!("```json\n{}\n```", good()), format!("\u{feff}{}\n", good())] {
        let CheckedDraft { words, left_out } = checked(&answer, &material).expect("a draft");
        assert_eq!((words.title.as_str(), left_out), ("Refunds show when they arrive", Vec::new()));
        let criterion = &words.acceptance_criteria[0];
        assert_eq!(criterion.feedback_ids, [material.quotes[0].id, material.quotes[1].id]);
        assert_eq!((criterion.customers, criterion.quotes.len()), (2, 2), "from the evidence, not from the model");
    }
}

#[test]
fn nobody_has_to_name_a_purpose() {
    for answer in [with("so_that", json!("")), good().to_string().replace(r#""so_that":"I need not ask","#, "")] {
        let draft = checked(&answer, &material()).map(|draft| draft.words.so_that);
        assert_eq!(draft.as_deref(), Ok(""), "{answer}");
    }
}

#[test]
fn an_answer_that_is_not_what_was_asked_for_is_refused() {
    for answer in [
        with("stage", json!("released")),
        with("priority", json!({ "reach": 1e9 })),
        with("tool_calls", json!([{ "name": "delete" }])),
        with("title", json!("")),
        with("title", json!("x".repeat(121))),
        with("title", json!(["a"])),
        with("title", Value::Null),
        with("as_a", json!(7)),
        with("acceptance_criteria", json!([])),
        with("acceptance_criteria", json!("The date is shown.")),
        with("acceptance_criteria", json!([criterion("x", json!([-1]))])),
        with("acceptance_criteria", json!([criterion("x", json!(["1"]))])),
        with("acceptance_criteria", json!([{ "text": "x", "quotes": [1], "done": true }])),
        with("acceptance_criteria", json!(vec![criterion("x", json!([1])); 9])),
        with("texts", json!([{ "title": "환불" }])),
        format!("Sure! {}", good()),
        format!("{} {}", good(), good()),
        "null".to_owned(),
        "[]".to_owned(),
        String::new(),
        "I'm sorry, but I can't help with that.".to_owned(),
        "[".repeat(100_000),
    ] {
        assert!(checked(&answer, &material()).is_err(), "{}", &answer[..answer.len().min(200)]);
    }
    let whole = good().to_string();
    for end in 1..whole.len() - 1 {
        assert!(checked(&whole[..end], &material()).is_err(), "{}", &whole[..end]);
    }
}

#[test]
fn an_answer_that_looks_like_an_attack_or_a_leak_is_refused_as_a_whole() {
    let unsafe_texts = [
        "visit https://evil.example",
        "visit evil.example/x",
        "write to a@evil.example",
        "call 010-1234-5678",
        "<img src=x>",
        "[here](javascript:x)",
        "a\u{202e}b",
        "a\u{e0041}b",
        "line\nbreak",
    ];
    for text in unsafe_texts {
        for answer in [
            with("title", json!(text)),
            with("i_want", json!(text)),
            with("so_that", json!(text)),
            with("acceptance_criteria", json!([criterion("Good.", json!([1])), criterion(text, json!([99]))])),
            with("acceptance_criteria", json!([{ "text": "Good.", "quotes": [1], "given": text }])),
            with("texts", json!({ "ko": { "title": "환불이 보인다", "entry": text } })),
            with("texts", json!({ "xx": { "title": text } })),
        ] {
            assert!(checked(&answer, &material()).is_err(), "{answer}");
        }
    }
}

#[test]
fn a_number_that_only_one_customer_mentions_does_not_leave() {
    let title = |text: &str| checked(&with("title", json!(text)), &material()).map(|draft| draft.words.title);
    assert!(title("Refunds arrive since 4.2").is_ok());
    for text in ["Refunds after 30 days", "Refunds of 12,500 won", "Refunds within 3 days", "Refunds since 4"] {
        assert_eq!(title(text).is_ok(), text.ends_with("since 4"), "{text}: `4` is the beginning of `4.2`");
    }
    let text = json!({ "ko": { "title": "30일 뒤에도 환불이 없다" } });
    assert!(checked(&with("texts", text), &material()).is_err());
}

#[test]
fn a_criterion_that_its_quotes_do_not_support_is_left_out() {
    let good = criterion("The date is shown.", json!([1]));
    for bad in [
        criterion("It is quick.", json!([4])),
        criterion("It is quick.", json!([0])),
        criterion("It is quick.", json!([])),
        criterion("It takes 2 days.", json!([1, 2, 3])),
        criterion("It takes 30 days.", json!([1])),
        criterion(&"x".repeat(401), json!([1])),
        criterion(" ", json!([1])),
        criterion("The date is shown.", json!([2])),
        json!({ "text": "It is quick.", "quotes": [1], "then": "in 2 days" }),
    ] {
        let answer = with("acceptance_criteria", json!([bad, good]));
        let draft = checked(&answer, &material()).unwrap_or_else(|why| panic!("{why}: {answer}"));
        assert_eq!((draft.words.acceptance_criteria.len(), draft.left_out.len()), (1, 1), "{answer}");
    }
    let all_bad = with("acceptance_criteria", json!([criterion("It is quick.", json!([4]))]));
    assert!(checked(&all_bad, &material()).is_err(), "no criterion is left");
    let kept = with("acceptance_criteria", json!([criterion("It takes 30 days.", json!([2]))]));
    assert!(checked(&kept, &material()).is_ok(), "its own quote has the number");
}

#[test]
fn a_text_in_the_wrong_language_is_left_out_and_a_draft_in_one_refused() {
    let texts = |texts: Value| checked(&with("texts", texts), &material()).expect("a draft");
    let korean = json!({ "title": "환불이 언제 오는지 보인다", "entry": "환불 날짜가 보입니다." });
    let draft = texts(json!({ "ko": korean }));
    assert_eq!((draft.words.texts.len(), draft.left_out.len()), (1, 0));
    for wrong in [
        json!({ "ko": { "title": "Refunds show" } }),
        json!({ "ko": { "title": "환불이 보인다", "entry": "Refunds show" } }),
        json!({ "fr": { "title": "Les remboursements" } }),
        json!({ "not a language": korean }),
    ] {
        let draft = texts(wrong.clone());
        assert_eq!((draft.words.texts.len(), draft.left_out.len()), (0, 1), "{wrong}");
    }
    assert!(checked(&with("title", json!("환불이 언제 오는지 보인다")), &material()).is_err());
    let anything = Material { spoken: Vec::new(), ..material() };
    assert!(checked(&with("title", json!("환불이 언제 오는지 보인다")), &anything).is_ok());
}
