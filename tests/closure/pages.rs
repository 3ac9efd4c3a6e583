//! The pages behind the links in mails.

use hearback::domain::base::html;
use hearback::domain::stories::stage::Stage;
use hearback::domain::{base::Id, closure::ClosureState, team::Role};
use hearback::usecase::closure::customer_links::{Links, Named, Purpose};
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::bench::{Bench, without_mail};

/// A released story with a customer who was told, for each text; returns the paths of their links.
fn told(bench: &Bench, said: &[(&str, &str)]) -> (Id, Vec<(Id, String)>) {
    let theme = bench.theme();
    let customers: Vec<Id> = said.iter().map(|(email, text)| bench.say(theme, email, text)).collect();
    let story = bench.story(theme);
    bench.release(story);
    let agent = bench.token(Role::Support, None);
    let links = Links::load(&bench.app.store).unwrap();
    let link = |customer: &Id| {
        let closure = bench.closure(story, *customer).id;
        let told = bench.call(&agent, "POST", &format!("/v1/closures/{closure}/tell"), None).json();
        let until = hearback::domain::base::Time::parse(told["expires_at"].as_str().unwrap()).unwrap();
        let token = links.token(Purpose::Answer, Named { about: closure, until }).unwrap();
        (*customer, format!("/answer/{token}"))
    };
    let paths = customers.iter().map(link).collect();
    (story, paths)
}

#[test]
fn looking_changes_nothing_and_one_answer_counts() {
    without_mail(|bench| {
        let (story, links) = told(bench, &[("ann@example.com", "Refund <b>please</b> & soon")]);
        let (ann, link) = &links[0];
        let before = bench.closure(story, *ann).version;
        for _ in 0..3 {
            let page = bench.open("GET", link).send();
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
        bench.open("HEAD", link).send();
        assert_eq!(bench.closure(story, *ann).version, before, "a prefetch changes nothing");

        let wrong = bench.submit(link, "answer=maybe");
        assert!(wrong.status == 422 && wrong.body.contains("Please choose"), "{wrong:?}");
        let json = bench.open("POST", link).json(&json!({ "answer": "solved" })).send();
        assert_eq!(json.status, 415);
        assert_eq!(bench.closure(story, *ann).version, before);

        let thanks = bench.submit(link, "answer=solved");
        assert!(thanks.status == 200 && thanks.body.contains("Thank you!"), "{thanks:?}");
        assert_eq!(bench.closure(story, *ann).state, ClosureState::Confirmed);
        assert_eq!(bench.stage(story), Stage::Closed);
        for answer in ["answer=solved", "answer=not_solved&because=no"] {
            let again = bench.submit(link, answer);
            assert!(again.status == 409 && again.body.contains("answered already"), "{again:?}");
        }
        assert_eq!(bench.open("GET", link).send().status, 409);
        assert_eq!(bench.closure(story, *ann).state, ClosureState::Confirmed);
    });
}

#[test]
fn not_solved_is_new_feedback_and_reopens() {
    without_mail(|bench| {
        let (story, links) =
            told(bench, &[("ann@example.com", "환불이 안 들어왔어요"), ("bob@example.com", "Refund please")]);
        let (ann, link) = &links[0];
        let page = bench.open("GET", link).send();
        assert!(page.body.contains("lang=\"ko\"") && page.body.contains("해결되었나요?"));
        let empty = bench.submit(link, "answer=not_solved&because=+%0D%0A+");
        assert!(empty.status == 422 && empty.body.contains("적어 주세요"), "{empty:?}");
        let long = bench.submit(link, &format!("answer=not_solved&because={}", "a".repeat(5_001)));
        assert_eq!(long.status, 422);
        assert_eq!(bench.submit(link, &format!("answer=not_solved&because={}", "a".repeat(70_000))).status, 413);

        let said = "answer=not_solved&because=%EC%95%84%EC%A7%81+%EB%8A%A6%EC%96%B4%EC%9A%94%00%0D%0A2%EC%A3%BC";
        assert_eq!(bench.submit(link, said).status, 200);
        let closure = bench.closure(story, *ann);
        assert_eq!((closure.state, bench.stage(story)), (ClosureState::Reopened, Stage::Building));
        let path = format!("/v1/feedback/{}", closure.feedback_id.unwrap());
        let feedback = bench.call(&bench.token(Role::Viewer, None), "GET", &path, None).json();
        assert_eq!((feedback["text"].as_str(), feedback["language"].as_str()), (Some("아직 늦어요\n2주"), Some("ko")));
        assert_eq!(feedback["customer"]["id"], json!(ann));
        assert!(bench.history(closure.id).ends_with(&["closure.told".to_owned(), "closure.reopened".to_owned()]));

        // The next release asks again; the first round's link no longer answers.
        bench.release(story);
        assert_eq!(bench.round(story, 2).len(), 2);
        assert_eq!(bench.open("GET", &links[1].1).send().status, 410);
        assert_eq!(bench.submit(&links[1].1, "answer=solved").status, 410);
    });
}

#[test]
fn tampered_expired_and_foreign_links_answer_nothing() {
    without_mail(|bench| {
        let none = bench.open("GET", "/answer/AAAA").header("Accept-Language", "ko-KR,ko;q=0.9").send();
        assert!(none.status == 404 && none.body.contains("lang=\"ko\""), "{none:?}");
        let (story, links) = told(bench, &[("ann@example.com", "Refund please"), ("bob@example.com", "Refund please")]);
        let (ann, link) = &links[0];
        let token = link.trim_start_matches("/answer/");
        for at in 0..token.len() {
            let mut other = token.as_bytes().to_vec();
            // The bit that every letter of base64 has in its value, so that also the last one counts.
            other[at] = if other[at] == b'A' { b'g' } else { b'A' };
            let path = format!("/answer/{}", String::from_utf8(other).unwrap());
            let status = bench.open("GET", &path).send().status;
            assert_eq!(status, 404, "letter {at}");
        }
        assert_eq!(bench.submit(&format!("{link}x"), "answer=solved").status, 404);
        assert_eq!(bench.open("GET", &format!("/unsubscribe/{token}")).send().status, 404, "made for something else");
        assert_eq!(bench.closure(story, *ann).state, ClosureState::Told);

        let (bob, gone) = (links[1].0, &links[1].1);
        bench.write(move |tx| erasure::customer(tx, bob, None)).unwrap();
        let erased = bench.open("GET", gone).send();
        assert!(erased.status == 410 && erased.body.contains("no longer good"), "{erased:?}");

        bench.clock.advance(31 * hearback::domain::base::Time::DAY);
        let late = bench.open("GET", link).send();
        assert!(late.status == 410 && late.body.contains("no longer good"), "{late:?}");
        assert_eq!(bench.submit(link, "answer=solved").status, 410);
        assert_eq!(bench.closure(story, *ann).state, ClosureState::Told, "whatever the job does later");
    });
}

#[test]
fn an_answered_link_speaks_the_language_of_its_case_unless_the_browser_asks_for_another() {
    without_mail(|bench| {
        let (_, links) = told(bench, &[("minji@example.com", "환불이 안 들어왔어요")]);
        let link = &links[0].1;
        assert_eq!(bench.submit(link, "answer=solved").status, 200);
        let again = bench.open("GET", link).send();
        assert!(again.status == 409 && again.body.contains("이미 답하셨습니다"), "{again:?}");
        let english = bench.open("GET", link).header("Accept-Language", "en-GB,en;q=0.9").send();
        assert!(english.status == 409 && english.body.contains("answered already"), "{english:?}");
        let anything = bench.open("GET", link).header("Accept-Language", "*").send();
        assert!(anything.body.contains("lang=\"ko\""), "{anything:?}");
        let posted = bench.submit(link, "answer=solved");
        assert!(posted.status == 409 && posted.body.contains("lang=\"ko\""), "{posted:?}");
    });
}

#[test]
fn of_two_answers_at_once_one_counts() {
    without_mail(|bench| {
        let (story, links) = told(bench, &[("ann@example.com", "Refund please")]);
        let link = &links[0].1;
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let answer = |n: usize| {
                let form = if n.is_multiple_of(2) { "answer=solved" } else { "answer=not_solved&because=Still+late" };
                scope.spawn(move || bench.submit(link, form).status)
            };
            let running: Vec<_> = (0..6).map(answer).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 5, "{statuses:?}");
        let answers = bench.history(bench.closures(story)[0].id);
        assert_eq!(
            answers.iter().filter(|kind| matches!(kind.as_str(), "closure.confirmed" | "closure.reopened")).count(),
            1
        );
    });
}
