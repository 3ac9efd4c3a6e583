//! The monthly review of the access log: what a reviewer should look at, and their signature.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::log::{AccessAct, AccessEntry};
use crate::domain::base::{Calendar, Id, Time};

/// The hours at which nobody is expected to work: from this hour,
const NIGHT_FROM: u32 = 22;
/// to this one.
const NIGHT_TO: u32 = 6;
/// Findings of one kind that a review lists.
const LISTED: usize = 100;

/// The query parameters of a review.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReviewQuery {
    /// The month; the last one that is over where absent.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-11")]
    pub month: Option<String>,
    /// From how many customers on a day of one reader is listed.
    #[param(minimum = 1, maximum = 100_000, default = 200)]
    pub many: Option<i64>,
}

/// The numbers of a review.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewFigures {
    /// Entries of the month.
    pub entries: i64,
    /// Customers whose data was shown or changed.
    pub customers: i64,
    /// Members, tokens and commands that did so.
    pub readers: i64,
    pub downloads: i64,
    pub downloads_without_reason: i64,
    /// Entries between 22:00 and 06:00 in the time zone of the review.
    pub at_night: i64,
    /// Days on which one reader saw many customers.
    pub many_persons: i64,
    /// Readers with an address that they had not used before the month.
    pub new_addresses: i64,
}

/// A day on which one reader saw many customers.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ManyPersons {
    pub actor_id: Option<Id>,
    /// The day in the time zone of the review.
    #[schema(example = "2026-11-30")]
    pub day: String,
    pub customers: i64,
}

/// Accesses of one reader at night.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NightReader {
    pub actor_id: Option<Id>,
    pub entries: i64,
    /// The first of them.
    pub first_at: Time,
}

/// An address that a reader had not used before.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NewAddress {
    pub actor_id: Option<Id>,
    #[schema(example = "203.0.113.7")]
    pub address: String,
    pub first_at: Time,
    pub entries: i64,
}

/// What a reviewer of a month should look at. Each list has at most 100 rows; the figures count all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessReview {
    #[schema(example = "2026-11")]
    pub month: String,
    /// The time zone in which nights and days are counted: that of the default product.
    #[schema(example = "Asia/Seoul")]
    pub time_zone: String,
    pub figures: ReviewFigures,
    /// Downloads without a reason.
    pub without_reason: Vec<AccessEntry>,
    /// Who read at night, most entries first.
    pub at_night: Vec<NightReader>,
    /// Who saw many customers on one day, most first.
    pub many_persons: Vec<ManyPersons>,
    /// Addresses that a reader had not used before the month.
    pub new_addresses: Vec<NewAddress>,
    /// Who signed this month's review.
    pub signed: Vec<SignedReview>,
}

/// The signature under a review.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignedReview {
    pub id: Id,
    #[schema(example = "2026-11")]
    pub month: String,
    /// `member` or `service`.
    #[schema(example = "member")]
    pub actor: String,
    pub actor_id: Option<Id>,
    pub signed_at: Time,
    /// What the reviewer found and did.
    pub note: String,
    /// The numbers when it was signed.
    pub figures: ReviewFigures,
    /// The last entry of the log at that time, and its hash.
    pub seq: i64,
    pub hash: String,
}

/// A review to sign.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewSignature {
    /// A month that has begun.
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-11")]
    pub month: String,
    /// What you looked at, found and did.
    #[schema(
        min_length = 1,
        max_length = 4000,
        pattern = "\\S",
        example = "Asked two agents for the reason of a download"
    )]
    pub note: String,
}

/// The query parameters of the list of signed reviews.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignedQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

type Reader = Option<Id>;

/// Adds up the entries of a month, one by one.
#[derive(Default)]
pub struct Review {
    figures: ReviewFigures,
    customers: BTreeSet<Id>,
    readers: BTreeSet<Reader>,
    without_reason: Vec<AccessEntry>,
    nights: BTreeMap<Reader, (i64, Time)>,
    days: BTreeMap<(Reader, String), BTreeSet<Id>>,
    addresses: BTreeMap<(Reader, String), (i64, Time)>,
}

/// The lists of a review, and its figures.
pub struct Findings {
    pub figures: ReviewFigures,
    pub without_reason: Vec<AccessEntry>,
    pub at_night: Vec<NightReader>,
    pub many_persons: Vec<ManyPersons>,
    pub new_addresses: Vec<NewAddress>,
}

impl Review {
    /// Counts an entry.
    pub fn add(&mut self, entry: AccessEntry, calendar: &Calendar) {
        self.figures.entries += 1;
        self.customers.extend(&entry.customer_ids);
        self.readers.insert(entry.actor_id);
        let hour = calendar.hour(entry.at);
        if !(NIGHT_TO..NIGHT_FROM).contains(&hour) {
            self.figures.at_night += 1;
            self.nights.entry(entry.actor_id).or_insert((0, entry.at)).0 += 1;
        }
        let of_day = self.days.entry((entry.actor_id, calendar.date(entry.at))).or_default();
        of_day.extend(&entry.customer_ids);
        if !entry.address.is_empty() {
            self.addresses.entry((entry.actor_id, entry.address.clone())).or_insert((0, entry.at)).0 += 1;
        }
        if entry.act == AccessAct::Download {
            self.figures.downloads += 1;
            if entry.reason.is_none() {
                self.figures.downloads_without_reason += 1;
                if self.without_reason.len() < LISTED {
                    self.without_reason.push(entry);
                }
            }
        }
    }

    /// The result. `known` are the addresses that each reader used before the month; `many` is the number of customers of
    /// one reader and day from which on they are listed.
    pub fn end(mut self, known: &BTreeSet<(Reader, String)>, many: i64) -> Findings {
        let mut at_night: Vec<NightReader> = self
            .nights
            .into_iter()
            .map(|(actor_id, (entries, first_at))| NightReader { actor_id, entries, first_at })
            .collect();
        at_night.sort_by_key(|night| -night.entries);
        let mut many_persons: Vec<ManyPersons> = self
            .days
            .into_iter()
            .map(|((actor_id, day), seen)| ManyPersons { actor_id, day, customers: seen.len() as i64 })
            .filter(|day| day.customers >= many)
            .collect();
        many_persons.sort_by_key(|day| -day.customers);
        let mut new_addresses: Vec<NewAddress> = self
            .addresses
            .into_iter()
            .filter(|(key, _)| !known.contains(key))
            .map(|((actor_id, address), (entries, first_at))| NewAddress { actor_id, address, first_at, entries })
            .collect();
        new_addresses.sort_by_key(|found| found.first_at.0);
        self.figures.customers = self.customers.len() as i64;
        self.figures.readers = self.readers.len() as i64;
        self.figures.many_persons = many_persons.len() as i64;
        self.figures.new_addresses = new_addresses.len() as i64;
        at_night.truncate(LISTED);
        many_persons.truncate(LISTED);
        new_addresses.truncate(LISTED);
        let without_reason = self.without_reason;
        Findings { figures: self.figures, without_reason, at_night, many_persons, new_addresses }
    }
}
