//! Plans: the dates of stories from how long they take and what they need, and the critical path.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::scene::{self, Scene};
use crate::domain::base::calendar::{DATE, parse_date};
use crate::domain::base::{Calendar, Id, Time};
use crate::domain::stories::dependency::{External, LinkedStory, StoryBrief};
use crate::domain::stories::network::{Placed, Task, TaskLink, schedule};
use crate::domain::stories::plan::{
    ASSUMED_DAYS, DAYS_A_MONTH, DaysFrom, DoubtReason, Plan, PlanDoubt, PlanQuery, PlannedItem,
};
use crate::domain::stories::stage::Stage;
use crate::domain::team::access::ProductAccess;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::stories::depending::edges;
use crate::store::team::products;

/// The most working days of a plan; what is later counts as that day.
const MOST_DAYS: i64 = 20_000;
/// What stands in place of a story that the caller may not see.
const HIDDEN: &str = "(a story of another product)";

/// Something that a plan places.
#[derive(Clone, Copy)]
enum Item<'a> {
    Story(&'a StoryBrief),
    Outside(&'a External),
}

/// The places of a scene in time, in its own order.
pub struct Timetable {
    days: Days,
    /// The places of stories.
    places: HashMap<Id, Placed>,
}

impl Timetable {
    /// The last day of work on a story, at the earliest.
    pub fn finish(&self, story: Id) -> Option<NaiveDate> {
        self.places.get(&story).map(|placed| self.days.last(placed.earliest_start, placed.earliest_finish))
    }
}

/// Working days, by their number from the start of the plan.
struct Days(Vec<NaiveDate>);

impl Days {
    fn from(calendar: &Calendar, start: NaiveDate, count: i64) -> Self {
        let mut days = Vec::new();
        let mut day = start;
        while (days.len() as i64) <= count.min(MOST_DAYS) {
            if calendar.works_on(day) {
                days.push(day);
            }
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        Self(days)
    }

    fn at(&self, offset: i64) -> NaiveDate {
        let last = self.0.len().saturating_sub(1);
        self.0.get((offset.max(0) as usize).min(last)).copied().unwrap_or_default()
    }

    /// The last day of work that begins and ends at these offsets.
    fn last(&self, start: i64, finish: i64) -> NaiveDate {
        self.at(if finish > start { finish - 1 } else { finish })
    }

    /// How many working days there are from the first up to a day, that day included.
    fn through(&self, day: NaiveDate) -> i64 {
        self.0.iter().take_while(|one| **one <= day).count() as i64
    }
}

/// The plan of a story: of what it needs, and of what needs it.
///
/// # Errors
/// 404, 422 for a day that does not exist.
pub fn of_story(conn: &mut Conn, access: &ProductAccess, story: Id, query: &PlanQuery, now: Time) -> Result<Plan> {
    let brief = edges::briefs(conn, &[story])?.remove(&story).ok_or_else(|| Error::not_found("story"))?;
    let calendar = products::get(conn, brief.product_id)?.calendar();
    let scene = scene::around(conn, story)?;
    planned(&scene, access, &calendar, starts(query, &calendar, now)?)
}

/// The plan of a product: of its stories in development, and of what they need.
///
/// # Errors
/// 404, 422 for a day that does not exist.
pub fn of_product(conn: &mut Conn, access: &ProductAccess, product: Id, query: &PlanQuery, now: Time) -> Result<Plan> {
    let calendar = products::get(conn, product)?.calendar();
    let scene = scene::of_product(conn, product)?;
    planned(&scene, access, &calendar, starts(query, &calendar, now)?)
}

fn starts(query: &PlanQuery, calendar: &Calendar, now: Time) -> Result<NaiveDate> {
    match &query.from {
        None => Ok(calendar.day(now)),
        Some(text) => parse_date(text).ok_or_else(|| Error::field("/from", "format", "must be a date that exists")),
    }
}

/// How long a story takes, and who says so.
fn days_of(story: &StoryBrief) -> (i64, DaysFrom) {
    match (story.stage, story.days, story.effort) {
        (Stage::Ready, ..) => (0, DaysFrom::None),
        (_, Some(days), _) => (i64::from(days), DaysFrom::Set),
        (_, None, Some(effort)) => ((effort * DAYS_A_MONTH).ceil() as i64, DaysFrom::Effort),
        (_, None, None) => (ASSUMED_DAYS, DaysFrom::Assumed),
    }
}

/// The items of a scene with their tasks and links.
struct Network<'a> {
    items: Vec<Item<'a>>,
    tasks: Vec<Task>,
    links: Vec<TaskLink>,
    doubts: Vec<PlanDoubt>,
}

fn network<'a>(scene: &'a Scene, days: &Days) -> Network<'a> {
    let mut stories: Vec<&StoryBrief> = scene.stories.values().collect();
    stories.retain(|story| !story.stage.is_shipped() && !matches!(story.stage, Stage::Declined | Stage::Duplicate));
    stories.sort_by_key(|story| story.id);
    let place: HashMap<Id, usize> = stories.iter().enumerate().map(|(at, story)| (story.id, at)).collect();
    let mut all = Network {
        tasks: stories.iter().map(|story| Task { days: days_of(story).0, not_before: 0 }).collect(),
        items: stories.into_iter().map(Item::Story).collect(),
        links: Vec::new(),
        doubts: Vec::new(),
    };
    for need in &scene.needs {
        let Some(then) = place.get(&need.story_id).copied() else { continue };
        let first = match need.blocker_id {
            Some(blocker) => place.get(&blocker).copied(),
            None => scene.externals.get(&need.dependency_id).map(|external| all.outside(external, days)),
        };
        if let Some(first) = first {
            all.links.push(TaskLink { first, then, lag: i64::from(need.lag_days) });
        }
    }
    all
}

impl<'a> Network<'a> {
    /// Adds something outside: it takes no days here, and is there at the end of the day on which it is due.
    fn outside(&mut self, external: &'a External, days: &Days) -> usize {
        let due = external.due.as_deref().and_then(parse_date);
        let not_before = due.map_or(0, |due| days.through(due));
        let doubt = match due {
            None => Some(DoubtReason::Undated),
            Some(_) if not_before == 0 => Some(DoubtReason::PastDue),
            Some(_) => None,
        };
        self.doubts.extend(doubt.map(|reason| PlanDoubt { reason, of: external.title.clone() }));
        self.items.push(Item::Outside(external));
        self.tasks.push(Task { days: 0, not_before });
        self.tasks.len() - 1
    }
}

/// When the stories of a scene can be done, from a day on.
///
/// # Errors
/// 500 where stories wait for each other: circles are refused, so that can't be.
pub fn timetable(scene: &Scene, calendar: &Calendar, start: NaiveDate) -> Result<Timetable> {
    let days = Days::from(calendar, start, MOST_DAYS / 10);
    let network = network(scene, &days);
    let (placed, end) = schedule(&network.tasks, &network.links).ok_or_else(circle)?;
    let mut places = HashMap::new();
    for (item, placed) in network.items.iter().zip(&placed) {
        if let Item::Story(story) = item {
            places.insert(story.id, *placed);
        }
    }
    Ok(Timetable { days: Days::from(calendar, start, end), places })
}

fn circle() -> Error {
    Error::internal("stories wait for each other")
}

fn planned(scene: &Scene, access: &ProductAccess, calendar: &Calendar, start: NaiveDate) -> Result<Plan> {
    let days = Days::from(calendar, start, MOST_DAYS / 10);
    let network = network(scene, &days);
    let (placed, end) = schedule(&network.tasks, &network.links).ok_or_else(circle)?;
    let days = Days::from(calendar, start, end);
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_by_key(|at| (placed[*at].earliest_start, placed[*at].earliest_finish, *at));
    let place_of: HashMap<usize, usize> = order.iter().enumerate().map(|(place, at)| (*at, place)).collect();
    let sees = |story: &StoryBrief| access.role_in(story.product_id).is_some();
    let shown = |at: &usize| {
        let needs = network.links.iter().filter(|link| link.then == *at);
        let needs = needs.filter_map(|link| place_of.get(&link.first).copied()).collect();
        Shown { days: &days, calendar, sees: &sees }.item(network.items[*at], network.tasks[*at], placed[*at], needs)
    };
    let items: Vec<PlannedItem> = order.iter().map(shown).collect();
    let critical_path = items.iter().filter(|item| item.critical).map(name).collect();
    let mut doubts = network.doubts.clone();
    for item in items.iter().filter(|item| item.days_from == DaysFrom::Assumed) {
        doubts.push(PlanDoubt { reason: DoubtReason::Assumed, of: name(item) });
    }
    for need in &scene.declined {
        let declined = need.blocker_id.and_then(|id| scene.stories.get(&id)).filter(|story| sees(story));
        let of = declined.map_or_else(|| HIDDEN.to_owned(), |story| story.number.clone());
        doubts.push(PlanDoubt { reason: DoubtReason::Declined, of });
    }
    let text = |day: NaiveDate| day.format(DATE).to_string();
    Ok(Plan {
        starts: text(days.at(0)),
        finishes: (!items.is_empty()).then(|| text(days.last(0, end))),
        working_days: end,
        items,
        critical_path,
        doubts,
    })
}

/// What names an item: the number of a story, or the title of what is outside.
fn name(item: &PlannedItem) -> String {
    match (&item.story, &item.external) {
        (Some(story), _) => story.number.clone(),
        (None, Some(title)) => title.clone(),
        (None, None) => HIDDEN.to_owned(),
    }
}

/// What an item of a plan is shown with.
struct Shown<'a> {
    days: &'a Days,
    calendar: &'a Calendar,
    sees: &'a dyn Fn(&StoryBrief) -> bool,
}

impl Shown<'_> {
    fn item(&self, item: Item<'_>, task: Task, placed: Placed, needs: Vec<usize>) -> PlannedItem {
        let text = |day: NaiveDate| day.format(DATE).to_string();
        let (story, external, days_from) = match item {
            Item::Story(brief) => (Some(brief), None, days_of(brief).1),
            Item::Outside(external) => (None, Some(external.title.clone()), DaysFrom::None),
        };
        let finish = self.days.last(placed.earliest_start, placed.earliest_finish);
        let due = story.and_then(|story| story.due_at).map(|due| self.calendar.day(due));
        let late = due.map_or(0, |due| self.days.through(finish) - self.days.through(due));
        PlannedItem {
            hidden: story.is_some_and(|story| !(self.sees)(story)),
            story: story.filter(|story| (self.sees)(story)).map(LinkedStory::from),
            external,
            days: task.days,
            days_from,
            earliest_start: text(self.days.at(placed.earliest_start)),
            earliest_finish: text(finish),
            latest_start: text(self.days.at(placed.latest_start)),
            latest_finish: text(self.days.last(placed.latest_start, placed.latest_finish)),
            slack_days: placed.slack(),
            critical: placed.is_critical(),
            late_days: late.max(0),
            needs,
        }
    }
}
