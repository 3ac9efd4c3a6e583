//! Closure: every customer who asked is told once, in their language, and answers whether the problem is solved.

mod audience;
mod bulk;
mod corrected;
mod declines;
mod desk;
mod languages;
mod late;
mod leaks;
mod mails;
mod moved;
mod pages;
mod recalls;
mod replayed;
mod roll_backs;
mod rounds;

use serde_json::json;

use crate::support::{World, on_each_world, on_each_world_with_mail};

/// Runs a test on each database, with a mail server; skipped if none can be started.
pub fn with_mail(test: impl Fn(&World) + Sync) {
    on_each_world_with_mail(|world| {
        tell_at_once(world);
        test(world);
    });
}

/// Runs a test on each database, without a mail server.
pub fn without_mail(test: impl Fn(&World) + Sync) {
    on_each_world(|world| {
        tell_at_once(world);
        test(world);
    });
}

/// Customers are told as soon as their closure is opened. Tests about the time before that set it again.
fn tell_at_once(world: &World) {
    world.settings(json!({ "recall_minutes": 0 }));
}
