//! The day of a product person in a real browser, from sign-in to done: in English and Korean, with scripts and without,
//! on a phone and on a desk.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::driver::Browser;
use super::visitor::PASSWORD;
use crate::support::{Database, Kind, World};

/// How the day goes.
struct Day<'a> {
    browser: &'a Browser,
    base: String,
    language: &'static str,
    scripts: bool,
    width: i64,
}

impl Day<'_> {
    fn open(&self, path: &str) {
        self.browser.open(&format!("{}/console/{path}", self.base));
    }

    fn find(&self, css: &str) -> String {
        let found = self.browser.call("/element", json!({ "using": "css selector", "value": css }));
        let id = found.as_object().and_then(|object| object.values().next()?.as_str().map(str::to_owned));
        id.unwrap_or_else(|| panic!("{css}: {found}"))
    }

    /// Clicks as a person does; the browser waits for the next page where there is one.
    fn click(&self, css: &str) {
        let before = self.browser.run("return performance.timeOrigin");
        self.browser.call(&format!("/element/{}/click", self.find(css)), json!({}));
        let until = Instant::now() + Duration::from_secs(30);
        while self.browser.run("return document.readyState === 'complete' ? performance.timeOrigin : null") == before {
            assert!(Instant::now() < until, "no next page after {css}");
            std::thread::sleep(Duration::from_millis(50));
        }
        while self.browser.run("return document.readyState") != "complete" {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Clicks what opens or chooses something on the same page.
    fn choose(&self, css: &str) {
        self.browser.call(&format!("/element/{}/click", self.find(css)), json!({}));
    }

    fn write(&self, css: &str, text: &str) {
        let field = self.find(css);
        self.browser.call(&format!("/element/{field}/clear"), json!({}));
        self.browser.call(&format!("/element/{field}/value"), json!({ "text": text }));
    }

    /// Whether the page says this.
    fn says(&self, text: &str) {
        let page = self.browser.run("return document.body.innerText");
        assert!(page.as_str().is_some_and(|page| page.contains(text)), "{text}: {page}");
    }

    fn path(&self) -> String {
        self.browser.run("return location.pathname").as_str().expect("a path").to_owned()
    }

    fn prepare(&self) {
        let size = json!({ "width": self.width, "height": 900, "deviceScaleFactor": 1, "mobile": self.width < 500 });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", size);
        self.browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !self.scripts }));
    }

    fn word(&self, english: &'static str, korean: &'static str) -> &'static str {
        if self.language == "ko" { korean } else { english }
    }
}

/// Texts of two matters, in two languages, grouped by the program.
fn file(world: &World) {
    for n in 0..10 {
        let said = [
            "The refund has not arrived. I have waited for two weeks!",
            "환불이 아직도 안 들어왔어요. 2주나 기다렸어요.",
            "The app crashes on start, every time",
        ][n % 3];
        let customer = json!({ "email": format!("c{n}@example.com"), "name": format!("Customer {n}") });
        world.done(
            "/v1/feedback",
            json!({ "text": format!("{said} ({n})"), "kind": "complaint", "customer": customer }),
        );
    }
    let until = Instant::now() + Duration::from_secs(60);
    while world.read("/v1/grouping")["pending"] != 0 {
        assert!(Instant::now() < until, "not grouped");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The largest theme: its id, and whether it has a story.
fn largest(world: &World) -> (String, Value) {
    let theme = world.read("/v1/themes?sort=size")["data"][0].clone();
    (theme["id"].as_str().expect("an id").to_owned(), theme["story_id"].clone())
}

fn sign_in(day: &Day<'_>) {
    day.open("sign-in");
    day.write("[name=email]", &format!("{}@example.com", day.language));
    day.write("[name=password]", PASSWORD);
    day.click("main form button.main, main form .wide");
    assert_eq!(day.path(), "/console/backlog");
}

/// A theme: a sentence becomes a quote, feedback is moved away, and back.
fn morning(day: &Day<'_>, world: &World) -> String {
    let (theme, story) = largest(world);
    day.open(&format!("themes/{theme}"));
    if story.is_null() {
        day.click("form[action$='/story'] button");
        day.open(&format!("themes/{theme}"));
    }
    let number =
        day.browser.run("return document.querySelector('.aside a[href^=\"/console/stories/\"]').href.split('/').pop()");
    let number = number.as_str().expect("a number").to_owned();
    let before = world.read(&format!("/v1/stories/{number}"))["acceptance_criteria"].to_string();
    if day.scripts {
        let letters = if day.language == "ko" { 14 } else { 12 };
        day.browser.run(&format!(
            "const w = document.createTreeWalker(document.querySelector('[data-said]'), NodeFilter.SHOW_TEXT); \
            let t = w.nextNode(); while (t.length < {letters}) t = w.nextNode(); \
            const r = document.createRange(); r.setStart(t, 0); r.setEnd(t, {letters}); \
            t.parentElement.scrollIntoView({{block: 'center'}}); \
            const s = getSelection(); s.removeAllRanges(); s.addRange(r)"
        ));
        day.browser.wait_for("document.querySelector('.picker')?.checkVisibility()");
        let has_criteria =
            day.browser.run("return document.querySelector('[data-quote] [name=criterion]').options.length > 1");
        if has_criteria == true {
            day.click(".picker");
        } else {
            day.choose(".picker");
            day.write("[data-quote] [name=new_criterion]", "It arrives in time");
            day.click("[data-quote] button");
        }
    } else {
        day.choose(".choose details.act summary");
        day.write(".choose [data-quote] [name=new_criterion]", "It arrives in time");
        day.browser.run("document.querySelector('[data-quote] [name=criterion]').value = 'new'");
        day.click(".choose [data-quote] button");
    }
    day.says(day.word("The quote was added to the story.", "스토리에 인용을 추가했습니다."));
    let after = world.read(&format!("/v1/stories/{number}"))["acceptance_criteria"].to_string();
    assert_ne!(before, after, "the story has the quote");
    assert_eq!(day.browser.run("return document.querySelectorAll('mark').length > 0"), true);

    day.choose(".choose .pick input");
    day.click("#chosen button.main");
    day.says(day.word("a theme of its own", "새 테마로 나눴습니다"));
    day.click(".flash form button");
    day.says(day.word("Undone.", "취소했습니다."));
    assert_eq!(day.path(), format!("/console/themes/{theme}"));
    number
}

/// A story: accepted, taken, moved on the board; another one is declined after a look at the message.
fn afternoon(day: &Day<'_>, world: &World, number: &str) {
    day.open(&format!("stories/{number}"));
    if world.read(&format!("/v1/stories/{number}"))["stage"] == "draft" {
        day.click("button[name=to][value=accepted]");
        day.says(day.word("The story was moved.", "스토리를 옮겼습니다."));
    }
    if day.browser.run("return document.querySelector('form.act button[name=owner]') !== null") == true {
        day.click("form.act button[name=owner]");
    }
    day.open("backlog?owner=@me");
    day.says(number);
    day.open("backlog/board");
    let next = day.browser.run(&format!("return document.querySelector('#{number} [name=to]').value"));
    day.click(&format!("#{number} .step button"));
    assert_eq!(day.path(), "/console/backlog/board");
    assert_eq!(world.read(&format!("/v1/stories/{number}"))["stage"], next);

    let title = format!("Telex {} {}", day.language, day.scripts);
    let other = world.done("/v1/stories", json!({ "title": title }))["number"].as_str().expect("a number").to_owned();
    day.open(&format!("stories/{other}"));
    day.click("a[href$='/decline']");
    day.write("#reason", day.word("Nobody uses telex.", "텔렉스는 더 이상 쓰지 않습니다."));
    day.click("main form button");
    day.says(day.word("What customers will read", "고객이 읽게 될 내용"));
    day.click("button.danger");
    day.says(day.word("The story was declined.", "스토리를 반려했습니다."));
    assert_eq!(world.read(&format!("/v1/stories/{other}"))["stage"], "declined");
}

#[test]
fn a_product_person_does_their_day_with_scripts_and_without_in_both_languages() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    file(&world);
    for (language, scripts, width) in [("en", true, 1280), ("ko", true, 390), ("en", false, 390), ("ko", false, 1280)] {
        let base = format!("http://{}", world.address());
        browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": false }));
        let email = format!("{language}@example.com");
        let known = world.read("/v1/members?limit=200");
        if !known["data"].as_array().expect("members").iter().any(|member| member["email"] == email) {
            let member = world.done(
                "/v1/members",
                json!({ "name": format!("Mina {language}"), "email": email, "role": "product", "language": language }),
            );
            let path = format!("/v1/members/{}/invitation", member["id"].as_str().expect("an id"));
            let link = world.done(&path, json!({}))["link"].as_str().expect("a link").to_owned();
            browser.open(&format!("{base}/console/{}", link.split_once("/console/").expect("a path").1));
            browser.submit(&format!(
                "const f = document.querySelector('main form'); f.password.value = f.repeated.value = {}; f.requestSubmit()",
                json!(PASSWORD)
            ));
        }
        // Joining takes the language of the browser.
        let known = world.read("/v1/members?limit=200");
        let mut known = known["data"].as_array().expect("members").iter();
        let member = known.find(|member| member["email"] == email).expect("the member");
        let path = format!("/v1/members/{}", member["id"].as_str().expect("an id"));
        assert_eq!(world.patch(&path, json!({ "language": language })).status, 200);
        browser.call("/url", json!({ "url": format!("{base}/console/") }));
        let day = Day { browser: &browser, base, language, scripts, width };
        day.prepare();
        if browser.run("return document.querySelector(\"form[action='/console/sign-out']\") !== null") == true {
            day.click("form[action='/console/sign-out'] button");
        }
        sign_in(&day);
        let number = morning(&day, &world);
        afternoon(&day, &world, &number);
        if scripts {
            let (theme, _) = largest(&world);
            for (name, path) in [
                ("theme", format!("themes/{theme}")),
                ("theme-merge", format!("themes/{theme}/merge")),
                ("themes-table", "themes".to_owned()),
                ("theme-map", "themes/map".to_owned()),
                ("backlog-board", "backlog/board".to_owned()),
                ("story-full", format!("stories/{number}")),
                ("story-evidence", format!("stories/{number}/evidence")),
            ] {
                day.open(&path);
                if name == "theme" {
                    browser.wait_for("!document.querySelector('a[data-load]')");
                }
                browser.look(&format!("{name}-{language}"));
            }
        }
    }
}
