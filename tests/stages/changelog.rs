//! The changelog as JSON, Markdown and feed.

use serde_json::json;

use crate::support::{World, on_each_world};

fn feed(server: &World, key: &str) -> crate::support::Answer {
    server.request("GET", &format!("/feeds/{key}/changelog.atom")).token(None).send()
}

fn two_releases(world: &World) {
    let (one, other) = (world.ready_story("Refunds <b>show</b> & tell"), world.ready_story("Fees"));
    let first = world.release("1.0", &[&one]);
    assert_eq!(world.act_on_release(&first, "ship", json!({ "deployed": true })).status, 200);
    let second = world.release("1.1", &[]);
    world.done(
        &format!("/v1/releases/{second}/stories"),
        json!({ "story_ids": [other], "section": "fixed", "entry": "Fees are *right*" }),
    );
    assert_eq!(world.act_on_release(&second, "ship", json!({ "deployed": true })).status, 200);
    assert_eq!(world.act_on_release(&second, "yank", json!({ "reason": "It leaks" })).status, 200);
    world.release("2.0", &[]);
}

#[test]
fn the_changelog_shows_what_was_shipped() {
    on_each_world(|world| {
        two_releases(world);
        let changelog = world.read(&format!("/v1/products/{}/changelog", world.product.id));
        let releases = changelog["data"].as_array().unwrap();
        assert_eq!(releases.len(), 2, "planned ones are not in it");
        assert_eq!((&releases[0]["name"], &releases[0]["yanked"]), (&json!("1.1"), &json!(true)));
        let section = &releases[0]["sections"][0];
        assert_eq!(
            (&section["section"], &section["entries"][0]["text"]),
            (&json!("fixed"), &json!("Fees are *right*"))
        );
        assert_eq!(releases[1]["sections"][0]["section"], "added");
        let walked = world.walk(&format!("/v1/products/{}/changelog?limit=1", world.product.id), || ());
        assert_eq!(walked.len(), 2);

        let markdown = world.get(&format!("/v1/products/{}/changelog.md", world.product.id));
        assert_eq!(markdown.header("Content-Type"), Some("text/markdown; charset=utf-8"));
        let today = releases[0]["shipped_at"].as_str().unwrap()[..10].to_owned();
        let expected = format!(
            "## [1.1] - {today} [YANKED]\n\nIt leaks\n\n### Fixed\n\n- Fees are \\*right\\* (HB-2)\n\n## [1.0] - {today}\n\n\
             ### Added\n\n- Refunds \\<b\\>show\\</b\\> \\& tell (HB-1)\n"
        );
        assert!(markdown.body.starts_with("# Changelog\n") && markdown.body.ends_with(&expected), "{}", markdown.body);
    });
}

#[test]
fn the_feed_is_public_and_valid() {
    on_each_world(|world| {
        let empty = feed(world, "HB");
        assert_eq!((empty.status, empty.body.contains("<entry>")), (200, false));
        two_releases(world);
        let answer = feed(world, "HB");
        assert_eq!(answer.header("Content-Type"), Some("application/atom+xml; charset=utf-8"));
        let xml = &answer.body;
        let count = |text: &str| xml.matches(text).count();
        assert_eq!((count("<entry>"), count("</entry>"), count("<id>urn:uuid:"), count("<updated>")), (2, 2, 3, 3));
        assert!(xml.contains("<title>1.1 [YANKED]</title>"), "{xml}");
        assert!(
            xml.contains(
                "&#60;li&#62;Refunds &#38;#60;b&#38;#62;show&#38;#60;/b&#38;#62; &#38;#38; tell (HB-1)&#60;/li&#62;"
            ),
            "{xml}"
        );
        assert!(!xml.contains("It leaks"), "reasons stay inside: {xml}");
        assert_eq!(feed(world, "HB").body, *xml, "ids and times are stable");
        feed(world, "NONE").problem(404, "not_found");
        world.settings(json!({ "public_changelog": false }));
        feed(world, "HB").problem(404, "not_found");
    });
}

#[test]
fn customers_words_stand_beside_the_entry_and_never_in_the_feed() {
    on_each_world(|world| {
        let words = "The refund still hasn't arrived after two weeks";
        for n in 0..3 {
            let customer = json!({ "external_id": format!("c{n}") });
            world.file(&json!({ "text": format!("{words} ({n})"), "kind": "bug", "customer": customer }));
        }
        crate::support::eventually("the feedback is drafted", std::time::Duration::from_secs(60), || {
            world.step_until_idle("grouping");
            world.read("/v1/stories")["data"][0]["feedback_count"] == 3
        });
        let story = world.read("/v1/stories")["data"][0]["id"].as_str().unwrap().to_owned();
        for stage in ["accepted", "ready"] {
            world.to(&story, stage);
        }
        assert_eq!(world.patch(&format!("/v1/stories/{story}"), json!({ "title": "Refunds are tracked" })).status, 200);
        let release = world.release("1.0", &[&story]);
        assert_eq!(world.shown_release(&release)["stories"][0]["section"], "fixed", "most of it are bugs");
        assert_eq!(world.act_on_release(&release, "ship", json!({ "deployed": true })).status, 200);
        let changelog = world.read(&format!("/v1/products/{}/changelog", world.product.id));
        let quotes = &changelog["data"][0]["sections"][0]["entries"][0]["quotes"];
        assert!(quotes[0]["text"].as_str().is_some_and(|text| text.starts_with(words)), "{changelog}");
        // Customers of later feedback had not asked for this release.
        let later = world.file(&json!({ "text": "The refund still has not arrived after two weeks, again" }));
        let later = later["id"].as_str().unwrap().to_owned();
        crate::support::eventually("it is grouped and described", std::time::Duration::from_secs(60), || {
            world.step_until_idle("grouping");
            let grouping = world.read("/v1/grouping");
            world.read(&format!("/v1/feedback/{later}"))["state"] == "grouped" && grouping["pending"] == 0
        });
        let changelog = world.read(&format!("/v1/products/{}/changelog", world.product.id));
        assert!(changelog.to_string().contains(words) && !changelog.to_string().contains(&later), "{changelog}");
        let answer = feed(world, "HB");
        assert!(answer.body.contains("Refunds are tracked") && !answer.body.contains("two weeks"), "{answer:?}");
    });
}

#[test]
fn a_fix_lands_under_fixed_though_nobody_filed_a_kind() {
    on_each_world(|world| {
        for n in 0..3 {
            let customer = json!({ "external_id": format!("d{n}") });
            world.file(&json!({ "text": "Since the update opening the camera crashes the app", "customer": customer }));
        }
        crate::support::eventually("the feedback is drafted", std::time::Duration::from_secs(60), || {
            world.step_until_idle("grouping");
            world.read("/v1/stories")["data"][0]["feedback_count"] == 3
        });
        let story = world.read("/v1/stories")["data"][0]["id"].as_str().unwrap().to_owned();
        for stage in ["accepted", "ready"] {
            world.to(&story, stage);
        }
        assert_eq!(world.patch(&format!("/v1/stories/{story}"), json!({ "title": "The camera opens" })).status, 200);
        let release = world.release("1.0", &[&story]);
        assert_eq!(world.shown_release(&release)["stories"][0]["section"], "fixed");
        let found = world.read("/v1/feedback?kind=bug&kind_source=derived");
        assert_eq!(found["data"].as_array().unwrap().len(), 3);
    });
}
