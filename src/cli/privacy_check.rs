//! The checks of `hearback doctor` of the access log and the ledger of erasures. They change nothing.

use super::check_result::CheckResult;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::privacy::LedgerPlace;
use crate::store::health::ledger_file::try_writing;
use crate::store::privacy::access::chain;
use crate::store::{Location, Store};
use crate::usecase::privacy::replay;

/// Where a finding is told.
type Say<'a> = &'a mut dyn FnMut(&str, CheckResult);

/// Checks that the access log is whole, and that all erasures are applied to the database.
pub fn run(config: &Config, location: &Location, say: Say<'_>) {
    if let Location::Sqlite(path) = location
        && !std::path::Path::new(path).exists()
    {
        return;
    }
    let Ok(store) = Store::open(location.clone(), Clock::default()) else { return };
    let place = config.privacy.ledger(location);
    if let Some(place) = &place {
        store.ledger.set(place.path.clone(), place.by_name);
    }
    say("access log", access_log(config, location, &store));
    say("ledger of erasures", ledger(&store, place.as_ref()));
    store.close();
}

fn access_log(config: &Config, location: &Location, store: &Store) -> CheckResult {
    if config.privacy.access_days == 0 {
        return CheckResult::Doubtful("none is kept: HEARBACK_ACCESS_DAYS is 0.".to_owned());
    }
    let checked = match store.read_now(chain::check) {
        Ok(checked) => checked,
        Err(error) => return CheckResult::Wrong(error.detail),
    };
    let broken = checked.chains.iter().find_map(|chain| Some((chain.chain, chain.broken.as_ref()?)));
    if let Some((chain, broken)) = broken {
        return CheckResult::Wrong(format!("entry {} of the chain `{chain}`: {}.", broken.seq, broken.why));
    }
    let journal = config.privacy.journal(location);
    match try_writing(&journal) {
        Ok(()) => CheckResult::Good,
        Err(error) => CheckResult::Doubtful(format!(
            "its journal {} can't be written ({error}): a program that is killed would lose the entries of its last half \
             second.",
            journal.display()
        )),
    }
}

fn ledger(store: &Store, place: Option<&LedgerPlace>) -> CheckResult {
    let Some(place) = place else {
        return CheckResult::Doubtful(
            "there is no file: a restored backup would bring erased people back. Set HEARBACK_ERASURE_LEDGER."
                .to_owned(),
        );
    };
    if let Err(error) = try_writing(&place.path) {
        let file = place.path.display();
        return if place.by_name {
            CheckResult::Doubtful(format!(
                "{file} can't be written ({error}), so there is none: a restored backup would bring erased people back. Set \
                 HEARBACK_ERASURE_LEDGER to a file on a volume that is kept."
            ))
        } else {
            CheckResult::Wrong(format!(
                "{file} can't be written ({error}), so nobody can be erased. See HEARBACK_ERASURE_LEDGER."
            ))
        };
    }
    match replay::state(store, None) {
        Err(error) => CheckResult::Wrong(error.detail),
        Ok(state) if state.not_applied > 0 => CheckResult::Wrong(format!(
            "{} erasures are not applied to this database, which was restored from a backup; `hearback serve` applies \
             them before it serves.",
            state.not_applied
        )),
        Ok(_) => CheckResult::Good,
    }
}
