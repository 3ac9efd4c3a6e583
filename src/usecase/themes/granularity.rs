//! Granularity of themes: the chosen value and why, previews of other values, and the sub-themes of a theme.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::json;

use super::groupers::Groups;
use super::proposals;
use super::wording::{Heard, ThemeTexts};
use crate::domain::base::Id;
use crate::domain::feedback::FeedbackRecord;
use crate::domain::team::Product;
use crate::domain::themes::{
    FoundInState, Granularity, GranularityCandidate, GranularityChoice, GranularityPreview, PreviewedSetting,
    RefinementDue, RefinementKind, SubTheme,
};
use crate::engine::{self, CANDIDATES, Candidate, Choice, ThemeItem};
use crate::error::Result;
use crate::store::team::products;
use crate::store::themes::{embeddings, refinements};
use crate::store::{Conn, Tx, feedback, themes};

/// The time after which a preview starts no further setting.
const PATIENCE: Duration = Duration::from_secs(20);
/// The fewest items of a sub-theme.
const SMALLEST: usize = 3;
/// The number of a sub-theme's most central items that are read for its texts.
const READ: usize = 40;
const QUOTES: usize = 3;
/// The most feedback ids shown per sub-theme.
const NAMED: usize = 1_000;

/// A choice in the form that is stored and shown.
pub fn kept(choice: &Choice, items: usize) -> GranularityChoice {
    let chosen = choice.candidates.iter().filter(|c| c.granularity == choice.granularity).copied();
    GranularityChoice {
        granularity: rounded(choice.granularity),
        items: items.try_into().unwrap_or(i32::MAX),
        kept: choice.kept,
        candidates: chosen.chain(choice.runners_up()).map(shown).collect(),
    }
}

/// A number of the engine as it is stored and shown.
pub fn rounded(number: f32) -> f64 {
    (f64::from(number) * 10_000.0).round() / 10_000.0
}

/// A granularity that the engine tried, as it is shown.
fn shown(candidate: Candidate) -> GranularityCandidate {
    GranularityCandidate {
        granularity: rounded(candidate.granularity),
        themes: candidate.themes as i64,
        stability: rounded(candidate.stability),
        purity: rounded(candidate.purity),
        by_chance: rounded(candidate.by_chance),
        coherence: rounded(candidate.coherence),
        score: rounded(candidate.score),
    }
}

/// The granularity of a product's themes, and why.
pub fn explained(conn: &mut Conn, product: &Product) -> Result<Granularity> {
    let embedder = embeddings::present(conn)?;
    let last = refinements::last_choice(conn, product.id, &embedder)?;
    let due = products::refinement(conn, product.id)?.due;
    Ok(Granularity::explained(product.settings.granularity, last, due))
}

/// Requests a cold refinement, which runs as soon as the grouping thread is free. Where one is already due, nothing
/// changes.
///
/// # Errors
/// 404.
pub fn ask_refinement(tx: &mut Tx<'_>, id: Id) -> Result<RefinementDue> {
    products::lock(tx, id)?;
    if !products::refinement(tx.conn, id)?.cold {
        products::ask_cold_refinement(tx, id)?;
        tx.event("product.refinement_requested", id, Some(id), json!({}));
    }
    Ok(RefinementDue { product_id: id, kind: RefinementKind::Cold, due: true })
}

/// Previews settings (the given ones, or one an octave): the themes after a refinement with each, which
/// moves nothing from or to the `protected` themes. It works on a copy of the neighbour graph, so that nothing waits
/// for it, and starts no further setting after 20 seconds.
pub fn preview(
    groups: &Groups,
    product: Id,
    settings: Option<Vec<f64>>,
    protected: &BTreeSet<Id>,
) -> GranularityPreview {
    let started = Instant::now();
    let settings: Vec<f32> = match settings {
        Some(settings) => settings.into_iter().map(|g| g as f32).collect(),
        None => CANDIDATES.iter().copied().step_by(2).collect(),
    };
    let (group, is_loaded) = (groups.of(product), groups.is_complete(product));
    let (items, snapshot) = {
        let grouper = group.read();
        (grouper.len(), grouper.snapshot())
    };
    let may_move = |m: &engine::Move| proposals::is_free(m, protected);
    let found = snapshot.preview(&settings, may_move, || started.elapsed() < PATIENCE);
    let shown = |p: &engine::Preview| PreviewedSetting {
        granularity: rounded(p.granularity),
        themes: p.themes as i64,
        alone: p.alone as i64,
    };
    GranularityPreview {
        product_id: product,
        items: items as i64,
        data: found.iter().map(shown).collect(),
        complete: found.len() == settings.len() && is_loaded,
    }
}

/// The sub-themes of a theme, largest first; empty where it has none.
///
/// # Errors
/// 404.
pub fn sub_themes(conn: &mut Conn, groups: &Groups, theme: Id) -> Result<FoundInState<SubTheme>> {
    let row = themes::rows::row(conn, theme)?;
    let complete = groups.is_complete(row.product_id);
    let group = groups.of(row.product_id);
    let graph = group.read().graph();
    let customers = themes::list::customers_of(conn, theme)?;
    let product = products::get(conn, row.product_id)?;
    let finer = explained(conn, &product)?.finer();
    let mut parts = graph.sub_themes(theme.0, SMALLEST, finer.map(|g| g as f32));
    // The engine lags behind the database, so items that have just left the theme are removed.
    parts.iter_mut().for_each(|items| items.retain(|id| customers.contains_key(&Id(*id))));
    parts.retain(|items| !items.is_empty());
    let central: Vec<Vec<(uuid::Uuid, f32)>> = parts.iter().map(|items| group.read().central_of(items, READ)).collect();
    let read: Vec<Id> = central.iter().flatten().map(|(id, _)| Id(*id)).collect();
    let rows: HashMap<Id, FeedbackRecord> =
        feedback::rows::rows(conn, &read)?.into_iter().map(|row| (row.id, row)).collect();

    let names = groups.names(conn)?;
    let mut taken = HashSet::from([row.label.to_lowercase()]);
    let mut data = Vec::with_capacity(parts.len());
    for (items, central) in parts.iter().zip(&central) {
        let read = |(id, similarity): &(uuid::Uuid, f32)| Some(Heard::new(rows.get(&Id(*id))?, *similarity));
        let heard: Vec<Heard> = central.iter().filter_map(read).collect();
        let texts: Vec<ThemeItem<'_>> = heard.iter().map(Heard::item).collect();
        let naming = ThemeTexts::of(&texts, heard.len() < READ, group.read().background(), &names, &taken);
        let label = naming.label(conn, "", &taken)?;
        taken.insert(label.to_lowercase());
        let behind: HashSet<Id> = items.iter().filter_map(|id| customers.get(&Id(*id)).copied().flatten()).collect();
        data.push(SubTheme {
            label,
            keywords: naming.keywords,
            item_count: items.len() as i64,
            customer_count: behind.len() as i64,
            quotes: central.iter().take(QUOTES).map(|(id, _)| Id(*id)).collect(),
            feedback_ids: items.iter().take(NAMED).map(|id| Id(*id)).collect(),
        });
    }
    Ok(FoundInState { data, next_cursor: None, complete })
}
