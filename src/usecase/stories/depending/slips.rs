//! What a slip of a story moves: the stories that would then ship before what they need, their releases, and who waits for
//! them. It is a dry run: nothing is changed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::plans::timetable;
use super::scene::{self, Scene};
use super::waiters;
use crate::domain::base::calendar::parse_date;
use crate::domain::base::{Calendar, Id, Time};
use crate::domain::releases::Release;
use crate::domain::stories::dependency::{LinkedStory, StoryBrief};
use crate::domain::stories::plan::{DateFrom, Slip, SlippedRelease, SlippedStory, TriedSlip};
use crate::domain::stories::stage::Stage;
use crate::domain::team::Product;
use crate::domain::team::access::ProductAccess;
use crate::error::{Code, Error, Result};
use crate::store::team::products;
use crate::store::{Conn, releases};

/// When a story ships.
#[derive(Clone, Copy)]
struct Ships {
    at: Time,
    from: DateFrom,
}

/// A story that moves.
struct Moved {
    id: Id,
    from: Ships,
    to: Time,
    because: Vec<Id>,
    too_early_before: bool,
}

/// What the dates of the stories of a scene come from.
struct Dates {
    ships: HashMap<Id, Ships>,
    /// The open release of each story.
    aboard: HashMap<Id, Id>,
    releases: HashMap<Id, Release>,
    products: HashMap<Id, Product>,
}

/// What a slip would move.
///
/// # Errors
/// 404, 409 where the story is shipped, declined or a duplicate, 422 with every wrong field.
pub fn dry_run(conn: &mut Conn, access: &ProductAccess, story: Id, input: &TriedSlip, now: Time) -> Result<Slip> {
    let scene = scene::around(conn, story)?;
    let slips = scene.stories.get(&story).ok_or_else(|| Error::not_found("story"))?;
    if slips.stage.is_shipped() || matches!(slips.stage, Stage::Declined | Stage::Duplicate) {
        return Err(Error::new(Code::Conflict, format!("The story is `{}`: it can't slip any more.", slips.stage)));
    }
    let dates = dates(conn, &scene, now)?;
    let ships = dates.ships.get(&story).copied().ok_or_else(|| Error::not_found("story"))?;
    let to = target(&dates, slips, ships.at, input)?;
    let moved = moved(&scene, &dates, story, to);
    let releases = hit(conn, &scene, &dates, access, &moved)?;
    let visible = |brief: &StoryBrief| access.role_in(brief.product_id).is_some();
    let (mut stories, mut hidden_stories) = (Vec::new(), 0);
    for one in &moved {
        match scene.stories.get(&one.id).filter(|brief| visible(brief)) {
            Some(brief) => stories.push(shown(brief, one, &scene, &visible)),
            None => hidden_stories += 1,
        }
    }
    let seen: Vec<&StoryBrief> =
        moved.iter().filter_map(|one| scene.stories.get(&one.id)).filter(|brief| visible(brief)).collect();
    let waiting = waiters::named(conn, access, &seen)?;
    Ok(Slip { stories, hidden_stories, releases, waiting })
}

/// The time to which the story slips.
fn target(dates: &Dates, story: &StoryBrief, ships: Time, input: &TriedSlip) -> Result<Time> {
    let calendar = dates.calendar(story);
    let to = match (&input.days, &input.to) {
        (None, None) => return Err(Error::field("/days", "required", "is required, or else `to`")),
        (Some(_), Some(_)) => return Err(Error::field("/to", "not_allowed", "goes without `days`")),
        (Some(days), None) => return Ok(calendar.plus_working_days(ships, *days)),
        (None, Some(text)) => text,
    };
    let wrong = || Error::field("/to", "format", "must be a date that exists, or a time");
    let time = match parse_date(to) {
        Some(day) => calendar.at(day, calendar.local(ships).time()),
        None => Time::parse(to).ok_or_else(wrong)?,
    };
    match time > ships {
        true => Ok(time),
        false => Err(Error::field("/to", "not_later", format!("must be later than {ships}, when it ships now"))),
    }
}

impl Dates {
    fn calendar(&self, story: &StoryBrief) -> Calendar {
        self.products.get(&story.product_id).map(Product::calendar).unwrap_or_default()
    }

    /// The next train of a story's product that leaves at this time or later, where the story goes by train.
    fn train(&self, story: &StoryBrief, at: Time) -> Option<Time> {
        let release = self.aboard.get(&story.id).and_then(|id| self.releases.get(id))?;
        release.train_at?;
        let product = self.products.get(&story.product_id)?;
        product.settings.train.as_ref()?.after(at.plus(-1), &product.calendar()).next()
    }
}

/// When each story of a scene ships: with its open release, else when it is due, else when its plan says.
fn dates(conn: &mut Conn, scene: &Scene, now: Time) -> Result<Dates> {
    let ids: Vec<Id> = scene.stories.keys().copied().collect();
    let (mut aboard, mut found) = (HashMap::new(), HashMap::new());
    for ids in ids.chunks(500) {
        for (story, release, _) in releases::rows::open_of(conn, ids)? {
            aboard.insert(story, release);
            if let Entry::Vacant(place) = found.entry(release) {
                place.insert(releases::rows::get(conn, release)?);
            }
        }
    }
    let mut known = HashMap::new();
    for product in scene.stories.values().map(|story| story.product_id).collect::<BTreeSet<Id>>() {
        known.insert(product, products::get(conn, product)?);
    }
    let mut dates = Dates { ships: HashMap::new(), aboard, releases: found, products: known };
    let mut of_product = HashMap::new();
    for story in scene.stories.values() {
        let calendar = dates.calendar(story);
        let release = dates.aboard.get(&story.id).and_then(|id| dates.releases.get(id));
        let leaves = release.and_then(|release| release.train_at.or(release.planned_for));
        let ships = match (leaves, story.due_at) {
            (Some(at), _) => Ships { at, from: DateFrom::Release },
            (None, Some(at)) => Ships { at, from: DateFrom::Due },
            (None, None) => {
                let plan = match of_product.entry(story.product_id) {
                    Entry::Occupied(there) => there.into_mut(),
                    Entry::Vacant(place) => place.insert(timetable(scene, &calendar, calendar.day(now))?),
                };
                let day = plan.finish(story.id).unwrap_or_else(|| calendar.day(now));
                Ships { at: calendar.start_of(day), from: DateFrom::Plan }
            }
        };
        dates.ships.insert(story.id, ships);
    }
    Ok(dates)
}

/// The story that slips, and each that would now ship before what it needs, in the order in which they move.
fn moved(scene: &Scene, dates: &Dates, story: Id, to: Time) -> Vec<Moved> {
    let mut new: HashMap<Id, Time> = HashMap::new();
    let mut because: HashMap<Id, BTreeSet<Id>> = HashMap::new();
    let mut order = Vec::new();
    let train = |id: Id, at: Time| scene.stories.get(&id).and_then(|story| dates.train(story, at)).unwrap_or(at);
    let mut left = vec![(story, train(story, to))];
    // Circles are refused, so each story moves at most as often as there are ways to it; the bound is for safety only.
    let mut steps = 0;
    while let Some((id, at)) = left.pop() {
        steps += 1;
        if steps > 100_000 || new.get(&id).is_some_and(|there| *there >= at) {
            continue;
        }
        if new.insert(id, at).is_none() {
            order.push(id);
        }
        for need in scene.needs.iter().filter(|need| need.blocker_id == Some(id)) {
            let Some(waits) = scene.stories.get(&need.story_id).filter(|waits| !waits.stage.is_shipped()) else {
                continue;
            };
            let Some(ships) = dates.ships.get(&waits.id) else { continue };
            let possible = dates.calendar(waits).plus_working_days(at, need.lag_days);
            if ships.at < possible {
                because.entry(waits.id).or_default().insert(id);
                left.push((waits.id, train(waits.id, possible)));
            }
        }
    }
    let too_early = |id: Id, from: Time| {
        scene.needs.iter().filter(|need| need.story_id == id).any(|need| {
            let needed = need.blocker_id.and_then(|blocker| dates.ships.get(&blocker));
            let calendar = scene.stories.get(&id).map(|story| dates.calendar(story)).unwrap_or_default();
            needed.is_some_and(|needed| from < calendar.plus_working_days(needed.at, need.lag_days))
        })
    };
    let one = |id: Id| {
        let from = dates.ships.get(&id).copied()?;
        let because = because.remove(&id).map(|ids| ids.into_iter().collect()).unwrap_or_default();
        let too_early_before = id != story && too_early(id, from.at);
        Some(Moved { id, from, to: *new.get(&id)?, because, too_early_before })
    };
    order.into_iter().filter_map(one).collect()
}

fn shown(brief: &StoryBrief, one: &Moved, scene: &Scene, visible: &dyn Fn(&StoryBrief) -> bool) -> SlippedStory {
    let known = one.because.iter().filter_map(|id| scene.stories.get(id)).filter(|brief| visible(brief));
    SlippedStory {
        story: LinkedStory::from(brief),
        from: one.from.at,
        date_from: one.from.from,
        to: one.to,
        because: known.map(|brief| brief.number.clone()).collect(),
        too_early_before: one.too_early_before,
        customer_count: brief.customer_count,
    }
}

/// The releases that moved stories miss.
fn hit(
    conn: &mut Conn,
    scene: &Scene,
    dates: &Dates,
    access: &ProductAccess,
    moved: &[Moved],
) -> Result<Vec<SlippedRelease>> {
    let mut missed: BTreeMap<Id, (Time, Vec<String>)> = BTreeMap::new();
    for one in moved.iter().filter(|one| one.from.from == DateFrom::Release) {
        let (Some(release), Some(brief)) = (dates.aboard.get(&one.id), scene.stories.get(&one.id)) else { continue };
        let entry = missed.entry(*release).or_insert((one.to, Vec::new()));
        entry.0 = entry.0.max(one.to);
        entry.1.push(brief.number.clone());
    }
    let mut hit = Vec::new();
    for (id, (to, numbers)) in missed {
        let Some(release) = dates.releases.get(&id).filter(|release| access.role_in(release.product_id).is_some())
        else {
            continue;
        };
        let train = release.train_at.is_some();
        let has_train = dates.products.get(&release.product_id).is_some_and(|product| product.settings.train.is_some());
        let to = Some(to).filter(|_| train && has_train);
        let next = match to {
            Some(at) => releases::rows::of_train(conn, release.product_id, at)?.into_iter().next(),
            None => None,
        };
        hit.push(SlippedRelease {
            release_id: id,
            product_id: release.product_id,
            name: release.name.clone(),
            from: release.train_at.or(release.planned_for).unwrap_or(release.created_at),
            to,
            to_release_id: next.as_ref().map(|(id, ..)| *id),
            to_release: next.map(|(_, name, _)| name),
            train,
            stories: numbers,
        });
    }
    Ok(hit)
}
