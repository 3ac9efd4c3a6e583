//! Large reports: a mail stays below the size at which mail programs cut it, and says what it leaves out.

use hearback::domain::base::{Id, Time, decode::decode};
use hearback::domain::feedback::NewFeedback;
use hearback::store::themes;
use hearback::store::themes::assignments;
use hearback::store::themes::rows::NewTheme;
use hearback::usecase::feedback::filing;
use serde_json::json;

use super::sending::path_in;
use super::{path_of, report};
use crate::support::{Mail, World, on_each_world_with_mail};

/// Where Gmail cuts a mail.
const CUT: usize = 100_000;

/// Somebody who confirmed a subscription.
fn reader(world: &World, email: &str) -> serde_json::Value {
    let made = world.done("/v1/subscriptions", json!({ "kind": "weekly", "email": email, "language": "ko" }));
    world.pump();
    let link = path_in(&world.mails().mails_to(email)[0].text, "subscriptions");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(world.open("POST", &link).header(form.0, form.1).body("act=confirm").send().status, 200);
    made["id"].clone()
}

/// The mail with a report that is sent by hand.
fn mailed(world: &World, report: &serde_json::Value, subscription: &serde_json::Value, email: &str) -> Mail {
    world.done(&format!("{}/send", path_of(report)), json!({ "subscription_ids": [subscription] }));
    world.pump();
    world.mails().mails_to(email).pop().expect("a mail")
}

#[test]
fn ten_thousand_themes_make_a_short_mail_that_says_how_many_it_leaves_out() {
    on_each_world_with_mail(|world| {
        let subscription = reader(world, "ceo@example.com");
        for chunk in 0..20 {
            let new: Vec<NewTheme> = (0..500)
                .map(|n| NewTheme {
                    id: Id::next(),
                    product: world.product.id,
                    label: format!("{} {chunk} {n}", "환불이 늦어요 ".repeat(12)),
                })
                .collect();
            let said: Vec<NewFeedback> = (0..new.len())
                .map(|n| decode(json!({ "text": format!("환불 {chunk} {n}"), "occurred_at": world.now() })).unwrap())
                .collect();
            let write = move |tx: &mut hearback::store::Tx<'_>| {
                themes::rows::insert(tx, &new)?;
                let filed: hearback::error::Result<Vec<_>> = filing::file(tx, &said)?.into_iter().collect();
                let places: Vec<(Id, Id, f64)> =
                    filed?.into_iter().zip(&new).map(|(filed, theme)| (filed.feedback.id, theme.id, 0.9)).collect();
                assignments::place(tx, &places)?;
                themes::rows::refresh_counts(tx, &new.iter().map(|theme| theme.id).collect::<Vec<_>>())
            };
            world.write(write).unwrap();
        }
        let made = report(world, json!({ "language": "ko" }));
        let mail = mailed(world, &made, &subscription, "ceo@example.com");
        assert!(mail.html.len() + mail.text.len() < CUT, "{} and {} bytes", mail.html.len(), mail.text.len());
        assert!(mail.text.contains("9995") || mail.text.contains("9,995"), "how many more there are: {}", mail.text);
    });
}

#[test]
fn a_report_that_is_too_long_for_a_mail_names_the_sections_that_only_its_page_has() {
    on_each_world_with_mail(|world| {
        let subscription = reader(world, "ceo@example.com");
        let title = |n: usize| format!("{n} {}", "환불이 언제 오는지 보여 준다 ".repeat(17));
        let shipped: Vec<String> = (0..25).map(|n| world.ready_story(&title(n))).collect();
        let shipped: Vec<&str> = shipped.iter().map(String::as_str).collect();
        let release = world.release("1.0", &shipped);
        assert_eq!(world.act_on_release(&release, "ship", json!({ "deployed": true })).status, 200);
        for n in 25..40 {
            let late = world.story_in(&title(n), &["accepted"]);
            let due = world.now().plus(Time::DAY);
            assert_eq!(world.patch(&format!("/v1/stories/{late}"), json!({ "due_at": due })).status, 200);
        }
        world.days_pass(3);
        let made = report(world, json!({ "language": "ko" }));
        let introduction = "바쁜 한 주였습니다. ".repeat(400);
        assert_eq!(world.patch(&path_of(&made), json!({ "introduction": introduction })).status, 200);
        let mail = mailed(world, &made, &subscription, "ceo@example.com");
        assert!(mail.html.len() + mail.text.len() < CUT, "{} and {} bytes", mail.html.len(), mail.text.len());
        let page = world.open("GET", &path_in(&mail.text, "reports")).send();
        for part in [&mail.html, &mail.text] {
            assert!(part.contains("메일로 보내기에 너무 길어"), "{part}");
        }
        let told = mail.text.lines().find(|line| line.contains("너무 길어")).unwrap();
        let (_, missing) = told.split_once("있습니다: ").expect("names of sections");
        for heading in missing.trim_end_matches('.').split(", ") {
            assert!(page.body.contains(&format!(">{heading}</h2>")), "{heading}: {}", page.body);
            assert!(!mail.html.contains(&format!(">{heading}</h2>")), "{heading} is left out of the mail");
        }
    });
}
