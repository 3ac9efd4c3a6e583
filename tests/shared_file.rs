//! Two processes that write to one SQLite file, such as a server and a command beside it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hearback::clock::Clock;
use hearback::domain::base::Actor;
use hearback::store::{Location, Store};

use crate::support::{Kind, eventually, on_each};

#[test]
fn a_write_meets_the_moment_between_two_writes_of_another_process() {
    on_each(|database| {
        if database.kind != Kind::Sqlite {
            return;
        }
        let open = || Store::open(Location::parse(&database.url).unwrap(), Clock::default()).unwrap();
        let (server, command) = (open(), open());
        server.migrate().unwrap();
        let (stopped, pieces) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stopped.load(Ordering::Acquire) {
                    let piece = |_: &mut hearback::store::Tx<'_>| {
                        std::thread::sleep(Duration::from_millis(10));
                        Ok(())
                    };
                    command.write_now(Actor::COMMAND, piece).unwrap();
                    pieces.fetch_add(1, Ordering::Release);
                    // The gap that a command leaves.
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            eventually("the command writes", Duration::from_secs(20), || pieces.load(Ordering::Acquire) > 2);
            let mut waited = Vec::new();
            for _ in 0..20 {
                let before = pieces.load(Ordering::Acquire);
                server.write_now(Actor::COMMAND, |tx| Ok(tx.now)).unwrap();
                waited.push(pieces.load(Ordering::Acquire) - before);
            }
            stopped.store(true, Ordering::Release);
            waited.sort_unstable();
            assert!(waited[10] <= 3, "pieces of the command that each write waited for: {waited:?}");
        });
        server.close();
        command.close();
    });
}
