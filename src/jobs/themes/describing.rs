//! Updates the counts, labels and stories of themes whose members changed.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::base::{Actor, Id};
use crate::domain::closure::Far;
use crate::domain::feedback::FeedbackRecord;
use crate::domain::stories::{DraftWords, Facts};
use crate::domain::team::Product;
use crate::domain::themes::ThemeRecord;
use crate::engine::{self, DraftOf, Grouper, ThemeItem};
use crate::error::Result;
use crate::jobs::base::pace::Pace;
use crate::jobs::base::shares::Shares;
use crate::store::base::leases;
use crate::store::base::leases::Lease;
use crate::store::stories::text_checks;
use crate::store::team::products;
use crate::store::themes::rows::Described;
use crate::store::themes::strays;
use crate::store::{Store, feedback, stories, themes};
use crate::usecase::stories::drafts::{self, ThemeDraft};
use crate::usecase::stories::quoting;
use crate::usecase::stories::ranking;
use crate::usecase::team::known_names::KnownNames;
use crate::usecase::themes::groupers::{Group, Groups};
use crate::usecase::themes::wording::{COMMON, Heard, ThemeTexts};

/// Most themes updated in one transaction, and most feedback in them. All their feedback is counted while other writes
/// wait; a larger theme is updated alone.
const THEMES: i64 = 20;
const FEEDBACK: usize = 5_000;
/// Most stories counted in one transaction.
const STORIES: usize = 100;
/// How many of a theme's most central items are read for its draft, and for its label and keywords.
const READ: usize = 200;
const READ_FOR_LABEL: usize = 100;
/// Quotes shown of a theme.
const QUOTES: usize = 5;
/// A theme whose remaining items have a cosine below this to the draft's items is about something else.
const SAME_SUBJECT: f32 = 0.4;

/// How much is counted in one transaction.
pub(in crate::jobs) struct DescribingPace {
    feedback: Pace,
    stories: Pace,
}

impl DescribingPace {
    /// Nothing is known yet of how long it takes.
    pub fn new() -> Self {
        Self { feedback: Pace::new(FEEDBACK), stories: Pace::new(STORIES) }
    }
}

/// The new description of a theme.
struct ThemeDescription {
    theme: Id,
    /// The version of the stale mark when the theme was read. If it is different at the end, the theme changed
    /// meanwhile and is updated again.
    stale: i32,
    label: String,
    /// Its labels, each with the code of its language.
    labels: Vec<(&'static str, String)>,
    keywords: Vec<String>,
    quotes: Vec<Id>,
    cohesion: f32,
    /// Items that are probably not about the theme.
    far: Vec<(Id, Far)>,
    /// Only if a story needs it.
    draft: Option<DraftWords>,
    /// Only if the theme has a story or gets one.
    facts: Option<Facts>,
    /// Whether the theme is still about the subject of its draft.
    same_subject: bool,
}

/// The engine's view of a theme: the items nearest to its centre, the items to quote, its cohesion.
type EngineView<'a> = (&'a ThemeRecord, Vec<(Id, f32)>, Vec<Id>, f32);

/// Updates some stale themes of each product that this instance groups, then the stories whose 90-day window of reach has
/// moved. Returns whether there were any.
///
/// # Errors
/// If a lease is lost, and those of the database.
pub(in crate::jobs) fn step(
    store: &Store,
    groups: &Groups,
    shares: &Shares,
    pace: &mut DescribingPace,
) -> Result<bool> {
    let mut any = false;
    for product in store.read_now(products::all)? {
        let Some(lease) = shares.lease(product.id) else { continue };
        let most = pace.feedback.rows(store);
        let stale = few(store.read_now(|conn| themes::rows::stale(conn, product.id, THEMES))?, most);
        if stale.is_empty() {
            let now = store.clock.now();
            if store.read_now(|conn| ranking::behind(conn, product.id, 1, now))?.is_empty() {
                any |= check_texts(store, product.id, &lease)?;
                continue;
            }
            any = true;
            let stories = pace.stories.rows(store);
            pace.stories.write(store, (Actor::ENGINE, stories), move |tx| {
                leases::hold(tx, &lease)?;
                ranking::slide(tx, product.id, stories as i64)
            })?;
            continue;
        }
        any = true;
        let words = words_of(store, groups, &product, &stale)?;
        let items = stale.iter().map(|row| row.size.max(1) as usize).sum();
        pace.feedback.write(store, (Actor::ENGINE, items), move |tx| {
            leases::hold(tx, &lease)?;
            describe(tx, &product, &words)
        })?;
    }
    Ok(any)
}

/// Checks published texts of stories from before the check for quotes existed.
fn check_texts(store: &Store, product: Id, lease: &Lease) -> Result<bool> {
    let Some(story) = store.read_now(|conn| text_checks::missing(conn, product, 1))?.pop() else { return Ok(false) };
    let lease = lease.clone();
    store.write_now(Actor::ENGINE, move |tx| {
        leases::hold(tx, &lease)?;
        quoting::check_later(tx, story)
    })?;
    Ok(true)
}

/// The first of these themes that together have at most this many items, and at least one.
fn few(mut stale: Vec<ThemeRecord>, most: usize) -> Vec<ThemeRecord> {
    let mut held = 0;
    let mut fits = |row: &ThemeRecord| {
        held += row.size.max(0) as usize;
        held <= most
    };
    let count = stale.iter().map_while(|row| fits(row).then_some(())).count();
    stale.truncate(count.max(1));
    stale
}

fn describe(tx: &mut crate::store::Tx<'_>, product: &Product, words: &[ThemeDescription]) -> Result<()> {
    let mut drafts = Vec::new();
    for theme in words {
        if !themes::rows::clear_stale(tx, theme.theme, theme.stale)? {
            continue;
        }
        let ThemeDescription { label, labels, keywords, quotes, .. } = theme;
        themes::rows::describe(tx, theme.theme, &Described { label, labels, keywords, quotes })?;
        strays::note(tx, theme.theme, &theme.far)?;
        drafts.push(ThemeDraft {
            theme: theme.theme,
            words: theme.draft.clone(),
            same_subject: theme.same_subject,
            facts: theme.facts.clone(),
            cohesion: theme.cohesion,
        });
    }
    let done: Vec<Id> = drafts.iter().map(|draft| draft.theme).collect();
    themes::rows::refresh_counts(tx, &done)?;
    drafts::follow(tx, product, &drafts)
}

/// The items that are probably not about these themes. Korean items are compared with Korean items only, because
/// similarity across languages is always low.
fn far_of(store: &Store, group: &Group, themes: &[Id]) -> Result<HashMap<Id, Vec<(Id, Far)>>> {
    let languages = store.read_now(|conn| strays::languages(conn, themes))?;
    let is_korean = |id| languages.get(&Id(id)).is_some_and(|language| language == "ko");
    let grouper = group.read();
    let of_theme = |theme: &Id| {
        let strays = grouper.strays(theme.0, is_korean).into_iter();
        let far = strays.map(|s| (Id(s.item), Far { likeness: f64::from(s.likeness), bar: f64::from(s.bar) }));
        (*theme, far.collect())
    };
    Ok(themes.iter().map(of_theme).collect())
}

/// Asks the engine for the label, keywords and quotes of each theme. Only the most central items are read, however
/// large the theme is.
fn words_of(store: &Store, groups: &Groups, product: &Product, stale: &[ThemeRecord]) -> Result<Vec<ThemeDescription>> {
    let group = groups.of(product.id);
    let ids: Vec<Id> = stale.iter().map(|row| row.id).collect();
    let wanted = store.read_now(|conn| drafts::needs_words(conn, product, &ids))?;
    let with_story = store.read_now(|conn| stories::rows::of_themes(conn, &ids))?;
    let mut far = far_of(store, &group, &ids)?;
    let drafted_from = store.read_now(|conn| drafts::drafted_from(conn, &wanted))?;
    let members = engine_views(&group, stale);
    let mut taken = labels_of_others(store, product, &ids)?;
    let names = store.read_now(|conn| groups.names(conn))?;
    let heard = heard_of(store, &members)?;
    let mut words = Vec::with_capacity(members.len());
    for ((row, _, quotes, cohesion), heard) in members.into_iter().zip(&heard) {
        let items: Vec<ThemeItem<'_>> = heard.iter().map(Heard::item).collect();
        let naming = {
            let grouper = group.read();
            let central = &items[..items.len().min(READ_FOR_LABEL)];
            ThemeTexts::of(central, heard.len() < READ_FOR_LABEL, grouper.background(), &names, &taken)
        };
        let label = match row.label_set {
            true => row.label.clone(),
            false => store.read_now(|conn| naming.label(conn, &row.label, &taken))?,
        };
        taken.insert(label.to_lowercase());
        let title = if row.label_set { &label } else { &naming.title };
        let told = wanted.contains(&row.id) || with_story.contains_key(&row.id);
        let draft = told.then(|| drafted(&group.read(), row, title, &naming.keywords, &items, heard, &names));
        let facts = draft.as_ref().and_then(|draft| draft.facts.clone());
        let draft = draft.filter(|_| wanted.contains(&row.id));
        let theme = row.id;
        let same_subject = drafted_from.get(&theme).is_none_or(|origin| is_about(&group.read(), theme, origin));
        let (stale, keywords, far) = (row.stale, naming.keywords.clone(), far.remove(&theme).unwrap_or_default());
        words.push(ThemeDescription {
            theme,
            stale,
            labels: naming.labels(&label),
            label,
            keywords,
            quotes,
            cohesion,
            far,
            draft,
            facts,
            same_subject,
        });
    }
    Ok(words)
}

/// What the engine knows of each of these themes.
fn engine_views<'a>(group: &Group, themes: &'a [ThemeRecord]) -> Vec<EngineView<'a>> {
    let grouper = group.read();
    let view = |row: &'a ThemeRecord| {
        let theme = row.id.0;
        let central = grouper.central(theme, READ).into_iter().map(|(id, cosine)| (Id(id), cosine)).collect();
        let quotes = grouper.quotes(theme, QUOTES).into_iter().map(Id).collect();
        (row, central, quotes, grouper.cohesion(theme))
    };
    themes.iter().map(view).collect()
}

/// The labels of the product's other themes, in lower case. These themes may get new labels, so their present labels are
/// free for each other.
fn labels_of_others(store: &Store, product: &Product, ids: &[Id]) -> Result<HashSet<String>> {
    let labels = store.read_now(|conn| themes::rows::labels(conn, product.id))?;
    Ok(labels.into_iter().filter(|(id, _)| !ids.contains(id)).map(|(_, label)| label.to_lowercase()).collect())
}

/// The central feedback of each theme.
fn heard_of(store: &Store, members: &[EngineView<'_>]) -> Result<Vec<Vec<Heard>>> {
    let read: Vec<Id> = members.iter().flat_map(|m| m.1.iter().map(|(id, _)| *id)).collect();
    let rows = store.read_now(|conn| feedback::rows::rows(conn, &read))?;
    let rows: HashMap<Id, FeedbackRecord> = rows.into_iter().map(|row| (row.id, row)).collect();
    let of_theme = |(_, central, _, _): &EngineView<'_>| {
        let read = central.iter().filter_map(|(id, cosine)| Some(Heard::new(rows.get(id)?, *cosine)));
        let mut read: Vec<Heard> = read.collect();
        store.read_now(|conn| Heard::look_up_accounts(conn, &mut read))?;
        Ok(read)
    };
    members.iter().map(of_theme).collect()
}

/// The draft of a theme with this title.
fn drafted(
    grouper: &Grouper,
    row: &ThemeRecord,
    title: &str,
    keywords: &[String],
    items: &[ThemeItem<'_>],
    heard: &[Heard],
    names: &KnownNames,
) -> DraftWords {
    let background = grouper.background();
    let likeness = |a, b| grouper.similarity(a, b);
    let is_name = |word: &str| names.holds(word, |word| background.share(word) >= COMMON);
    let of = DraftOf { title, keywords, items, background, is_name: &is_name, likeness: Some(&likeness) };
    drafts::draft_words(engine::draft(&of), heard, (row.first_seen_at, row.last_seen_at))
}

/// Whether a theme is still about the subject of its draft: the draft's items are most of the theme, or similar to the
/// rest of it.
fn is_about(grouper: &Grouper, theme: Id, origin: &[Id]) -> bool {
    let there: Vec<Uuid> =
        origin.iter().map(|id| id.0).filter(|id| grouper.theme_of(*id).is_some_and(|(is, _)| is == theme.0)).collect();
    let size = grouper.theme_sizes().find(|(id, _)| *id == theme.0).map_or(0, |(_, size)| size);
    2 * there.len() >= size || grouper.likeness(&there, theme.0) >= SAME_SUBJECT
}
