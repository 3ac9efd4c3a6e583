//! The bundled sample for `serve --demo`: 414 feedback items for an imaginary payment app.

use std::io::Write;
use std::time::Duration;

use serde_json::json;

use crate::app::App;
use crate::domain::base::{Actor, Id, Paging, Time};
use crate::domain::feedback::{ImportJob, ImportOptions};
use crate::domain::stories::{Story, StoryQuery, StorySort};
use crate::domain::team::{DEFAULT_PRODUCT, FilingRights};
use crate::error::{Error, Result};
use crate::jobs::feedback::import::work_off;
use crate::store::feedback::imports;
use crate::store::team::products;
use crate::store::themes::assignments;
use crate::store::{feedback, stories, themes};
use crate::usecase::team::products as product_acts;

const SAMPLE: &str = include_str!("../../examples/feedback.csv");
/// Length of a time in the sample: 2026-01-31T16:20:40Z.
const TIME: usize = 20;
/// Stories shown after loading.
const SHOWN: i64 = 10;

/// Loads the sample into an instance without feedback; does nothing if there is some. The times are moved so that the
/// last one is now. The sample is one batch of an import, so it is loaded completely or not at all.
pub fn load(app: &App) -> Result<()> {
    if app.store.read_now(feedback::rows::any)? {
        return Ok(());
    }
    // The demo sends mails without the recall time, so that they can be looked at immediately.
    let at_once = json!({ "settings": { "recall_minutes": 0 } });
    app.store.write_now(Actor::COMMAND, move |tx| product_acts::edit(tx, DEFAULT_PRODUCT, None, &at_once))?;
    let sample = dated(SAMPLE, app.store.clock.now());
    let options =
        ImportOptions { format: Some("csv".to_owned()), origin: Some("sample".to_owned()), ..Default::default() };
    let job = ImportJob {
        options,
        may_restore: false,
        by_command: true,
        rights: FilingRights::ALL,
        charset: None,
        products: None,
    };
    let (id, bytes) = (Id::next(), sample.len() as i64);
    let holder = id.to_string();
    let claim = app.store.write_now(Actor::COMMAND, move |tx| {
        imports::begin(tx, id, &job, bytes, Some(&holder))?;
        imports::claim(tx, id, &holder)?.ok_or_else(|| Error::internal("the sample was not claimed"))
    })?;
    work_off(&app.store, &claim, sample.as_bytes(), &mut |_| true).map(drop)
}

/// The sample with all its times moved so that the last is `end`.
fn dated(sample: &str, end: Time) -> String {
    let times = |text: &str| -> Vec<(usize, Time)> {
        let starts = (0..text.len()).filter(|at| text.is_char_boundary(*at));
        starts.filter_map(|at| Some((at, Time::parse(text.get(at..at + TIME)?)?))).collect()
    };
    let found = times(sample);
    let shift = found.iter().map(|(_, time)| *time).max().map_or(0, |last| end.0 - last.0);
    let (mut moved, mut copied) = (String::with_capacity(sample.len()), 0);
    for (at, time) in found {
        moved.push_str(&sample[copied..at]);
        moved.push_str(&time.plus(shift).to_string());
        copied = at + TIME;
    }
    moved + &sample[copied..]
}

/// Waits until the sample is grouped, then prints the top-ranked stories.
pub async fn show(app: &App) -> Result<()> {
    while !app.store.read(is_grouped).await? {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let query = StoryQuery { sort: Some(StorySort::Priority), limit: Some(SHOWN), ..Default::default() };
    let paging = Paging::of("demo", &query)?;
    let now = app.store.clock.now();
    let ranked = app.store.read(move |conn| stories::list::list(conn, &query, &paging, now)).await?;
    print_table(&ranked.data);
    Ok(())
}

fn is_grouped(conn: &mut crate::store::Conn) -> Result<bool> {
    let due = products::refinements(conn)?.iter().any(|r| r.due);
    Ok(!due && assignments::count_pending(conn)? == 0 && themes::rows::count_stale(conn)? == 0)
}

fn print_table(stories: &[Story]) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n  score  story  customers  asked for");
    for story in stories {
        let (score, number, customers) = (story.priority.score, &story.number, story.customer_count);
        let _ = writeln!(out, "{score:>7.1}  {number:<6} {customers:>8}  {}", story.title);
    }
    let _ = writeln!(out, "\nThe whole backlog: GET /v1/stories?sort=priority\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_ends_when_it_is_told_to_and_keeps_its_distances() {
        let end = Time::parse("2030-05-01T12:00:00Z").unwrap();
        let moved = dated("a,2026-01-01T00:00:00Z,\"b, é\"\nc,2026-01-03T06:00:00Z,환불\n", end);
        assert_eq!(moved, "a,2030-04-29T06:00:00Z,\"b, é\"\nc,2030-05-01T12:00:00Z,환불\n");
    }
}
