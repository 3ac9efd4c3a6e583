//! Headless Chromium, driven by WebDriver and the commands of its developer tools, and what every page is held to.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::visitor::PASSWORD;
use crate::support::{World, skip_without_right};

/// The checks of accessibility that a program can make: axe-core 4.14.1.
const AXE: &str = include_str!("axe/axe.min.js");
/// The rules that axe runs: WCAG 2.2, levels A and AA.
const AXE_RUN: &str = "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'], runOnly: { type: 'tag', \
    values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } }).then(r => done(r.violations.map(v => \
    [v.id, v.nodes.slice(0, 5).map(n => [n.html, n.failureSummary])])), e => done(String(e)))";

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

    /// Signs a new member in, by the link that invites them; returns the address of the server.
    pub fn join(&self, world: &World, name: &str, role: &str) -> String {
        let member =
            world.done("/v1/members", json!({ "name": name, "email": format!("{role}@example.com"), "role": role }));
        let id = member["id"].as_str().expect("an id");
        let invited = world.done(&format!("/v1/members/{id}/invitation"), json!({}));
        let link = invited["link"].as_str().expect("a link").split_once("/console/").expect("a path").1.to_owned();
        let base = format!("http://{}", world.address());
        self.open(&format!("{base}/console/{link}"));
        self.submit(&format!(
            "const f = document.querySelector('main form'); f.password.value = f.repeated.value = {}; f.requestSubmit()",
            json!(PASSWORD)
        ));
        base
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
            self.show_at(width, &[("prefers-color-scheme", scheme)]);
            self.fits(name, width);
            let picture =
                self.devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }));
            let picture = STANDARD.decode(picture["data"].as_str().expect("a picture")).expect("base64");
            let folder = folder();
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), picture).expect("a file");
        }
        self.is_accessible(name);
        let said = self.call("/se/log", json!({ "type": "browser" }));
        let wrong: Vec<&Value> = said.as_array().expect("a log").iter().filter(|line| is_wrong(line)).collect();
        assert!(wrong.is_empty(), "{name}: the browser complains, as of the content security policy: {wrong:?}");
    }

    /// Sets the width of the window, and what the system prefers.
    fn show_at(&self, width: i64, preferences: &[(&str, &str)]) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        let features: Vec<Value> =
            preferences.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// The page must not scroll sideways.
    fn fits(&self, name: &str, width: i64) {
        let wide = self.run("return document.documentElement.scrollWidth").as_i64().expect("a width");
        assert!(wide <= width, "{name}: {wide} pixels wide on a screen of {width}");
    }

    /// What WCAG 2.2 AA asks for: the rules of axe in each colour scheme, and what they do not see.
    fn is_accessible(&self, name: &str) {
        // 1,280 pixels at 400 per cent.
        self.show_at(320, &[]);
        self.fits(&format!("{name}, enlarged"), 320);
        self.run(AXE);
        for (width, feature, value) in [
            (390, "prefers-color-scheme", "light"),
            (1280, "prefers-color-scheme", "dark"),
            (1280, "forced-colors", "active"),
            (1280, "prefers-color-scheme", "light"),
        ] {
            self.show_at(width, &[(feature, value)]);
            let found = self.call("/execute/async", json!({ "script": AXE_RUN, "args": [] }));
            assert_eq!(found, json!([]), "{name}, {width} pixels, {feature} {value}");
        }
        let unnamed = "return [...document.querySelectorAll('input:not([type=hidden]),select,textarea')]\
            .filter(f => !f.labels.length && !f.ariaLabel).map(f => f.outerHTML)";
        assert_eq!(self.run(unnamed), json!([]), "{name}: a field without a label");
        assert_eq!(self.run("return document.querySelectorAll('h1').length"), 1, "{name}: one first heading");
        let small = "return [...document.querySelectorAll('button,select,input:not([type=hidden],[type=checkbox],[type=radio]),summary')]\
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24).map(e => e.outerHTML)";
        assert_eq!(self.run(small), json!([]), "{name}: too small to hit");
        let charts = "return [...document.querySelectorAll('svg[role=img]')].filter(s => \
            !s.querySelector('title') && !s.ariaLabel && !s.getAttribute('aria-labelledby')).map(s => s.outerHTML)";
        assert_eq!(self.run(charts), json!([]), "{name}: a chart without a name");
        self.is_walked_by_tab(name);
    }

    /// Each stop of the Tab key is seen: it has an outline, stands on the screen and nothing covers it.
    fn is_walked_by_tab(&self, name: &str) {
        self.run("document.activeElement.blur(); window.scrollTo(0, 0); getSelection().removeAllRanges()");
        let stop = "const e = document.activeElement; if (!e || e === document.body) return 'end'; \
            const r = e.getClientRects()[0] ?? e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2; \
            const over = document.elementFromPoint(x, y); \
            if (getComputedStyle(e).outlineStyle === 'none') return 'no outline: ' + e.outerHTML.slice(0, 300); \
            if (!over || !(e.contains(over) || over.contains(e) || [...(e.labels ?? [])].some(l => l.contains(over)))) \
                return 'covered or off the screen: ' + e.outerHTML.slice(0, 300); \
            return 'seen'";
        for _ in 0..60 {
            self.press("Tab", "Tab", 9);
            let found = self.run(stop);
            if found == "end" {
                break;
            }
            assert_eq!(found, "seen", "{name}: the focus is not seen");
        }
    }

    /// Presses a key and lets it go: its name, the place on the keyboard, and its number.
    pub fn press(&self, key: &str, code: &str, number: u32) {
        self.press_with(key, code, number, 0);
    }

    /// The same with modifiers: 1 Alt, 2 Control, 4 Meta, 8 Shift.
    pub fn press_with(&self, key: &str, code: &str, number: u32, modifiers: u32) {
        let text = if modifiers & 7 == 0 && key.chars().count() == 1 { key } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number,
                "modifiers": modifiers, "text": if kind == "keyDown" { text } else { "" } });
            self.devtools("Input.dispatchKeyEvent", event);
        }
    }

    /// Waits until a script says true.
    pub fn wait_for(&self, condition: &str) {
        let until = Instant::now() + Duration::from_secs(20);
        while self.run(&format!("return Boolean({condition})")) != true {
            assert!(Instant::now() < until, "never: {condition}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.try_call("DELETE", "", &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Whether the browser complains. An animation between two pages that is cut short is no fault of the page.
fn is_wrong(line: &Value) -> bool {
    let aborted = line["message"].as_str().is_some_and(|message| message.contains("Transition was"));
    line["level"] == "SEVERE" && !aborted
}

fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target")).join("screenshots")
}

/// A script that fills the form with this action, and sends it.
pub fn fill(fields: &[(&str, &str)], form: &str) -> String {
    let set = fields.iter().map(|(name, value)| format!("f.elements['{name}'].value = {};", json!(value)));
    format!(
        "const f = document.querySelector(\"form[action='{form}']\"); {} f.requestSubmit();",
        set.collect::<String>()
    )
}
