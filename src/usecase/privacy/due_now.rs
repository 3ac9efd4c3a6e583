//! How many requests of persons and breaches wait, with a date that the law sets: the number beside the navigation.

use std::sync::{Arc, Mutex};

use crate::domain::base::{Id, Time};
use crate::domain::team::access::Scope;
use crate::error::Result;
use crate::store::Conn;
use crate::store::privacy::{breaches, person_requests};

/// How long a count is shown before it is counted anew.
const FRESH: i64 = 10 * Time::SECOND;
/// How long before its date a request counts.
const SOON: i64 = 3 * Time::DAY;

/// What is due by law.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegallyDue {
    /// Requests that are overdue, or due within three days.
    pub requests: i64,
    /// The products of the breaches of which a notice is due.
    pub breaches: Vec<Option<Id>>,
}

impl LegallyDue {
    /// Counts.
    pub fn read(conn: &mut Conn, now: Time) -> Result<Self> {
        let open = breaches::open(conn, now)?.into_iter();
        let is_due = |breach: &crate::domain::privacy::breach::Breach| breach.duties.iter().any(|duty| duty.is_open());
        Ok(Self {
            requests: person_requests::count_due(conn, now.plus(SOON))?,
            breaches: open.filter(is_due).map(|breach| breach.product_id).collect(),
        })
    }

    /// How many of them somebody may see.
    pub fn seen_in(&self, scope: &Scope) -> i64 {
        let seen = self.breaches.iter().filter(|product| product.is_none_or(|product| scope.shows(product)));
        self.requests + seen.count() as i64
    }
}

/// The last count of an instance: each page shows it, so it is not counted for each page.
#[derive(Clone, Debug, Default)]
pub struct LastDue(Arc<Mutex<Option<(Time, LegallyDue)>>>);

impl LastDue {
    /// The last count, if it is fresh.
    pub fn get(&self, now: Time) -> Option<LegallyDue> {
        let last = self.0.lock().unwrap_or_else(|e| e.into_inner());
        last.as_ref().filter(|(at, _)| *at <= now && now < at.plus(FRESH)).map(|(_, due)| due.clone())
    }

    /// Keeps a count.
    pub fn set(&self, now: Time, due: LegallyDue) {
        *self.0.lock().unwrap_or_else(|e| e.into_inner()) = Some((now, due));
    }
}
