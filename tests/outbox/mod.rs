//! The outbox as a receiver sees it: messages are signed, in order, and repeated until they arrive; none is lost or
//! doubled by a failure on the way.

mod crashes;
mod failing;
mod feed;
mod full;
mod receiver;
mod sending;
mod tls;
mod webhooks;

pub use receiver::Receiver;

use hearback::domain::base::event_kinds;

#[test]
fn every_event_that_is_written_can_be_asked_for() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut missing = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|e| e != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            for written in text.split("tx.event(").skip(1) {
                let Some(rest) = written.trim_start().strip_prefix('"') else { continue };
                let kind = rest.split('"').next().unwrap_or_default().to_owned();
                if event_kinds::named(&kind).is_none() {
                    missing.push(kind);
                }
            }
        }
    }
    assert!(missing.is_empty(), "add to domain/base/event_kinds/kinds.tsv: {missing:?}");
}
