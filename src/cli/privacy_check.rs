//! The checks of `hearback doctor` of the access log and the ledger of erasures. They write nothing.

use super::check_result::CheckResult;
use crate::clock::Clock;
use crate::config::Config;
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
    if let Some(path) = config.privacy.ledger(location) {
        store.ledger.set(path);
    }
    say("access log", access_log(config, &store));
    say("ledger of erasures", ledger(&store));
    store.close();
}

fn access_log(config: &Config, store: &Store) -> CheckResult {
    if config.privacy.access_days == 0 {
        return CheckResult::Doubtful("none is kept: HEARBACK_ACCESS_DAYS is 0.".to_owned());
    }
    let checked = match store.read_now(chain::check) {
        Ok(checked) => checked,
        Err(error) => return CheckResult::Wrong(error.detail),
    };
    let broken = checked.chains.iter().find_map(|chain| Some((chain.chain, chain.broken.as_ref()?)));
    match broken {
        None => CheckResult::Good,
        Some((chain, broken)) => {
            CheckResult::Wrong(format!("entry {} of the chain `{chain}`: {}.", broken.seq, broken.why))
        }
    }
}

fn ledger(store: &Store) -> CheckResult {
    let state = match replay::state(store, None) {
        Ok(state) => state,
        Err(error) => return CheckResult::Wrong(error.detail),
    };
    match (state.file, state.not_applied) {
        (_, open) if open > 0 => CheckResult::Wrong(format!(
            "{open} erasures are not applied to this database, which was restored from a backup; `hearback serve` applies \
             them before it serves."
        )),
        (None, _) => CheckResult::Doubtful(
            "there is no file: a restored backup would bring erased people back. Set HEARBACK_ERASURE_LEDGER."
                .to_owned(),
        ),
        (Some(_), _) => CheckResult::Good,
    }
}
