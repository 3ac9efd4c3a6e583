//! `/console/similar`: the nearest themes and stories for a text, as a part of a page. The script asks for it while
//! somebody types; pages include the same part.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;

use crate::domain::base::Id;
use crate::domain::closure::ClosureState;
use crate::error::{Code, Result};
use crate::http::api::feedback::similar::compared;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::closure::closures;
use crate::store::releases::rows;
use crate::store::{Conn, stories};
use crate::usecase::feedback::similar::{self, SimilarFeedback, SimilarStory, SimilarTheme, SimilarTo};

/// Results of each kind.
const MOST: i64 = 5;
/// A shorter text says too little to compare.
const SHORTEST: usize = 4;

/// A near story, and how many customers asked for it and still wait.
pub struct NearStory {
    pub story: SimilarStory,
    pub customers: i32,
    pub waiting: i64,
    /// The release that brought it to customers: its id and name.
    pub release: Option<(Id, String)>,
    /// The theme that feedback joins to stand behind it.
    pub theme: Option<Id>,
}

/// What is near a text.
#[derive(Default)]
pub struct Nearest {
    pub themes: Vec<SimilarTheme>,
    pub stories: Vec<NearStory>,
    pub feedback: Vec<SimilarFeedback>,
    /// Nothing is known: the embedder does not answer, nothing was found while the grouping is being loaded, or the text is too
    /// short.
    pub is_unknown: bool,
    /// The grouping is still being loaded, so there may be more.
    pub is_partial: bool,
}

impl Nearest {
    /// Whether nobody said the like.
    pub fn is_empty(&self) -> bool {
        self.themes.is_empty() && self.stories.is_empty() && self.feedback.is_empty()
    }
}

/// Looks up what is near a text; `except` is the feedback with that text.
///
/// # Errors
/// 422 for an unknown product.
pub async fn nearest(
    app: &AppData,
    visit: &Visit,
    text: &str,
    product: Option<String>,
    except: Option<Id>,
) -> Result<Nearest> {
    if text.trim().chars().count() < SHORTEST {
        return Ok(Nearest { is_unknown: true, ..Nearest::default() });
    }
    let compared = match compared(app, text).await {
        Ok(compared) => compared,
        Err(error) if error.code == Code::Unavailable => return Ok(Nearest { is_unknown: true, ..Nearest::default() }),
        Err(error) => return Err(error),
    };
    let groups = app.groups.clone();
    let input = SimilarTo { text: text.to_owned(), product, limit: MOST };
    let read = move |conn: &mut Conn| {
        let mut found = similar::find(conn, &groups, &input, &compared)?;
        found.feedback.retain(|item| Some(item.id) != except);
        let ids: Vec<Id> = found.stories.iter().map(|story| story.id).collect();
        let full = stories::rows::get_many(conn, &ids)?;
        let customers: HashMap<Id, i32> = full.iter().map(|story| (story.id, story.customer_count)).collect();
        let mut waiting: HashMap<Id, i64> = HashMap::new();
        for closure in closures::of_stories(conn, &ids)? {
            *waiting.entry(closure.story_id).or_default() += i64::from(closure.state == ClosureState::Waiting);
        }
        let themes: HashMap<Id, Id> =
            full.iter().filter_map(|story| Some((story.id, *story.theme_ids.first()?))).collect();
        let released: Vec<Id> = full.iter().filter(|story| story.released_at.is_some()).map(|story| story.id).collect();
        let mut releases = rows::bringing_each(conn, &released)?;
        let near = |story: SimilarStory| NearStory {
            release: releases.remove(&story.id),
            theme: themes.get(&story.id).copied(),
            customers: customers.get(&story.id).copied().unwrap_or_default(),
            waiting: waiting.get(&story.id).copied().unwrap_or_default(),
            story,
        };
        let stories = found.stories.into_iter().map(near).collect();
        let (themes, feedback, is_partial) = (found.themes, found.feedback, !found.complete);
        let nearest = Nearest { themes, stories, feedback, is_unknown: false, is_partial };
        Ok(Nearest { is_unknown: is_partial && nearest.is_empty(), ..nearest })
    };
    visit.read(app, read).await
}

#[derive(Template)]
#[template(path = "console/support/nearest.html")]
struct NearestPart {
    shell: Shell,
    nearest: Nearest,
    /// Whether the part stands in the form that files feedback, which can then join a theme.
    in_form: bool,
    /// Whether the script presses its buttons by key.
    by_key: bool,
}

async fn part(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let product = form.given("product").map(str::to_owned);
    let nearest = nearest(&app, &visit, form.get("text"), product, None).await?;
    let shell = Shell::new(&request, |t| t.nearest());
    show(&request, &NearestPart { shell, nearest, in_form: true, by_key: true })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/similar", &[("POST", May("find_similar"))]).post(part));
}
