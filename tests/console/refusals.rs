//! What is refused is explained in the member's language, with the fields as the forms name them.

use hearback::domain::team::Role;
use serde_json::json;

use super::visitor::Visitor;
use crate::support::on_each_world;

/// A form: its address, its fields, the status of the answer, and what stands in it.
type Case<'a> = (String, &'a [(&'a str, &'a str)], u16, &'a [&'a str]);

/// A sentence of the API in a page: several English words in a row, outside of tags.
fn english(page: &str) -> Option<String> {
    let texts = page.split('<').filter_map(|part| part.split_once('>').map(|(_, text)| text.trim()));
    let wordy = |text: &&str| {
        let words = text.split_whitespace().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
        words.count() >= 4 && text.is_ascii()
    };
    texts.filter(|text| !text.contains("{")).find(wordy).map(str::to_owned)
}

#[test]
fn refusals_on_korean_pages_are_in_korean_and_name_the_fields_of_the_form() {
    on_each_world(|world| {
        let email = "hana@example.com";
        let hana = world.person("하나", email, Role::Admin, "ko");
        let mut visitor = Visitor::of(world, &hana, email);
        let story = world.story("환불 날짜 보이기");
        let release = world.release("1.0", &[]);
        let released = world.act_on_release(&release, "ship", json!({}));
        assert_eq!(released.status, 200, "{released:?}");
        let said = world.file(&json!({ "text": "환불이 늦어요", "customer": { "name": "민지" } }));
        let said = said["id"].as_str().expect("an id").to_owned();
        world.dismiss(said.parse().expect("an id")).expect("dismissed");
        let cases: [Case<'_>; 9] = [
            (
                "/console/inbox".into(),
                &[("text", ""), ("customer_email", "nonsense")],
                422,
                &["내용: 비워 둘 수 없습니다.", "이메일: 다음이어야 합니다: 이메일 주소."],
            ),
            (
                format!("/console/stories/{story}/move"),
                &[("to", "released")],
                409,
                &["초안", "단계로 옮길 수 없습니다"],
            ),
            (format!("/console/stories/{story}/move"), &[("to", "declined")], 422, &["이유: "]),
            (
                format!("/console/stories/{story}/plan"),
                &[("due", "tomorrow")],
                422,
                &["기한: 2026-03-31 같은 날짜여야 합니다."],
            ),
            (format!("/console/releases/{release}/freeze"), &[], 409, &["계획 중인 것만 동결할 수 있습니다"]),
            (format!("/console/feedback/{said}/acts"), &[("act", "tag"), ("tags", " ")], 422, &["태그: "]),
            (
                "/console/settings/products/HB/archive".into(),
                &[],
                409,
                &["제품을 적지 않은 피드백이 여기에 등록되므로 보관할 수 없습니다."],
            ),
            (
                "/console/settings/products".into(),
                &[("key", "hb!"), ("name", " ")],
                422,
                &["키: 정해진 형식에 맞아야 합니다"],
            ),
            (
                "/console/settings/webhooks".into(),
                &[("url", "ftp://example.com")],
                422,
                &["주소: https://로 시작해야 합니다."],
            ),
        ];
        for (path, form, status, expected) in cases {
            let answer = visitor.submit(&path, form);
            assert_eq!(answer.status, status, "{path}: {answer:?}");
            for text in expected {
                assert!(answer.body.contains(text), "{path}: {text} in {}", answer.body);
            }
            assert_eq!(english(&answer.body), None, "{path}: {}", answer.body);
        }
        // What an act was refused for, item by item.
        let both = [("act", "dismiss"), ("ids", said.as_str())];
        let done = visitor.submit("/console/acts", &both);
        let page = visitor.read(done.header_text("location"));
        assert!(page.contains("이미 제외한 피드백입니다.") && english(&page).is_none(), "{page}");
    });
}
