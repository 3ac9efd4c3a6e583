//! The pages behind the links in mails.

use hearback::domain::base::html;
use hearback::domain::stories::stage::Stage;
use hearback::domain::{base::Id, closure::ClosureState, team::Role};
use hearback::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::without_mail;
use crate::support::World;

/// A released story with a customer who was told, for each text; returns the paths of their links.
fn told(world: &World, said: &[(&str, &str)]) -> (Id, Vec<(Id, String)>) {
    let theme = world.new_theme("Refunds");
    let customers: Vec<Id> =
        said.iter().map(|(email, text)| world.customer(email).about(theme).files(text).customer).collect();
    let story = world.story_about(theme);
    world.release_story(story);
    let agent = world.token(Role::Support);
    let links = CustomerLinks::load(world.store()).unwrap();
    let link = |customer: &Id| {
        let closure = world.closure(story, *customer).id;
        let told = world.send("POST", &format!("/v1/closures/{closure}/tell"), &agent, Some(&json!({}))).json();
        let until = hearback::domain::base::Time::parse(told["expires_at"].as_str().unwrap()).unwrap();
        let token = links.token(Purpose::Answer, LinkContent { about: closure, until }).unwrap();
        (*customer, format!("/answer/{token}"))
    };
    let paths = customers.iter().map(link).collect();
    (story, paths)
}

#[test]
fn opening_an_answer_page_changes_nothing_and_only_the_first_answer_counts() {
    without_mail(|world| {
        let (story, links) = told(world, &[("ann@example.com", "Refund <b>please</b> & soon")]);
        let (ann, link) = &links[0];
        let before = world.closure(story, *ann).version;
        for _ in 0..3 {
            let page = world.open("GET", link).send();
            assert_eq!(page.status, 200, "{page:?}");
            assert!(!page.body.contains("<b>"));
            assert!(
                html::text(&page.body).contains("Refund <b>please</b> & soon")
                    && page.body.contains("Refunds show a date")
            );
            assert_eq!(page.header("Content-Type"), Some("text/html; charset=utf-8"));
            assert_eq!(page.header("Referrer-Policy"), Some("no-referrer"));
            assert_eq!(page.header("Cache-Control"), Some("no-store"));
            assert!(page.header("X-Robots-Tag").is_some_and(|v| v.contains("noindex")));
            let policy = page.header("Content-Security-Policy").unwrap();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            for word in ["http://", "https://", "<script", "<img", "<link", "src="] {
                assert!(!page.body.contains(word), "{word}");
            }
        }
        world.open("HEAD", link).send();
        assert_eq!(world.closure(story, *ann).version, before, "a prefetch changes nothing");

        let wrong = world.submit(link, "answer=maybe");
        assert!(wrong.status == 422 && wrong.body.contains("Please choose"), "{wrong:?}");
        let json = world.open("POST", link).json(&json!({ "answer": "solved" })).send();
        assert_eq!(json.status, 415);
        assert_eq!(world.closure(story, *ann).version, before);

        let thanks = world.submit(link, "answer=solved");
        assert!(thanks.status == 200 && thanks.body.contains("Thank you!"), "{thanks:?}");
        assert_eq!(world.closure(story, *ann).state, ClosureState::Confirmed);
        assert_eq!(world.stage(story), Stage::Closed);
        for answer in ["answer=solved", "answer=not_solved&because=no"] {
            let again = world.submit(link, answer);
            assert!(again.status == 409 && again.body.contains("answered already"), "{again:?}");
        }
        assert_eq!(world.open("GET", link).send().status, 409);
        assert_eq!(world.closure(story, *ann).state, ClosureState::Confirmed);
    });
}

#[test]
fn not_solved_is_new_feedback_and_reopens() {
    without_mail(|world| {
        let (story, links) =
            told(world, &[("ann@example.com", "환불이 안 들어왔어요"), ("bob@example.com", "Refund please")]);
        let (ann, link) = &links[0];
        let page = world.open("GET", link).send();
        assert!(page.body.contains("lang=\"ko\"") && page.body.contains("해결되었나요?"));
        let empty = world.submit(link, "answer=not_solved&because=+%0D%0A+");
        assert!(empty.status == 422 && empty.body.contains("적어 주세요"), "{empty:?}");
        let long = world.submit(link, &format!("answer=not_solved&because={}", "a".repeat(5_001)));
        assert_eq!(long.status, 422);
        assert_eq!(world.submit(link, &format!("answer=not_solved&because={}", "a".repeat(70_000))).status, 413);

        let said = "answer=not_solved&because=%EC%95%84%EC%A7%81+%EB%8A%A6%EC%96%B4%EC%9A%94%00%0D%0A2%EC%A3%BC";
        assert_eq!(world.submit(link, said).status, 200);
        let closure = world.closure(story, *ann);
        assert_eq!((closure.state, world.stage(story)), (ClosureState::Reopened, Stage::Building));
        let path = format!("/v1/feedback/{}", closure.feedback_id.unwrap());
        let feedback = world.send("GET", &path, &world.token(Role::Viewer), None).json();
        assert_eq!((feedback["text"].as_str(), feedback["language"].as_str()), (Some("아직 늦어요\n2주"), Some("ko")));
        assert_eq!(feedback["customer"]["id"], json!(ann));
        assert!(world.kinds_of(closure.id).ends_with(&["closure.told".to_owned(), "closure.reopened".to_owned()]));

        // The next release asks again; the first round's link no longer answers.
        world.release_story(story);
        assert_eq!(world.round(story, 2).len(), 2);
        assert_eq!(world.open("GET", &links[1].1).send().status, 410);
        assert_eq!(world.submit(&links[1].1, "answer=solved").status, 410);
    });
}

#[test]
fn tampered_expired_and_foreign_links_answer_nothing() {
    without_mail(|world| {
        let none = world.open("GET", "/answer/AAAA").header("Accept-Language", "ko-KR,ko;q=0.9").send();
        assert!(none.status == 404 && none.body.contains("lang=\"ko\""), "{none:?}");
        let (story, links) = told(world, &[("ann@example.com", "Refund please"), ("bob@example.com", "Refund please")]);
        let (ann, link) = &links[0];
        let token = link.trim_start_matches("/answer/");
        for at in 0..token.len() {
            let mut other = token.as_bytes().to_vec();
            // The bit that every letter of base64 has in its value, so that also the last one counts.
            other[at] = if other[at] == b'A' { b'g' } else { b'A' };
            let path = format!("/answer/{}", String::from_utf8(other).unwrap());
            let status = world.open("GET", &path).send().status;
            assert_eq!(status, 404, "letter {at}");
        }
        assert_eq!(world.submit(&format!("{link}x"), "answer=solved").status, 404);
        assert_eq!(world.open("GET", &format!("/unsubscribe/{token}")).send().status, 404, "made for something else");
        assert_eq!(world.closure(story, *ann).state, ClosureState::Told);

        let (bob, gone) = (links[1].0, &links[1].1);
        world.write(move |tx| erasure::customer(tx, bob, None)).unwrap();
        let erased = world.open("GET", gone).send();
        assert!(erased.status == 410 && erased.body.contains("no longer good"), "{erased:?}");

        world.clock().advance(31 * hearback::domain::base::Time::DAY);
        let late = world.open("GET", link).send();
        assert!(late.status == 410 && late.body.contains("no longer good"), "{late:?}");
        assert_eq!(world.submit(link, "answer=solved").status, 410);
        assert_eq!(world.closure(story, *ann).state, ClosureState::Told, "whatever the job does later");
    });
}

#[test]
fn an_answered_link_speaks_the_language_of_its_case_unless_the_browser_asks_for_another() {
    without_mail(|world| {
        let (_, links) = told(world, &[("minji@example.com", "환불이 안 들어왔어요")]);
        let link = &links[0].1;
        assert_eq!(world.submit(link, "answer=solved").status, 200);
        let again = world.open("GET", link).send();
        assert!(again.status == 409 && again.body.contains("이미 답하셨습니다"), "{again:?}");
        let english = world.open("GET", link).header("Accept-Language", "en-GB,en;q=0.9").send();
        assert!(english.status == 409 && english.body.contains("answered already"), "{english:?}");
        let anything = world.open("GET", link).header("Accept-Language", "*").send();
        assert!(anything.body.contains("lang=\"ko\""), "{anything:?}");
        let posted = world.submit(link, "answer=solved");
        assert!(posted.status == 409 && posted.body.contains("lang=\"ko\""), "{posted:?}");
    });
}

#[test]
fn two_answers_at_the_same_time_count_once() {
    without_mail(|world| {
        let (story, links) = told(world, &[("ann@example.com", "Refund please")]);
        let link = &links[0].1;
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let answer = |n: usize| {
                let form = if n.is_multiple_of(2) { "answer=solved" } else { "answer=not_solved&because=Still+late" };
                scope.spawn(move || world.submit(link, form).status)
            };
            let running: Vec<_> = (0..6).map(answer).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 5, "{statuses:?}");
        let answers = world.kinds_of(world.closures(story)[0].id);
        assert_eq!(
            answers.iter().filter(|kind| matches!(kind.as_str(), "closure.confirmed" | "closure.reopened")).count(),
            1
        );
    });
}
