//! Each file of the API registers itself, so nothing else says that the linker kept all of them, or in which order.

use std::collections::BTreeSet;
use std::process::Command;

use hearback::http::addresses;
use hearback::http::console::base::access::pages;
use serde_json::Value;

use crate::support::on_each_shared_world;
use crate::tidy::texts;

/// What stands between the quotes after each of these calls, in all files of the API.
fn written_in_source(call: &str) -> Vec<String> {
    let files = texts("src/http");
    let begins = |text: &str, at: usize| call.starts_with("page_") || !text[..at].ends_with("page_");
    let calls = files.iter().flat_map(|(_, text)| {
        text.match_indices(call).filter(move |(at, _)| begins(text, *at)).map(|(at, _)| &text[at + call.len()..])
    });
    calls.filter_map(|rest| rest.strip_prefix('"')?.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn every_address_of_every_file_is_routed() {
    on_each_shared_world(|world| {
        // The app registers its routes when it answers its first request.
        assert_eq!(world.get("/livez").status, 200);
        let routed = addresses();
        let written = written_in_source("at(");
        assert!(written.len() > 120, "{} addresses are written", written.len());
        let lost: Vec<&String> = written.iter().filter(|address| !routed.contains(&address.as_str())).collect();
        assert!(lost.is_empty(), "is the part registered, `inventory::submit!(Part::of::<Api>(routes))`? {lost:?}");
        assert_eq!(routed.len(), written.len(), "each address once");
    });
}

/// The addresses without an id of the files that register pages with `PagesBeforeIds`: the router compares them first.
fn pages_before_ids() -> BTreeSet<String> {
    let files = texts("src/http/console").into_iter().filter(|(_, text)| text.contains("PagesBeforeIds("));
    let written = files.flat_map(|(_, text)| {
        let calls = text.match_indices("page_at(\"").map(|(at, call)| text[at + call.len()..].to_owned());
        calls.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect::<Vec<String>>()
    });
    written.filter(|address| !address.contains('{')).collect()
}

#[test]
fn every_page_of_the_console_is_routed() {
    on_each_shared_world(|world| {
        assert_eq!(world.get("/livez").status, 200);
        let routed: Vec<&str> = pages().into_iter().map(|(address, _)| address).collect();
        let written = written_in_source("page_at(");
        assert!(written.len() > 20, "{} addresses are written", written.len());
        let lost: Vec<&String> = written.iter().filter(|address| !routed.contains(&address.as_str())).collect();
        assert!(lost.is_empty(), "is the page registered, `inventory::submit!(Pages(routes))`? {lost:?}");
        assert_eq!(routed.len(), written.len(), "each address once");
        let first = pages_before_ids();
        for (n, address) in routed.iter().enumerate().filter(|(_, address)| !first.contains(**address)) {
            let twins = routed.iter().enumerate().filter(|(m, other)| *m != n && matches(other, address));
            assert_eq!(twins.count(), 0, "another page takes {address}, and the linker decides which comes first");
        }
    });
}

#[test]
fn no_address_is_hidden_by_one_before_it() {
    on_each_shared_world(|world| {
        assert_eq!(world.get("/livez").status, 200);
        let routed = addresses();
        let mut hidden = Vec::new();
        for (n, address) in routed.iter().enumerate() {
            let before = routed[..n].iter().filter(|before| matches(before, address));
            hidden.extend(before.map(|before| format!("{address} by {before}")));
        }
        assert!(hidden.is_empty(), "let its part come first, `.before_ids()`: {hidden:?}");
    });
}

/// Whether the router takes a request for `address` to be one for `pattern`.
fn matches(pattern: &str, address: &str) -> bool {
    let (pattern, address): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), address.split('/').collect());
    // An id may have an ending, such as `{id}.md`.
    let ending = |pattern: &str| pattern.rsplit('}').next().unwrap_or_default().to_owned();
    let takes = |pattern: &str, address: &str| pattern.starts_with('{') && address.ends_with(&ending(pattern));
    let fits = |(pattern, address): (&&str, &&str)| pattern == address || takes(pattern, address);
    pattern.len() == address.len() && pattern.iter().zip(&address).all(fits)
}

#[test]
fn an_id_matches_a_word_but_not_the_other_way_round() {
    assert!(matches("/v1/feedback/{id}", "/v1/feedback/bulk"));
    assert!(!matches("/v1/feedback/bulk", "/v1/feedback/{id}"));
    assert!(!matches("/v1/feedback/{id}", "/v1/feedback"));
}

/// The program is linked by itself: that a test finds all parts does not mean that the program does.
#[test]
fn the_program_prints_the_whole_description() {
    let printed = Command::new(env!("CARGO_BIN_EXE_hearback")).arg("openapi").output().expect("the program runs");
    let printed: Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    let committed: Value = serde_json::from_str(include_str!("../../api/openapi.json")).expect("JSON");
    assert_eq!(printed["paths"].as_object().map(|paths| paths.len()), committed["paths"].as_object().map(|p| p.len()));
    assert!(printed == committed, "the program's description is not that of api/openapi.json");
}
