//! Keys in a real browser: with the Latin and the Korean keyboard, switched off, and while a syllable is composed.

use serde_json::{Value, json};

use super::driver::{Browser, fill};
use crate::support::{Database, Kind, World};

/// A browser in which a product person is signed in, on the backlog with three stories.
fn on_the_backlog(browser: &Browser, world: &World) -> String {
    for title in ["Refunds show when they arrive", "환불 지연", "App closes after update"] {
        world.done("/v1/stories", json!({ "title": title }));
    }
    let base = browser.join(world, "Mina 김", "product");
    browser.open(&format!("{base}/console/backlog"));
    base
}

fn focused(browser: &Browser) -> Value {
    browser.run("return document.activeElement.getAttribute('href')")
}

#[test]
fn keys_walk_the_list_open_go_and_explain_themselves() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = on_the_backlog(&browser, &world);
    browser.press("j", "KeyJ", 74);
    let first = focused(&browser);
    browser.press("j", "KeyJ", 74);
    let second = focused(&browser);
    assert_ne!(first, second, "J goes to the next row");
    browser.press("k", "KeyK", 75);
    assert_eq!(focused(&browser), first, "K goes back");
    // With the Korean keyboard the same key writes a vowel.
    browser.press("ㅓ", "KeyJ", 229);
    assert_eq!(focused(&browser), second, "the place of the key decides");
    browser.run("document.activeElement.blur()");
    browser.press_with("?", "Slash", 191, 8);
    browser.wait_for("document.querySelector('dialog[open]')?.innerText.includes('Inbox')");
    browser.press("Escape", "Escape", 27);
    browser.wait_for("!document.querySelector('dialog[open]')");
    browser.press("g", "KeyG", 71);
    browser.press("ㅅ", "KeyT", 229);
    browser.wait_for("location.pathname === '/console/themes'");
    browser.open(&format!("{base}/console/stories/HB-1"));
    browser.press("e", "KeyE", 69);
    browser.wait_for("location.pathname === '/console/stories/HB-1/edit' && document.readyState === 'complete'");
    // In a field, a letter is a letter.
    browser.run("document.getElementById('title').focus()");
    browser.press("j", "KeyJ", 74);
    assert_eq!(browser.run("return document.activeElement.value.includes('j')"), true);
}

#[test]
fn a_member_switches_single_keys_off() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = on_the_backlog(&browser, &world);
    browser.open(&format!("{base}/console/account"));
    browser.submit("const f = document.querySelector(\"form[action='/console/account']\"); f.elements.shortcuts.checked = false; f.requestSubmit()");
    browser.open(&format!("{base}/console/backlog"));
    browser.press("j", "KeyJ", 74);
    assert_eq!(focused(&browser), Value::Null, "J does nothing");
    browser.press_with("k", "KeyK", 75, 2);
    browser.wait_for("document.querySelector('dialog[open]')");
}

#[test]
fn the_palette_finds_acts_stories_and_korean_initials() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = on_the_backlog(&browser, &world);
    let options = "[...document.querySelectorAll('dialog[open] [role=option]')].map(o => o.innerText).join('|')";
    let write = |words: &str| {
        browser.press_with("k", "KeyK", 75, 2);
        browser.wait_for("document.querySelector('dialog[open] input')");
        browser.devtools("Input.insertText", json!({ "text": words }));
    };
    write("hb-2");
    browser.wait_for(&format!("{options}.includes('환불 지연')"));
    browser.run("document.querySelector('dialog[open] form').requestSubmit()");
    browser.wait_for("location.pathname === '/console/stories/HB-2'");
    // Half a word in Hangul is looked up while it is composed, and Enter waits for the whole syllable.
    browser.press_with("k", "KeyK", 75, 2);
    browser.wait_for("document.querySelector('dialog[open] input')");
    browser.devtools("Input.imeSetComposition", json!({ "text": "환부", "selectionStart": 2, "selectionEnd": 2 }));
    browser.devtools("Input.imeSetComposition", json!({ "text": "환불", "selectionStart": 2, "selectionEnd": 2 }));
    browser.wait_for(&format!("{options}.includes('HB-2')"));
    browser.devtools("Input.insertText", json!({ "text": "환불" }));
    assert_eq!(browser.run("return document.querySelector('dialog[open] input').value"), "환불", "once, and whole");
    browser.press("Escape", "Escape", 27);
    // Pages by the first letters of their names.
    browser.open(&format!("{base}/console/account"));
    browser.submit(&fill(&[("language", "ko")], "/console/account"));
    write("ㅂㄹㄱ");
    browser.wait_for(&format!("{options}.includes('백로그')"));
    browser.look("palette-ko");
}

#[test]
fn control_and_enter_send_a_form_once_with_the_last_syllable() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = on_the_backlog(&browser, &world);
    browser.open(&format!("{base}/console/inbox"));
    browser.press("c", "KeyC", 67);
    assert_eq!(browser.run("return document.activeElement.id"), "text", "C begins to write");
    browser.devtools("Input.insertText", json!({ "text": "환불이 안 " }));
    browser.devtools("Input.imeSetComposition", json!({ "text": "와", "selectionStart": 1, "selectionEnd": 1 }));
    browser.press_with("Enter", "Enter", 13, 2);
    browser.devtools("Input.insertText", json!({ "text": "와" }));
    browser.wait_for("document.querySelector('.flash')");
    let filed = world.get("/v1/feedback").json();
    let texts: Vec<&str> =
        filed["data"].as_array().expect("a list").iter().filter_map(|item| item["text"].as_str()).collect();
    assert_eq!(texts, ["환불이 안 와"], "sent once, and whole");
}
