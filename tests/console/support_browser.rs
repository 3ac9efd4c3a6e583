//! A support agent's day in a real browser, from sign-in to sign-out: in English and Korean, at phone and desktop width,
//! with scripts and without.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::driver::Browser;
use super::visitor::PASSWORD;
use crate::support::{Database, Kind, World};

/// The element that this selector finds.
fn find(browser: &Browser, css: &str) -> String {
    let found = browser.call("/element", json!({ "using": "css selector", "value": css }));
    let id = found.as_object().and_then(|fields| fields.values().next()?.as_str().map(str::to_owned));
    id.unwrap_or_else(|| panic!("{css}: {found}"))
}

/// Types into a field, as a person does.
fn type_into(browser: &Browser, css: &str, text: &str) {
    browser.call(&format!("/element/{}/value", find(browser, css)), json!({ "text": text }));
}

/// Clicks where no next page follows.
fn click(browser: &Browser, css: &str) {
    browser.call(&format!("/element/{}/click", find(browser, css)), json!({}));
}

/// Presses a button or follows a link, and waits for the next page.
fn press(browser: &Browser, css: &str) {
    to_next_page(browser, css, || click(browser, css));
}

/// Does something that leads to another page, and waits for that.
fn to_next_page(browser: &Browser, what: &str, go: impl FnOnce()) {
    let before = browser.run("return performance.timeOrigin");
    go();
    let end = Instant::now() + Duration::from_secs(30);
    while browser.run("return document.readyState === 'complete' ? performance.timeOrigin : null") == before
        || browser.run("return document.readyState") != "complete"
    {
        assert!(Instant::now() < end, "no next page after {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Opens a place of the navigation, which is closed on a narrow screen.
fn go_to(browser: &Browser, address: &str) {
    let link = format!("nav a[href='{address}']");
    let of_link = |what: &str| browser.run(&format!("return document.querySelector(\"{link}\").{what}"));
    if of_link("checkVisibility()") == false {
        click(browser, ".menu > summary");
    }
    assert_eq!(of_link("checkVisibility()"), true, "{link}");
    // Not by the driver, which takes all in a closed `details` for hidden, also where the style shows it.
    to_next_page(browser, &link, || drop(of_link("click()")));
}

/// The text of the page.
fn text(browser: &Browser) -> String {
    browser.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
}

/// How the day is walked.
#[derive(Clone, Copy)]
struct Way {
    language: &'static str,
    width: i64,
    scripts: bool,
}

/// Words of three customers; a story that was declined, so that one without an address is to be told.
fn prepare(world: &World) {
    for n in 0..12 {
        let said =
            ["The refund still has not arrived", "환불이 아직도 안 들어왔어요", "שלום, the app crashes 😀"][n % 3];
        let customer = json!({ "email": format!("c{n}@example.com"), "name": format!("Customer {n}"),
            "account": { "name": "Blue Bakery" } });
        world.done("/v1/feedback", json!({ "text": format!("{said} ({n})"), "source": "chat", "customer": customer }));
    }
    world.settings(json!({ "recall_minutes": 0 }));
}

/// Shows the pages in this language: somebody who joins has that of the browser.
fn speak(browser: &Browser, language: &str) {
    if browser.run("return document.documentElement.lang") != language {
        press(browser, ".who form[action='/console/language'] button");
    }
    assert_eq!(browser.run("return document.documentElement.lang"), language);
}

/// A member of support, signed in through the link of the invitation; answers the id.
fn arrive(browser: &Browser, world: &World, base: &str, email: &str, language: &str) -> String {
    let member = json!({ "name": "Sam 김", "email": email, "role": "support", "language": language });
    let member = world.done("/v1/members", member);
    let id = member["id"].as_str().expect("an id").to_owned();
    let invited = world.done(&format!("/v1/members/{id}/invitation"), json!({}));
    let link = invited["link"].as_str().expect("a link").split_once("/console/").expect("a path").1.to_owned();
    browser.open(&format!("{base}/console/{link}"));
    type_into(browser, "input[name=password]", PASSWORD);
    type_into(browser, "input[name=repeated]", PASSWORD);
    press(browser, "main form button");
    assert_eq!(browser.run("return location.pathname"), "/console/inbox", "support begins in the inbox");
    speak(browser, language);
    id
}

fn shape(browser: &Browser, way: Way) {
    let size = json!({ "width": way.width, "height": 900, "deviceScaleFactor": 1, "mobile": way.width < 500 });
    browser.devtools("Emulation.setDeviceMetricsOverride", size);
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !way.scripts }));
}

/// Nobody scrolls sideways.
fn fits(browser: &Browser, way: Way, place: &str) {
    let wide = browser.run("return document.documentElement.scrollWidth").as_i64().expect("a width");
    assert!(wide <= way.width, "{place}: {wide} pixels wide on a screen of {}", way.width);
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether the form offers the known customer.
fn found(browser: &Browser) -> bool {
    let offered = browser.run("return document.getElementById('choices').innerText");
    offered.as_str().is_some_and(|offered| offered.contains("Customer 3"))
}

fn day(browser: &Browser, world: &World, base: &str, way: Way) {
    let tag = format!("{}-{}-{}", way.language, way.width, way.scripts);
    shape(browser, Way { scripts: true, ..way });
    let email = format!("sam-{tag}@example.com");
    arrive(browser, world, base, &email, way.language);
    press(browser, "form[action='/console/sign-out'] button");
    shape(browser, way);
    browser.open(&format!("{base}/console/sign-in"));
    type_into(browser, "input[name=email]", &email);
    type_into(browser, "input[name=password]", PASSWORD);
    press(browser, "main form button");
    fits(browser, way, "inbox");

    // File what a customer said on the phone, who is known by a part of the address.
    type_into(browser, "#text", &format!("환불이 너무 늦습니다. My refund is late {tag}"));
    type_into(browser, "#customer-email", "c3@exa");
    if way.scripts {
        until("a known customer is found while typing", || found(browser));
        until("who else asked is shown", || {
            browser.run("return document.getElementById('nearest').childElementCount") != 0
        });
    } else {
        press(browser, "button[name=look]");
        fits(browser, way, "what was looked up");
    }
    assert!(found(browser), "{}", text(browser));
    click(browser, "#choices input[name=customer_id]:not([value=''])");
    press(browser, "form.fields button.main");
    let path = browser.run("return location.pathname");
    assert!(path.as_str().is_some_and(|path| path.starts_with("/console/feedback/")), "{path}");
    assert!(text(browser).contains("Customer 3") && text(browser).contains(&tag));
    fits(browser, way, "feedback");

    // Tag it, note something for the team.
    type_into(browser, "#new-tag", "phone");
    press(browser, "button[value=tag]");
    assert!(text(browser).contains("phone"));
    type_into(browser, "#new-note", "Called twice today");
    press(browser, "#notes form button");
    assert!(text(browser).contains("Called twice today"));
    let note = browser.run("return getComputedStyle(document.querySelector('.internal')).borderTopStyle");
    assert_eq!(note, "dashed", "notes look unlike what customers see");
    go_to(browser, "/console/inbox");

    // Dismiss a row in place, and take it back from the message.
    press(browser, ".picks li:nth-child(2) button[name=dismiss]");
    assert!(browser.run("return !!document.querySelector(\".flash form[action='/console/undo']\")") == true);
    fits(browser, way, "inbox after an act");
    press(browser, ".flash form[action='/console/undo'] button");
    // Two rows at once.
    if !way.scripts {
        click(browser, "#many > summary");
    }
    click(browser, ".picks li:nth-child(1) .pick input");
    click(browser, ".picks li:nth-child(2) .pick input");
    type_into(browser, "#bulk-tags", "today");
    press(browser, "#bulk button[value=tag]");
    assert_eq!(world.ids("/v1/feedback?tag=today").len(), 2);
    press(browser, ".flash form[action='/console/undo'] button");
    assert_eq!(world.ids("/v1/feedback?tag=today").len(), 0);
    browser.open(&format!("{base}/console/acts"));
    fits(browser, way, "acts");

    // The customer, on one timeline.
    go_to(browser, "/console/customers");
    type_into(browser, "input[name=q]", "Customer 3");
    press(browser, "form[role=search] button.main");
    fits(browser, way, "customers");
    press(browser, "tbody th a");
    assert!(text(browser).contains(&tag), "{}", text(browser));
    fits(browser, way, "customer");
    go_to(browser, "/console/to-tell");
    fits(browser, way, "to tell");
    press(browser, "form[action='/console/sign-out'] button");
}

#[test]
fn a_support_agents_day_from_sign_in_to_sign_out() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = format!("http://{}", world.address());
    prepare(&world);
    for language in ["en", "ko"] {
        for width in [390, 1280] {
            for scripts in [true, false] {
                day(&browser, &world, &base, Way { language, width, scripts });
            }
        }
    }
}

/// A closure that a member tells: the customer has no address, and the story was declined.
fn to_be_told(world: &World) -> Value {
    let filed = world.done(
        "/v1/feedback",
        json!({ "text": "Please call me about refunds", "source": "call", "customer": { "name": "Freya", "external_id": "f1" } }),
    );
    let story = world.done(
        "/v1/stories",
        json!({ "title": "Refunds by phone", "as_a": "customer", "i_want": "a call", "so_that": "I know",
        "acceptance_criteria": [{ "text": "Somebody calls" }] }),
    );
    let number = story["number"].as_str().expect("a number").to_owned();
    world.done(&format!("/v1/stories/{number}/feedback"), json!({ "feedback_ids": [filed["id"]] }));
    let declined = json!({ "to": "declined", "reason": "Banks do not tell us the date.", "tell_customers": true });
    assert_eq!(world.moving(&number, declined).status, 200);
    filed
}

#[test]
fn pages_of_support_are_looked_at_in_both_languages_and_widths() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = format!("http://{}", world.address());
    prepare(&world);
    let filed = to_be_told(&world);
    let feedback = filed["id"].as_str().expect("an id").to_owned();
    let customer = filed["customer"]["id"].as_str().expect("an id").to_owned();
    let account = world.read("/v1/accounts")["data"][0]["id"].as_str().expect("an id").to_owned();
    let known = world.read("/v1/customers?q=c3")["data"][0]["id"].as_str().expect("an id").to_owned();
    world.done(&format!("/v1/feedback/{feedback}/notes"), json!({ "text": "Prefers calls in the morning." }));
    for language in ["en", "ko"] {
        let email = format!("admin-{language}@example.com");
        let member = json!({ "name": "Mina 김", "email": email, "role": "admin", "language": language });
        let member = world.done("/v1/members", member);
        let invited =
            world.done(&format!("/v1/members/{}/invitation", member["id"].as_str().expect("an id")), json!({}));
        let link = invited["link"].as_str().expect("a link").split_once("/console/").expect("a path").1.to_owned();
        browser.open(&format!("{base}/console/{link}"));
        type_into(&browser, "input[name=password]", PASSWORD);
        type_into(&browser, "input[name=repeated]", PASSWORD);
        press(&browser, "main form button");
        speak(&browser, language);
        browser.open(&format!("{base}/console/inbox"));
        press(&browser, ".picks button[name=dismiss]");
        browser.look(&format!("inbox-undo-{language}"));
        for (name, path) in [
            ("inbox-filtered", "inbox?source=chat,call&by=@me".to_owned()),
            ("feedback", format!("feedback/{feedback}")),
            ("acts", "acts".to_owned()),
            ("to-tell", "to-tell?who=all".to_owned()),
            ("customers", "customers".to_owned()),
            ("customer", format!("customers/{customer}")),
            ("merge", format!("customers/{customer}/merge?other={known}")),
            ("merge-find", format!("customers/{customer}/merge?q=customer")),
            ("erase", format!("customers/{customer}/erase")),
            ("accounts", "accounts".to_owned()),
            ("account", format!("accounts/{account}")),
        ] {
            browser.open(&format!("{base}/console/{path}"));
            browser.look(&format!("support-{name}-{language}"));
        }
        browser.open(&format!("{base}/console/inbox"));
        type_into(&browser, "#text", "my refund has not arrived");
        type_into(&browser, "#customer-name", "Customer 1");
        until("customers are found", || {
            browser.run("return document.getElementById('choices').childElementCount") != 0
        });
        until("near ones are shown", || {
            browser.run("return document.getElementById('nearest').childElementCount") != 0
        });
        click(&browser, "#many > summary");
        browser.look(&format!("support-inbox-typing-{language}"));
        // Alt and a digit: the same as the first near one.
        browser.press_with("1", "Digit1", 49, 1);
        browser.wait_for("location.pathname.startsWith('/console/feedback/')");
        browser.wait_for("document.querySelector('.flash form')");
        press(&browser, "form[action='/console/sign-out'] button");
    }
}
