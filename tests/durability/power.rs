//! Power cuts: the process ends, and everything that was written but not flushed is lost.

use std::time::Duration;

use super::shim;
use super::{Acknowledged, all_there, load_and_strike};
use crate::support::{Database, Kind, World};

/// The most power cuts until one came between a write and its flush.
const MOST_ROUNDS: u64 = 16;

/// Runs a server, cuts the power at least `rounds` times under load, and returns what was acknowledged and the number of
/// writes that were undone.
fn cut_several_times(library: &str, lies: bool, rounds: u64) -> (World, Acknowledged, usize) {
    let (database, undo) = (Database::new(Kind::Sqlite), tempfile::tempdir().unwrap());
    let (folder, kept) = (database.folder().display().to_string(), undo.path().display().to_string());
    let lies = if lies { "1" } else { "0" };
    let server = World::program_with(
        database,
        &[("LD_PRELOAD", library), ("SHIM_FOLDER", &folder), ("SHIM_UNDO", &kept), ("SHIM_LIES", lies)],
    );
    let (mut acknowledged, mut undone) = (Acknowledged::new(), 0);
    for round in 0..MOST_ROUNDS {
        if round >= rounds && undone > 0 {
            break;
        }
        let more = load_and_strike(&server, round, Duration::from_millis(300 + 170 * (round % 8)));
        server.kill9();
        undone += shim::cut_power(server.database.folder(), undo.path());
        acknowledged.extend(more);
        if lies == "1" {
            break;
        }
        server.restart();
        all_there(&server, &acknowledged);
    }
    (server, acknowledged, undone)
}

#[test]
fn every_acknowledged_item_survives_a_power_cut() {
    let Some(library) = shim::library() else { return };
    let (_server, acknowledged, undone) = cut_several_times(library, false, 4);
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    assert!(undone > 0, "there was never a write that was not flushed yet: the cuts cut nothing");
}

/// The control: without flushing, the same power cut loses data. Otherwise the test above could never fail.
#[test]
fn on_a_disk_that_lies_about_flushes_a_power_cut_loses() {
    let Some(library) = shim::library() else { return };
    let (server, acknowledged, undone) = cut_several_times(library, true, 1);
    assert!(undone > acknowledged.len() / 4, "{undone} writes undone");
    // Perhaps nothing is left of the database at all.
    server.unset("SHIM_LIES");
    let there = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        server.restart();
        server.walk("/v1/feedback?limit=200&origin=load", || ()).len()
    }));
    let there = there.unwrap_or(0);
    assert!(there < acknowledged.len(), "{there} of {} survived a disk that flushes nothing", acknowledged.len());
}
