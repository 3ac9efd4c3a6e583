//! Texts of stories in the languages of customers.

use hearback::domain::team::Role;
use serde_json::json;

use super::bench::with_mail;

#[test]
fn a_story_speaks_the_language_of_each_customer() {
    with_mail(|bench| {
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "The refund has not arrived & I wait");
        bench.say(theme, "minji@example.com", "환불이 아직도 안 들어왔어요. 벌써 2주째예요.");
        let story = bench.story(theme);
        let product = bench.token(Role::Product, None);
        let path = format!("/v1/stories/{story}");
        let korean = json!({ "title": "환불 예정일 표시", "entry": "환불 예정일을 보여 줍니다.", "reason": null });
        let edited = bench.call(&product, "PATCH", &path, Some(json!({ "texts": { "ko": korean } }))).json();
        assert_eq!(edited["texts"]["ko"], korean);
        bench.release(story);

        let english = bench.mails().mails_to("ann@example.com").remove(0);
        assert!(english.subject.ends_with("Is it solved? Refunds show a date"), "{}", english.subject);
        let mail = bench.mails().mails_to("minji@example.com").remove(0);
        assert!(mail.subject.ends_with("해결되었나요? 환불 예정일 표시"), "{}", mail.subject);
        assert!(mail.text.contains("환불 예정일을 보여 줍니다.") && !mail.text.contains("Refunds show a date"));
        let page = bench.open("GET", &mail.answer()).send();
        assert!(page.body.contains("환불 예정일 표시"), "the page behind the mail says the same");

        let gone = bench.call(&product, "PATCH", &path, Some(json!({ "texts": { "ko": null } }))).json();
        assert_eq!(gone["texts"], json!({}));
        let wrong = bench.call(&product, "PATCH", &path, Some(json!({ "texts": { "Korean": { "title": "환불" } } })));
        assert_eq!((wrong.status, wrong.json()["errors"][0]["pointer"].clone()), (422, json!("/texts/Korean")));
    });
}
