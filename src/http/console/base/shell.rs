//! What every page has around its content: title, navigation, messages, language and times.

use std::rc::Rc;

use actix_web::HttpRequest;
use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;

use super::assets::{ICON, SCRIPT, STYLE};
use super::flash::{self, Waiting};
use super::kept::due;
use super::kept::views::{self, ViewLinks};
use super::visit::{self, Visit};
use crate::domain::base::calendar::parse_date;
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::stories::stage::Stage;
use crate::domain::team::Product;
use crate::domain::team::view::ViewPage;
use crate::domain::words::console::Words;

/// An entry of the navigation.
pub struct Entry {
    pub address: &'static str,
    pub name: String,
    /// The key that opens it, after G.
    pub key: Option<char>,
    pub is_here: bool,
    /// How much waits there.
    pub count: i64,
}

/// Entries of the navigation that belong together, under a heading.
pub struct Group {
    pub name: Option<String>,
    pub entries: Vec<Entry>,
}

/// A page of the navigation.
struct Place {
    address: &'static str,
    /// The operation of the API that the member must be allowed.
    operation: &'static str,
    key: Option<char>,
    name: fn(&Words) -> String,
}

const fn place(address: &'static str, operation: &'static str, key: Option<char>, name: fn(&Words) -> String) -> Place {
    Place { address, operation, key, name }
}

const OVERVIEW: [Place; 2] = [
    place("/console/products", "get_delivery_figures", Some('a'), Words::dash_at_a_glance),
    place("/console/search", "list_feedback", Some('f'), Words::nav_search),
];
const CUSTOMERS: [Place; 3] = [
    place("/console/inbox", "list_feedback", Some('i'), Words::nav_inbox),
    place("/console/to-tell", "list_closures", Some('l'), Words::nav_to_tell),
    place("/console/customers", "list_customers", Some('c'), Words::nav_customers),
];
const PRODUCT: [Place; 5] = [
    place("/console/themes", "list_themes", Some('t'), Words::nav_themes),
    place("/console/backlog", "list_stories", Some('b'), Words::nav_backlog),
    place("/console/releases", "list_releases", Some('r'), Words::nav_releases),
    place("/console/metrics", "list_metrics", Some('m'), Words::nav_metrics),
    place("/console/reports", "list_reports", Some('e'), Words::nav_reports),
];
const OPERATIONS: [Place; 3] = [
    place("/console/incidents", "list_incidents", Some('n'), Words::nav_incidents),
    place("/console/rotas", "list_rotas", Some('o'), Words::nav_rotas),
    place("/console/postmortems", "list_postmortems", Some('p'), Words::nav_postmortems),
];
const ADMINISTRATION: [Place; 2] = [
    place("/console/privacy", "list_access_log", Some('v'), Words::nav_privacy),
    place("/console/settings", "list_products", Some('s'), Words::nav_settings),
];

/// The frame of a page. Templates call its fields and methods `shell`.
pub struct Shell {
    pub t: Words,
    pub title: String,
    /// The member, if somebody is signed in.
    pub visit: Option<Visit>,
    pub flash: Option<Waiting>,
    /// The address of this page with its query, to return to after an act.
    pub here: String,
    /// The saved views of the list that the page is.
    pub views: Option<Rc<ViewLinks>>,
    /// The path of the page of the resource that the page is about.
    about: Option<String>,
    zone: Option<Tz>,
    /// How many requests of persons and breaches are due by law.
    due: i64,
}

/// What a page watches while it is open: see `console/entry/live.rs`.
pub struct Live {
    /// The query of the stream.
    pub watch: String,
    /// The path of the resource, for drafts; empty for a list.
    pub place: String,
    /// How the addresses of a list's rows begin; empty for a resource.
    pub rows: &'static str,
}

impl Shell {
    /// The frame of a page with this title.
    pub fn new(request: &HttpRequest, title: impl FnOnce(Words) -> String) -> Self {
        let visit = visit::of(request);
        let t = Words(visit::language(request));
        let zone = visit.as_ref().and_then(|visit| visit.member.time_zone.as_deref()?.parse().ok());
        let here = request.uri().path_and_query().map(|here| here.as_str().to_owned()).unwrap_or_default();
        let views = views::of(request);
        let due = due::of(request);
        Self { t, title: title(t), visit, flash: flash::waiting(request), here, views, about: None, zone, due }
    }

    /// Says which resource the page is about, by the path of the resource's own page: the page then shows who else looks
    /// at it, and that it was changed.
    pub fn about(self, place: String) -> Self {
        Self { about: Some(place), ..self }
    }

    /// What the page watches.
    pub fn live(&self) -> Option<Live> {
        self.visit.as_ref()?;
        if let Some(place) = self.about.clone() {
            let watch = serde_urlencoded::to_string([("place", &place)]).unwrap_or_default();
            return Some(Live { watch, place, rows: "" });
        }
        let page = self.views.as_ref()?.page;
        let rows = match page {
            ViewPage::Inbox => "/console/feedback/",
            ViewPage::Backlog => "/console/stories/",
            ViewPage::Themes => "/console/themes/",
            ViewPage::Customers => "/console/customers/",
            ViewPage::Releases => "/console/releases/",
            ViewPage::Search => return None,
        };
        Some(Live { watch: format!("list={page}"), place: String::new(), rows })
    }

    pub fn language(&self) -> &'static str {
        self.t.0.code()
    }

    /// The other language, and its own name.
    pub fn other_language(&self) -> (&'static str, &'static str) {
        match self.t.0 {
            Language::English => ("ko", "한국어"),
            Language::Korean => ("en", "English"),
        }
    }

    /// The message of the last act.
    pub fn message(&self) -> Option<String> {
        self.flash.map(|waiting| waiting.flash.say(self.t))
    }

    /// The correction or the act on feedback that was just made, if the member may undo it.
    pub fn undo(&self) -> Option<Id> {
        self.flash.and_then(|waiting| waiting.undo).filter(|_| self.may("undo_act"))
    }

    /// Whether the member may call an operation of the API.
    pub fn may(&self, operation: &str) -> bool {
        self.visit.as_ref().is_some_and(|visit| visit.caller.access.may(operation))
    }

    /// The pages that the member may open, by what they are for.
    pub fn navigation(&self) -> Vec<Group> {
        let t = self.t;
        let group = |name, places: &[Place]| Group {
            name,
            entries: places.iter().filter(|place| self.may(place.operation)).map(|place| self.entry(place)).collect(),
        };
        let all = [
            group(None, &OVERVIEW),
            group(Some(t.nav_group_customers()), &CUSTOMERS),
            group(Some(t.nav_group_product()), &PRODUCT),
            group(Some(t.nav_group_operations()), &OPERATIONS),
            group(Some(t.nav_group_administration()), &ADMINISTRATION),
        ];
        all.into_iter().filter(|group| !group.entries.is_empty()).collect()
    }

    fn entry(&self, place: &Place) -> Entry {
        let within: &[&str] = match place.address {
            "/console/backlog" => &["/console/stories/"],
            "/console/inbox" => &["/console/feedback/", "/console/acts"],
            "/console/customers" => &["/console/accounts"],
            "/console/reports" => &["/console/subscriptions"],
            _ => &[],
        };
        let is_within = within.iter().any(|other| self.here.starts_with(other));
        let is_here = is_within || self.here.starts_with(place.address);
        let count = if place.address == "/console/privacy" { self.due } else { 0 };
        Entry { address: place.address, name: (place.name)(&self.t), key: place.key, is_here, count }
    }

    /// The name of the place that is shown, for the button that opens the navigation on a narrow screen.
    pub fn place(&self) -> Option<String> {
        self.navigation()
            .into_iter()
            .flat_map(|group| group.entries)
            .find(|entry| entry.is_here)
            .map(|entry| entry.name)
    }

    pub fn style(&self) -> &'static str {
        &STYLE.address
    }

    pub fn script(&self) -> &'static str {
        &SCRIPT.address
    }

    pub fn icon(&self) -> &'static str {
        &ICON.address
    }

    /// Whether the member has chosen a time zone. Otherwise times are shown in UTC, and the script shows them in the
    /// browser's zone.
    pub fn has_zone(&self) -> bool {
        self.zone.is_some()
    }

    /// Whether the member wants keys. Control and K works all the same.
    pub fn has_keys(&self) -> bool {
        self.visit.as_ref().is_some_and(|visit| visit.member.shortcuts)
    }

    /// A point in time, to the minute.
    pub fn time(&self, time: &Time) -> String {
        let utc = DateTime::<Utc>::from_timestamp_micros(time.0).unwrap_or_default();
        match self.zone {
            Some(zone) => self.clock(&utc.with_timezone(&zone)),
            None => format!("{} UTC", self.clock(&utc)),
        }
    }

    /// A point in time to the minute, for programs: `2026-03-02T09:30Z`.
    pub fn minute(&self, time: &Time) -> String {
        let utc = DateTime::<Utc>::from_timestamp_micros(time.0).unwrap_or_default();
        format!("{}T{:02}:{:02}Z", utc.date_naive(), utc.hour(), utc.minute())
    }

    /// The day of a point in time.
    pub fn day(&self, time: &Time) -> String {
        let utc = DateTime::<Utc>::from_timestamp_micros(time.0).unwrap_or_default();
        match self.zone {
            Some(zone) => self.date(&utc.with_timezone(&zone)),
            None => self.date(&utc),
        }
    }

    /// The day of a point in time, as a field of a form holds it.
    pub fn iso_day(&self, time: &Time) -> String {
        let utc = DateTime::<Utc>::from_timestamp_micros(time.0).unwrap_or_default();
        utc.with_timezone(&self.zone.unwrap_or(Tz::UTC)).date_naive().to_string()
    }

    /// A day that was planned for a product: the same for all who look, wherever they are.
    pub fn planned_day(&self, time: &Time, product: &Product) -> String {
        self.date(&product.calendar().day(*time))
    }

    /// A day that the API writes as `2026-03-02`.
    pub fn written_day(&self, day: impl AsRef<str>) -> String {
        parse_date(day.as_ref()).map_or_else(|| day.as_ref().to_owned(), |day| self.date(&day))
    }

    fn date(&self, at: &impl Datelike) -> String {
        self.t.short_date(at.day(), at.month(), at.year())
    }

    fn clock(&self, at: &(impl Datelike + Timelike)) -> String {
        format!("{}, {:02}:{:02}", self.date(at), at.hour(), at.minute())
    }

    /// A number with at most this many decimals, without zeros at its end.
    pub fn number(&self, value: &f64) -> String {
        let text = format!("{value:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// The stages of stories, for filters.
    pub fn stages(&self) -> &'static [Stage] {
        Stage::ALL
    }

    /// A score: one decimal.
    pub fn score(&self, value: &f64) -> String {
        format!("{value:.1}")
    }
}
