//! The page of a report, printed by a browser: the Korean in the PDF is read back.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{path_of, report, week};
use crate::support::{Database, Kind, World, skip};

/// The program of this name, unless it is missing.
fn program(names: &[&str]) -> Option<String> {
    let found = names.iter().find(|name| {
        let dirs = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&dirs).any(|dir| dir.join(name).is_file())
    });
    found.map(|name| (*name).to_owned())
}

#[test]
fn a_report_in_korean_is_printed_and_read_back() {
    let (Some(browser), Some(reader)) = (program(&["chromium", "google-chrome"]), program(&["pdftotext"])) else {
        return skip("Chromium and pdftotext: apt-get install chromium poppler-utils fonts-noto-cjk");
    };
    let world = World::in_process(Database::new(Kind::Sqlite));
    week(&world);
    let path = path_of(&report(&world, json!({ "language": "ko" })));
    let url = world.done(&format!("{path}/links"), json!({}))["url"].as_str().unwrap().to_owned();
    let page = world.open("GET", &url.split_once(".com").unwrap().1.replace("//", "/")).send();
    assert_eq!(page.status, 200);
    let folder = tempfile::tempdir().expect("a folder");
    let (html, pdf) = (folder.path().join("report.html"), folder.path().join("report.pdf"));
    std::fs::write(&html, &page.body).expect("a file");
    print(&browser, &html, &pdf);
    let text = Command::new(reader).arg(&pdf).arg("-").output().expect("pdftotext runs");
    let text: String = String::from_utf8_lossy(&text.stdout).split_whitespace().collect();
    for korean in ["주간보고서", "의견3건", "고객이말하는것"] {
        assert!(text.contains(korean), "{korean} in {text}");
    }
}

fn print(browser: &str, html: &Path, pdf: &Path) {
    let printed = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", pdf.with_extension("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", html.display()))
        .output()
        .expect("the browser runs");
    assert!(pdf.is_file(), "{}", String::from_utf8_lossy(&printed.stderr));
}
