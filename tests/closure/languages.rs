//! Texts of stories in the languages of customers.

use hearback::domain::team::Role;
use serde_json::json;

use super::with_mail;

#[test]
fn a_story_speaks_the_language_of_each_customer() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("The refund has not arrived & I wait");
        world.customer("minji@example.com").about(theme).files("환불이 아직도 안 들어왔어요. 벌써 2주째예요.");
        let story = world.story_about(theme);
        let product = world.token(Role::Product);
        let path = format!("/v1/stories/{story}");
        let korean = json!({ "title": "환불 예정일 표시", "entry": "환불 예정일을 보여 줍니다.", "reason": null });
        let edited = world.send("PATCH", &path, &product, Some(&json!({ "texts": { "ko": korean } }))).json();
        assert_eq!(edited["texts"]["ko"], korean);
        world.release_story(story);

        let english = world.mails().mails_to("ann@example.com").remove(0);
        assert!(english.subject.ends_with("Is it solved? Refunds show a date"), "{}", english.subject);
        let mail = world.mails().mails_to("minji@example.com").remove(0);
        assert!(mail.subject.ends_with("해결되었나요? 환불 예정일 표시"), "{}", mail.subject);
        assert!(mail.text.contains("환불 예정일을 보여 줍니다.") && !mail.text.contains("Refunds show a date"));
        let page = world.open("GET", &mail.answer()).send();
        assert!(page.body.contains("환불 예정일 표시"), "the page behind the mail says the same");

        let gone = world.send("PATCH", &path, &product, Some(&json!({ "texts": { "ko": null } }))).json();
        assert_eq!(gone["texts"], json!({}));
        let wrong = world.send("PATCH", &path, &product, Some(&json!({ "texts": { "Korean": { "title": "환불" } } })));
        assert_eq!((wrong.status, wrong.json()["errors"][0]["pointer"].clone()), (422, json!("/texts/Korean")));
    });
}
