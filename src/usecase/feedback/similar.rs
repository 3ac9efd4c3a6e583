//! "Has anyone else asked?": similarity search for a text while an agent types it.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::candidates;
use crate::domain::base::Id;
use crate::domain::feedback::own_words::own_words;
use crate::domain::stories::Story;
use crate::domain::stories::stage::Stage;
use crate::domain::team::DEFAULT_PRODUCT;
use crate::engine::{LookUp, fitted};
use crate::error::Result;
use crate::store::team::products;
use crate::store::{Conn, feedback, stories, themes};
use crate::usecase::themes::groupers::Groups;

/// A text to look up.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "my refund has not arrived"}))]
pub struct SimilarTo {
    #[schema(min_length = 1, max_length = 65_536)]
    pub text: String,
    /// Key or id of the product; default: the default product.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The most results of each kind.
    #[serde(default = "five")]
    #[schema(minimum = 1, maximum = 20, default = 5)]
    pub limit: i64,
}

fn five() -> i64 {
    5
}

/// The results, nearest first. Similarities are cosines, 0 to 1.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Similar {
    pub themes: Vec<SimilarTheme>,
    pub stories: Vec<SimilarStory>,
    pub feedback: Vec<SimilarFeedback>,
    /// Whether all feedback of the product was compared. It is false for a while after a start, while the instance that answers
    /// still loads it, and after a change of embedder; then the results are those that are known already and those that have
    /// words of the text, and a later request may find others.
    pub complete: bool,
}

/// How a text is compared.
#[derive(Clone, Debug)]
pub enum Compared {
    /// By the built-in embedder.
    Builtin,
    /// By this vector of the external embedder.
    External(Vec<f32>),
    /// Not at all yet: the vectors of the feedback are of an embedder that this instance does not use.
    Otherwise,
}

/// A near theme.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimilarTheme {
    pub id: Id,
    pub label: String,
    pub size: i32,
    pub customers: i32,
    /// The similarity of its nearest feedback.
    pub similarity: f32,
}

/// A story of a near theme.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimilarStory {
    pub id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    pub title: String,
    pub stage: Stage,
    /// The similarity of the nearest feedback of its themes.
    pub similarity: f32,
}

/// A near feedback.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimilarFeedback {
    pub id: Id,
    pub text: String,
    pub theme_id: Option<Id>,
    pub similarity: f32,
}

/// Searches for a text.
///
/// # Errors
/// 422 for an unknown product.
pub fn find(conn: &mut Conn, groups: &Groups, input: &SimilarTo, compared: &Compared) -> Result<Similar> {
    let named = products::named(conn, input.product.as_deref())?;
    let product = named.map_or(DEFAULT_PRODUCT, |product| product.id);
    let text = own_words(None, &input.text);
    let limit = input.limit as usize;
    // Asked before the look-up: what is loaded during it may be missing in it.
    let complete = groups.is_complete(product) && !matches!(compared, Compared::Otherwise);
    let found = groups.get(product).map(|group| match compared {
        Compared::Builtin => group.read().look_up(&text, limit),
        Compared::External(said) => group.read().look_up_external(&text, &fitted(said), limit),
        Compared::Otherwise => LookUp::default(),
    });
    let mut found = found.unwrap_or_default();
    if !complete {
        found = candidates::together(found, candidates::look_up(conn, product, &text, limit)?, limit);
    }
    show(conn, found, complete)
}

/// The open stories of these themes.
fn stories_of(conn: &mut Conn, themes: &[Id]) -> Result<Vec<Story>> {
    let ids: BTreeSet<Id> = stories::rows::of_themes(conn, themes)?.into_values().flatten().collect();
    let found = stories::rows::get_many(conn, &ids.into_iter().collect::<Vec<_>>())?;
    Ok(found.into_iter().filter(|story| story.stage != Stage::Duplicate).collect())
}

fn show(conn: &mut Conn, found: LookUp, complete: bool) -> Result<Similar> {
    let near: HashMap<Id, f32> = found.themes.iter().map(|(id, cosine)| (Id(*id), *cosine)).collect();
    let ids: Vec<Id> = found.themes.iter().map(|(id, _)| Id(*id)).collect();
    let mut near_themes: Vec<SimilarTheme> = themes::rows::rows(conn, &ids)?
        .into_iter()
        .map(|row| {
            let similarity = near.get(&row.id).copied().unwrap_or_default();
            SimilarTheme { id: row.id, label: row.label, size: row.size, customers: row.customers, similarity }
        })
        .collect();
    near_themes.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));

    let mut near_stories: Vec<SimilarStory> = stories_of(conn, &ids)?
        .into_iter()
        .map(|story| {
            let cosines = story.theme_ids.iter().filter_map(|id| near.get(id)).copied();
            let similarity = cosines.fold(0.0, f32::max);
            SimilarStory { id: story.id, number: story.number, title: story.title, stage: story.stage, similarity }
        })
        .collect();
    near_stories.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));

    let cosines: HashMap<Id, f32> = found.items.iter().map(|item| (Id(item.id), item.similarity)).collect();
    let ids: Vec<Id> = found.items.iter().map(|item| Id(item.id)).collect();
    let mut feedback: Vec<SimilarFeedback> = feedback::rows::rows(conn, &ids)?
        .into_iter()
        .map(|row| {
            let id = row.id;
            let similarity = cosines.get(&id).copied().unwrap_or_default();
            SimilarFeedback { id, text: row.text, theme_id: row.theme_id, similarity }
        })
        .collect();
    feedback.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    Ok(Similar { themes: near_themes, stories: near_stories, feedback, complete })
}
