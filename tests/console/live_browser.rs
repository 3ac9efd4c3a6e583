//! Drafts, live updates and presence in a real browser, with two members at the same time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::driver::{Browser, fill};
use super::visitor::PASSWORD;
use crate::support::{Database, Kind, World};

/// Waits until a script in the page answers this.
fn wait(browser: &Browser, script: &str, expected: &Value) {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let found = browser.run(script);
        if found == *expected {
            return;
        }
        assert!(Instant::now() < until, "{script}: {found}, not {expected}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn sign_in(browser: &Browser, world: &World, base: &str, name: &str, language: &str) {
    let email = format!("member-{language}@example.com");
    let member = json!({ "name": name, "email": email, "role": "admin", "language": language });
    let member = world.done("/v1/members", member);
    let invited = world.done(&format!("/v1/members/{}/invitation", member["id"].as_str().expect("an id")), json!({}));
    let link = invited["link"].as_str().expect("a link").split_once("/console/").expect("a path").1.to_owned();
    browser.open(&format!("{base}/console/{link}"));
    browser.submit(&format!(
        "const f = document.querySelector('main form'); f.password.value = f.repeated.value = {}; f.requestSubmit()",
        json!(PASSWORD)
    ));
    browser.open(&format!("{base}/console/account"));
    browser.submit(&fill(&[("language", language)], "/console/account"));
}

/// Composes Korean as a keyboard does.
fn compose(browser: &Browser, text: &str) {
    let end = text.chars().count();
    let part = json!({ "text": text, "selectionStart": end, "selectionEnd": end });
    browser.devtools("Input.imeSetComposition", part);
}

#[test]
fn two_members_write_and_see_each_other_in_real_browsers() {
    let (Some(ana), Some(bo)) = (Browser::start(), Browser::start()) else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = format!("http://{}", world.address());
    let story = world.done("/v1/stories", json!({ "title": "Refunds show when they will arrive" }));
    let number = story["number"].as_str().expect("a number");
    for n in 0..3 {
        world.done("/v1/feedback", json!({ "text": format!("The refund is late ({n})") }));
    }
    sign_in(&ana, &world, &base, "Ana", "en");
    sign_in(&bo, &world, &base, "보라", "ko");

    // A word in composition is kept as it is, and stays in composition.
    bo.open(&format!("{base}/console/inbox"));
    bo.run("window.kept = 0; const ask = window.fetch; window.fetch = async (...a) => { const r = await ask(...a); \
            if (String(a[0]).endsWith('/drafts') && r.ok) window.kept++; return r; }; \
            window.ends = 0; const t = document.getElementById('text'); t.addEventListener('compositionend', () => window.ends++); t.focus();");
    for text in ["ㅎ", "하", "한"] {
        compose(&bo, text);
    }
    wait(&bo, "return window.kept > 0", &json!(true));
    assert_eq!(bo.run("return [document.getElementById('text').value, window.ends]"), json!(["한", 0]), "untouched");
    bo.devtools("Input.insertText", json!({ "text": "환불이 늦어요" }));
    let text = bo.run("return document.getElementById('text').value");
    assert_eq!(text, "환불이 늦어요", "the composition ended whole");
    wait(&bo, "return window.kept > 1", &json!(true));
    bo.open(&format!("{base}/console/inbox"));
    assert_eq!(bo.run("return document.getElementById('text').value"), text, "restored");
    bo.look("draft-ko");

    // The list says what is new, and nothing moves.
    ana.open(&format!("{base}/console/inbox"));
    let rows = "return document.querySelectorAll('.feedback > li').length";
    let before = ana.run(rows);
    bo.submit("document.querySelector('form[data-draft][action=\"/console/inbox\"]').requestSubmit()");
    wait(&ana, "return document.querySelector('#live [data-part=new]')?.textContent ?? null", &json!("1 new Show"));
    assert_eq!(ana.run(rows), before, "no row moves by itself");
    ana.look("live-new-en");
    ana.submit("document.querySelector('#live [data-part=new] a').click()");
    assert_eq!(ana.run(rows), json!(before.as_i64().expect("a number") + 1), "shown when it is asked for");

    // Who else is here, who writes, and who changed it.
    ana.open(&format!("{base}/console/stories/{number}"));
    bo.open(&format!("{base}/console/stories/{number}/edit"));
    wait(
        &ana,
        "return document.querySelector('#live [data-part=here]')?.textContent ?? ''",
        &json!("Also here: 보라."),
    );
    bo.run("const t = document.getElementById('title'); t.focus(); t.setSelectionRange(0, t.value.length)");
    bo.devtools("Input.insertText", json!({ "text": "Refunds say when" }));
    wait(
        &ana,
        "return document.querySelector('#live [data-part=here]')?.textContent ?? ''",
        &json!("Writing here: 보라."),
    );
    ana.look("live-writing-en");
    bo.submit(&format!("document.querySelector(\"form[action='/console/stories/{number}/edit']\").requestSubmit()"));
    let changed = "return document.querySelector('#live [data-part=changed]')?.textContent ?? ''";
    wait(&ana, changed, &json!("보라 changed this just now. Show"));
    assert_eq!(ana.run("return document.querySelector('h1').textContent"), "Refunds show when they will arrive");
    bo.open(&format!("{base}/console/backlog"));
    wait(&bo, "return document.querySelector('.onlooker')?.ariaLabel ?? ''", &json!("함께 보는 사람: Ana"));
    bo.open(&format!("{base}/console/backlog?stage=draft"));
    bo.submit(
        "document.querySelector('.save-view').open = true; const f = document.querySelector(\".save-view form\"); \
               f.elements.name.value = '초안만 보기'; f.elements.shared.checked = true; f.requestSubmit()",
    );
    bo.look("views-line-ko");
    bo.open(&format!("{base}/console/views"));
    bo.look("views-ko");
    ana.open(&format!("{base}/console/views"));
    ana.look("views-en");
    ana.open(&format!("{base}/console/backlog?q=refunds"));
    ana.run("document.querySelector('.save-view').open = true");
    ana.look("views-save-en");
}
