//! The console in a real browser: headless Chromium by WebDriver, at phone and desktop width, light and dark, in English
//! and Korean. Each page is kept as a picture in `screenshots` of the target folder, so that people look at them.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{Database, Kind, World, skip_without_right};

pub const PASSWORD: &str = "correct horse battery staple";

/// A browser; it ends when dropped.
pub struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
}

impl Browser {
    /// Starts one, if it is installed.
    pub fn start() -> Option<Self> {
        let found =
            |program: &str| Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success());
        let browsers = ["chromium", "google-chrome", "chromium-browser"];
        if !browsers.iter().any(|browser| found(browser)) || !found("chromedriver") {
            // Some systems have no package of it.
            skip_without_right("Chromium: apt-get install chromium chromium-driver");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
        let mut driver = Command::new("chromedriver");
        let driver = driver.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = driver.spawn().expect("chromedriver");
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .into();
        let mut browser = Self { driver, agent, session: format!("http://127.0.0.1:{port}/session") };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" } } } });
        let until = Instant::now() + Duration::from_secs(60);
        let made = loop {
            match browser.try_call("POST", "", &wanted) {
                Ok(made) => break made,
                Err(e) if Instant::now() > until => panic!("no browser: {e}"),
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        };
        browser.session += &format!("/{}", made["sessionId"].as_str().expect("a session"));
        Some(browser)
    }

    fn try_call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.session));
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        let mut answer = self.agent.run(request.map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
        let text = answer.body_mut().with_config().limit(100_000_000).read_to_string().map_err(|e| e.to_string())?;
        let value: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        if answer.status() == 200 { Ok(value["value"].clone()) } else { Err(value["value"]["message"].to_string()) }
    }

    pub fn call(&self, path: &str, body: Value) -> Value {
        self.try_call("POST", path, &body).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    pub fn open(&self, address: &str) {
        self.call("/url", json!({ "url": address }));
    }

    pub fn run(&self, script: &str) -> Value {
        self.call("/execute/sync", json!({ "script": script, "args": [] }))
    }

    pub fn devtools(&self, command: &str, params: Value) -> Value {
        self.call("/goog/cdp/execute", json!({ "cmd": command, "params": params }))
    }

    /// Submits the form with this action, and waits for the next page.
    pub fn submit(&self, script: &str) {
        let before = self.run("return performance.timeOrigin");
        self.run(script);
        let until = Instant::now() + Duration::from_secs(30);
        while self.run("return document.readyState === 'complete' ? performance.timeOrigin : null") == before
            || self.run("return document.readyState") != "complete"
        {
            assert!(Instant::now() < until, "no next page after {script}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Keeps a picture of the page at phone and desktop width, light and dark, and holds the page to what each needs.
    pub fn look(&self, name: &str) {
        for (width, scheme) in [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")] {
            let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
            self.devtools("Emulation.setDeviceMetricsOverride", size);
            let scheme_is = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            self.devtools("Emulation.setEmulatedMedia", scheme_is);
            let wide = self.run("return document.documentElement.scrollWidth").as_i64().expect("a width");
            assert!(wide <= width, "{name}: {wide} pixels wide on a screen of {width}");
            let picture =
                self.devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }));
            let picture = STANDARD.decode(picture["data"].as_str().expect("a picture")).expect("base64");
            let folder = folder();
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), picture).expect("a file");
        }
        let unnamed = "return [...document.querySelectorAll('input:not([type=hidden]),select,textarea')]\
            .filter(f => !f.labels.length && !f.ariaLabel).map(f => f.outerHTML)";
        assert_eq!(self.run(unnamed), json!([]), "{name}: a field without a label");
        assert_eq!(self.run("return document.querySelectorAll('h1').length"), 1, "{name}: one first heading");
        let small = "return [...document.querySelectorAll('button,select,input:not([type=hidden]),summary')]\
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 16).map(e => e.outerHTML)";
        assert_eq!(self.run(small), json!([]), "{name}: too small to hit");
        let said = self.call("/se/log", json!({ "type": "browser" }));
        let wrong: Vec<&Value> =
            said.as_array().expect("a log").iter().filter(|line| line["level"] == "SEVERE").collect();
        assert!(wrong.is_empty(), "{name}: the browser complains, as of the content security policy: {wrong:?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.try_call("DELETE", "", &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target")).join("screenshots")
}

pub fn fill(fields: &[(&str, &str)], form: &str) -> String {
    let set = fields.iter().map(|(name, value)| format!("f.elements['{name}'].value = {};", json!(value)));
    format!(
        "const f = document.querySelector(\"form[action='{form}']\"); {} f.requestSubmit();",
        set.collect::<String>()
    )
}

#[test]
fn a_member_signs_in_and_works_in_both_languages_in_a_real_browser() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = format!("http://{}", world.address());
    for n in 0..12 {
        let said =
            ["The refund still has not arrived", "환불이 아직도 안 들어왔어요", "שלום, the app crashes 😀"][n % 3];
        let customer = json!({ "email": format!("c{n}@example.com"), "name": format!("Customer {n}"), "account": { "name": "Blue Bakery" } });
        world.done("/v1/feedback", json!({ "text": format!("{said} ({n})"), "customer": customer }));
    }
    world.done("/v1/stories", json!({ "title": "Refunds show when they will arrive", "as_a": "customer", "i_want": "to see the day", "so_that": "I can plan",
        "acceptance_criteria": [{ "text": "The day is shown" }] }));
    let member = world.done("/v1/members", json!({ "name": "Mina 김", "email": "mina@example.com", "role": "admin" }));
    let invited = world.done(&format!("/v1/members/{}/invitation", member["id"].as_str().expect("an id")), json!({}));
    let link = invited["link"].as_str().expect("a link").split_once("/console/").expect("a path").1.to_owned();

    browser.open(&format!("{base}/console/{link}"));
    browser.look("invite");
    browser.submit(&format!(
        "const f = document.querySelector('main form'); f.password.value = f.repeated.value = {}; f.requestSubmit()",
        json!(PASSWORD)
    ));
    assert_eq!(browser.run("return location.pathname"), "/console/backlog");
    browser.submit("document.querySelector(\"form[action='/console/sign-out']\").requestSubmit()");
    browser.look("sign-in");
    browser.submit(&fill(&[("email", "mina@example.com"), ("password", "a wrong password")], "/console/sign-in"));
    browser.call("/se/log", json!({ "type": "browser" }));
    assert!(browser.run("return document.body.innerText").as_str().is_some_and(|text| text.contains("is wrong")));
    browser.submit(&fill(&[("email", "mina@example.com"), ("password", PASSWORD)], "/console/sign-in"));
    assert_eq!(
        browser.run("return location.pathname"),
        "/console/backlog",
        "signed in over plain http on this machine"
    );
    for language in ["en", "ko"] {
        browser.open(&format!("{base}/console/account"));
        browser.submit(&fill(&[("language", language)], "/console/account"));
        assert_eq!(browser.run("return document.documentElement.lang"), language);
        for (name, path) in [
            ("account", "account"),
            ("backlog", "backlog"),
            ("story", "stories/HB-1"),
            ("edit", "stories/HB-1/edit"),
            ("inbox", "inbox"),
            ("themes", "themes"),
            ("search", "search?q=refund"),
        ] {
            browser.open(&format!("{base}/console/{path}"));
            browser.look(&format!("{name}-{language}"));
        }
        browser.open(&format!("{base}/console/themes"));
        browser.run("document.querySelector('tbody a, main a').focus()");
        if let Some(theme) = browser.run("return document.querySelector('tbody a')?.href").as_str() {
            browser.open(theme);
            browser.look(&format!("theme-{language}"));
        }
    }
    browser.open(&format!("{base}/console/inbox"));
    browser.run("const t = document.getElementById('text'); t.value = 'my refund has not arrived'; t.dispatchEvent(new InputEvent('input'))");
    let until = Instant::now() + Duration::from_secs(20);
    while browser.run("return document.getElementById('nearest').childElementCount") == 0 {
        assert!(Instant::now() < until, "nothing is shown while somebody types");
        std::thread::sleep(Duration::from_millis(100));
    }
    browser.look("inbox-typing");
}
