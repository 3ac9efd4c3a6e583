//! What a Prometheus sends by remote write: the series that a metric selects are kept, all others are counted.

use std::collections::BTreeMap;

use super::intake::{self, Incoming, wrong_labels};
use crate::domain::base::Id;
use crate::domain::measures::sampling::samples::Sample;
use crate::domain::measures::selector::{Labels, NAME, Selector};
use crate::error::Result;
use crate::store::Tx;
use crate::store::measures::metrics;

/// A series that was sent: its labels, and milliseconds since 1970 with values.
#[derive(Clone, Debug)]
pub struct WrittenSeries {
    pub labels: Labels,
    pub samples: Vec<(i64, f64)>,
}

/// What became of a remote write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteWrite {
    /// Samples of selected series that are stored now: new, replaced, or there already.
    pub written: i64,
    /// Samples of selected series that were refused; each metric counts them.
    pub refused: i64,
    /// Samples of series that no metric selects.
    pub unselected: i64,
    /// Samples of selected series whose labels can't be kept, and what is wrong with the first of them.
    pub wrong: i64,
    pub why_wrong: Option<String>,
}

/// Keeps the samples of series that a metric selects. A series that several metrics select is kept by each.
///
/// # Errors
/// Those of the database.
pub fn write(tx: &mut Tx<'_>, sent: &[WrittenSeries]) -> Result<RemoteWrite> {
    let mut wanted = Vec::new();
    for metric in metrics::with_selector(tx.conn)? {
        let selector = metric.selector.as_deref().and_then(|text| Selector::parse(text).ok());
        if let Some(selector) = selector.filter(|_| tx.scope.has(metric.product_id)) {
            wanted.push((metric.id, selector));
        }
    }
    let mut outcome = RemoteWrite::default();
    let mut kept: BTreeMap<Id, Vec<Incoming>> = BTreeMap::new();
    for series in sent {
        let selecting = wanted.iter().filter(|(_, selector)| selector.matches(&series.labels));
        let metrics: Vec<Id> = selecting.map(|(id, _)| *id).collect();
        if metrics.is_empty() {
            outcome.unselected += series.samples.len() as i64;
            continue;
        }
        let labels = match own_labels(&series.labels) {
            Ok(labels) => labels,
            Err(why) => {
                outcome.wrong += series.samples.len() as i64;
                outcome.why_wrong.get_or_insert(why);
                continue;
            }
        };
        for metric in metrics {
            let of_metric = kept.entry(metric).or_default();
            let incoming = series.samples.iter().enumerate().map(|(place, (at, value))| Incoming {
                sample: Sample { at: *at, value: *value },
                labels: labels.clone(),
                place,
            });
            of_metric.extend(incoming);
        }
    }
    // In the order of their ids, so that two requests never wait for each other.
    for (id, incoming) in kept {
        let metric = metrics::lock(tx, id)?;
        let taken = intake::take(tx, metric, incoming)?;
        outcome.written += taken.accepted + taken.replaced + taken.unchanged;
        outcome.refused += taken.refused;
    }
    Ok(outcome)
}

/// The labels of a series without the name of the metric, which the definition says already; or what is wrong with them.
fn own_labels(labels: &Labels) -> std::result::Result<Labels, String> {
    let own: Labels = labels.iter().filter(|(name, _)| *name != NAME).map(|(n, v)| (n.clone(), v.clone())).collect();
    match wrong_labels(&own, "/labels").pop() {
        None => Ok(own),
        Some(wrong) => Err(format!("The labels of a series {}.", wrong.detail)),
    }
}
