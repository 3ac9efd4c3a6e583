//! Tests that are skipped because something is missing on this machine: each is named at the end of the run, with what
//! would enable it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Mutex;

/// The number of names that are listed.
const SHOWN: usize = 60;

/// The skipped tests by what is missing.
static SKIPPED: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// The name of the running test: the test harness gives it to the thread.
pub fn this_test() -> String {
    std::thread::current().name().unwrap_or("a test").to_owned()
}

/// Notes that the running test, or a part of it, is skipped, and what would enable it. The run still passes, and ends
/// with a list of what was skipped; where `HEARBACK_TESTS_SKIP_NOTHING` is set, as in CI, the test fails.
pub fn skip(missing: &str) {
    assert!(std::env::var_os("HEARBACK_TESTS_SKIP_NOTHING").is_none(), "skipped, though nothing may be: {missing}");
    skip_without_right(missing);
}

/// As [`skip`], for what no installation enables: it is listed, and passes everywhere.
pub fn skip_without_right(missing: &str) {
    let mut skipped = SKIPPED.lock().unwrap_or_else(|e| e.into_inner());
    if skipped.is_empty() {
        // SAFETY: it registers a function that takes nothing and does not unwind.
        unsafe { libc::atexit(report) };
    }
    skipped.entry(missing.to_owned()).or_default().insert(this_test());
}

/// Runs when the program of the tests ends, after the summary: there it is read.
extern "C" fn report() {
    let skipped = SKIPPED.lock().unwrap_or_else(|e| e.into_inner());
    let mut text = String::new();
    for (missing, tests) in skipped.iter() {
        text += &format!("\nSKIPPED: {} tests, wholly or in part: {missing}\n", tests.len());
        tests.iter().take(SHOWN).for_each(|test| text += &format!("    {test}\n"));
        if tests.len() > SHOWN {
            text += &format!("    and {} more\n", tests.len() - SHOWN);
        }
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}
