//! An administrator's and a developer's morning in a real browser, in English and Korean, with scripts on and off.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::driver::{Browser, fill};
use crate::support::{Database, Kind, World};

/// The name by which WebDriver calls the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The element at a selector.
fn element(browser: &Browser, selector: &str) -> String {
    let found = browser.call("/element", json!({ "using": "css selector", "value": selector }));
    found[ELEMENT].as_str().unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
}

/// Clicks as a person does, and waits for the page with this in its text.
fn click(browser: &Browser, selector: &str, expected: &str) {
    let id = element(browser, selector);
    browser.call(&format!("/element/{id}/click"), json!({}));
    wait_for(browser, expected);
}

fn kind(browser: &Browser, selector: &str, text: &str) {
    let id = element(browser, selector);
    browser.call(&format!("/element/{id}/value"), json!({ "text": text }));
}

fn wait_for(browser: &Browser, expected: &str) {
    let until = Instant::now() + Duration::from_secs(40);
    loop {
        let source = browser.run("return document.body ? document.body.innerText : ''");
        if source.as_str().is_some_and(|text| text.contains(expected)) {
            return;
        }
        assert!(Instant::now() < until, "{expected} does not appear in {source}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn speak(browser: &Browser, base: &str, language: &str) {
    browser.open(&format!("{base}/console/account"));
    browser.submit(&fill(&[("language", language)], "/console/account"));
}

/// Looks at the page: what looks needs scripts, which the page itself has had or not.
fn look(browser: &Browser, with_scripts: bool, name: &str) {
    scripts(browser, true);
    browser.look(name);
    scripts(browser, with_scripts);
}

fn scripts(browser: &Browser, on: bool) {
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !on }));
}

#[test]
fn an_administrator_invites_somebody_makes_a_token_and_imports_a_file() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = browser.join(&world, "Mina 김", "admin");
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    writeln!(file, "Words,Mail,Colour\nThe refund is late,a@example.com,red\n환불이 늦어요,b@example.com,blue")
        .expect("text");
    for (language, with_scripts) in [("en", true), ("ko", false)] {
        speak(&browser, &base, language);
        scripts(&browser, with_scripts);
        let say = |english: &str, korean: &str| if language == "en" { english.to_owned() } else { korean.to_owned() };
        let open = |path: &str| browser.open(&format!("{base}/console/settings/{path}"));
        open("members");
        click(&browser, "details.act-card > summary", &say("E-mail", "이메일"));
        kind(&browser, "#name", "하나");
        kind(&browser, "#email", &format!("hana-{language}@example.com"));
        click(&browser, "details.act-card button.main", &say("No mail was sent", "메일은 보내지 않았습니다"));
        look(&browser, with_scripts, &format!("settings-invited-{language}"));
        open("tokens");
        browser.run("document.querySelector('details.act-card').open = true");
        kind(&browser, "#name", "zendesk");
        click(&browser, "details.act-card button.main", "Authorization: Bearer");

        open("import");
        kind(&browser, "#file", &file.path().to_string_lossy());
        click(&browser, "form.card button.main", "환불이 늦어요");
        look(&browser, with_scripts, &format!("settings-import-columns-{language}"));
        for (n, field) in [(1, "text"), (2, "customer.email"), (3, "*")] {
            let at = format!("tbody tr:nth-child({n}) select option[value='{field}']");
            let id = element(&browser, &at);
            browser.call(&format!("/element/{id}/click"), json!({}));
        }
        click(&browser, ".stay button.main", &say("Dry run: nothing is filed", "시험 실행: 아직"));
        let until = Instant::now() + Duration::from_secs(30);
        while browser.run("return document.querySelector(\"form[action$='/go']\") === null") == true {
            assert!(Instant::now() < until, "the dry run does not end");
            std::thread::sleep(Duration::from_millis(500));
            if !with_scripts {
                // What the page does by itself every five seconds.
                browser.call("/refresh", json!({}));
            }
        }
        look(&browser, with_scripts, &format!("settings-import-dry-{language}"));
        click(&browser, "form[action$='/go'] button", &say("The import has begun", "가져오기를 시작했습니다"));
        wait_for(&browser, "Colour");
        look(&browser, with_scripts, &format!("settings-import-done-{language}"));
        open("audit");
        wait_for(&browser, &say("created the token", "토큰 생성"));
        look(&browser, with_scripts, &format!("settings-audit-{language}-full"));
        scripts(&browser, true);
    }
    let filed = world.read("/v1/feedback");
    assert_eq!(filed["data"].as_array().map(Vec::len), Some(2), "the second time nothing is new");
}

#[test]
fn a_developer_fills_a_release_looks_who_hears_what_and_ships_it() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = browser.join(&world, "Mina 김", "developer");
    for (language, with_scripts) in [("en", true), ("ko", false)] {
        let story =
            world.ready_story(if language == "en" { "Refunds show their day" } else { "환불 날짜가 보인다" });
        for n in 0..3 {
            let customer = json!({ "email": format!("c{n}-{language}@example.com"), "name": format!("Customer {n}") });
            let filed =
                world.done("/v1/feedback", json!({ "text": format!("Where is my refund {n}?"), "customer": customer }));
            world.done(&format!("/v1/stories/{story}/feedback"), json!({ "feedback_ids": [filed["id"]] }));
        }
        speak(&browser, &base, language);
        scripts(&browser, with_scripts);
        let say = |english: &str, korean: &str| if language == "en" { english.to_owned() } else { korean.to_owned() };
        browser.open(&format!("{base}/console/releases"));
        if browser.run("return document.querySelector('details.act-card').open") == false {
            click(&browser, "details.act-card > summary", &say("Plan", "계획"));
        }
        kind(&browser, "#name", &format!("1.4.{language}"));
        click(&browser, "details.act-card button.main", &say("Nothing on board", "담긴 스토리가 없습니다"));
        click(&browser, "fieldset input[type=checkbox]", &say("Nothing on board", "담긴 스토리가 없습니다"));
        click(&browser, "details.act-card[open] button.main", &say("On board.", "릴리스에 담았습니다"));
        look(&browser, with_scripts, &format!("release-{language}"));
        click(&browser, "a.button.main", &say("Who hears what", "누가 무엇을 듣나"));
        wait_for(&browser, &say("3 customers will be told", "고객 3명에게 알립니다"));
        look(&browser, with_scripts, &format!("release-before-{language}"));
        let deployed = element(&browser, "input[name=deployed]");
        browser.call(&format!("/element/{deployed}/click"), json!({}));
        click(&browser, "form.card button.main", &say("The release was shipped.", "릴리스를 출시했습니다."));
        look(&browser, with_scripts, &format!("release-shipped-{language}"));
        click(&browser, "a.button", &say("Roll back", "되돌리기"));
        look(&browser, with_scripts, &format!("release-back-{language}"));
        browser.open(&format!("{base}/console/releases"));
        look(&browser, with_scripts, &format!("releases-{language}-full"));
        browser.open(&format!("{base}/changelog/HB?language={language}"));
        look(&browser, with_scripts, &format!("changelog-{language}"));
        scripts(&browser, true);
    }
}
