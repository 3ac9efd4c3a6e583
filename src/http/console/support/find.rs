//! `/console/find`: the few stories, themes and customers that fit what somebody types into the palette.

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use crate::domain::base::{Paging, Time};
use crate::domain::feedback::Customer;
use crate::domain::stories::{Story, StoryQuery, StorySort};
use crate::domain::themes::{Theme, ThemeQuery, ThemeSort};
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::SignedIn;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::stories::{links, list as stories, rows};
use crate::store::themes::list as themes;

/// Results that are shown of each kind.
const FEW: i64 = 5;
/// The newest customers that are looked through: a key that is typed must not read a hundred thousand rows. The page of
/// customers looks through all.
const AMONG: i64 = 10_000;
/// The longest words of the API's searches.
const LONGEST: usize = 200;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

/// What the member may read.
#[derive(Clone, Copy, Debug)]
struct Rights {
    stories: bool,
    themes: bool,
    customers: bool,
}

#[derive(Default)]
struct Found {
    stories: Vec<Story>,
    themes: Vec<Theme>,
    customers: Vec<Customer>,
}

#[derive(Template)]
#[template(path = "console/support/find.html")]
struct FoundPart {
    shell: Shell,
    found: Found,
}

fn read(conn: &mut Conn, words: &str, may: Rights, now: Time) -> Result<Found> {
    let few = Paging::new(Some(FEW), None, String::new())?;
    let (q, limit) = (Some(words.to_owned()), Some(FEW));
    let mut found = Found::default();
    if may.stories {
        let query = StoryQuery { q: q.clone(), limit, sort: Some(StorySort::Priority), ..StoryQuery::default() };
        found.stories = stories::list(conn, &query, &few, now)?.data;
        if let Ok(number) = words.to_uppercase().parse() {
            for id in links::stories_numbered(conn, &[number])? {
                found.stories.retain(|story| story.id != id);
                found.stories.insert(0, rows::get(conn, id)?);
            }
        }
    }
    if may.themes {
        let query = ThemeQuery { q, limit, sort: Some(ThemeSort::Size), ..ThemeQuery::default() };
        found.themes = themes::list(conn, &query, &few)?.data;
    }
    if may.customers {
        found.customers = customers::few_of_newest(conn, words, AMONG, &few)?;
    }
    Ok(found)
}

async fn part(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let words = asked.q.trim().to_owned();
    if words.chars().count() > LONGEST {
        return Err(Error::field("/q", "too_long", format!("must have at most {LONGEST} characters")));
    }
    let (access, now) = (&visit.caller.access, app.store.clock.now());
    let may = Rights {
        stories: access.may("list_stories"),
        themes: access.may("list_themes"),
        customers: access.may("list_customers"),
    };
    let mut found = Found::default();
    if !words.is_empty() {
        found = visit.read(&app, move |conn| read(conn, &words, may, now)).await?;
    }
    let shell = Shell::new(&request, |t| t.palette());
    show(&request, &FoundPart { shell, found })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/find", &[("GET", SignedIn)]).get(part));
}
