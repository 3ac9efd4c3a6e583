//! The text of a story's issue.

use hearback::domain::{
    base::{Actor, decode::decode},
    stories::{NewStory, Story},
};
use hearback::store::Store;
use hearback::usecase::stories::{issue_text, planning};
use serde_json::{Value, json};

use crate::support::on_each_store;

fn story(store: &Store, input: Value) -> Story {
    let input: NewStory = decode(input).unwrap();
    store.write_now(Actor::COMMAND, move |tx| planning::create(tx, &input)).unwrap()
}

#[test]
fn an_issue_is_in_one_language_with_sections_and_a_link_back() {
    on_each_store(|store| {
        let english = Story {
            customer_count: 12,
            feedback_count: 15,
            ..story(
                store,
                json!({
                    "title": "Refunds show a date", "as_a": "customer", "i_want": "to know the day",
                    "acceptance_criteria": [{ "text": "The day is shown" }], "in_scope": ["Cards"], "out_of_scope": ["Banks"],
                }),
            )
        };
        let link = format!("https://voice.example.com/v1/stories/{}", english.id);
        let text = issue_text::write(&english, Some(&link), "<!-- hearback:x -->");
        assert_eq!(
            text,
            format!(
                "As a customer, I want to know the day.\n\nAsked for by 12 customers, in 15 pieces of feedback.\n\n\
                 ### Acceptance criteria\n\n- [ ] The day is shown\n\n### In scope\n\n- Cards\n\n### Out of scope\n\n- Banks\n\n\
                 ---\n[HB-1]({link}) in Hearback: name its number in branches, commits and pull requests.\n\n<!-- hearback:x -->\n"
            )
        );

        let korean = story(
            store,
            json!({
                "title": "환불 예정일 표시", "as_a": "고객", "i_want": "환불 예정일을 알고 싶습니다",
                "acceptance_criteria": [{ "text": "예정일이 보인다" }],
            }),
        );
        let text = issue_text::write(&korean, None, "<!-- hearback:y -->");
        for part in
            ["- 누가: 고객\n- 바라는 것: 환불 예정일을 알고 싶습니다", "### 인수 조건\n\n- [ ] 예정일이 보인다", "HB-2"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        for english in ["As a", "I want", "Acceptance", "customers"] {
            assert!(!text.contains(english), "{english} in {text}");
        }
    });
}
