//! What Prometheus answered to the question of a metric.

use crate::domain::base::{Id, Time};
use crate::domain::measures::sampling::samples::Sample;
use crate::domain::measures::selector::{Labels, NAME};
use crate::error::Result;
use crate::store::Tx;
use crate::store::measures::metrics;
use crate::usecase::measures::intake::{self, Incoming, wrong_labels};

/// How far back is asked for at the first time, and after a long pause, in seconds: enough to compare before and after a
/// release at once.
const MOST_BACK: i64 = 60 * 86_400;
/// Points that one question asks for at the most; Prometheus refuses more than 11,000.
const MOST_POINTS: i64 = 5_000;

/// What to ask for, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullPeriod {
    pub from: i64,
    pub to: i64,
    /// Between two samples.
    pub step: i64,
}

/// The period to ask for: from the last sample on, and the last points once more, since they may have changed. A long one
/// is asked for in longer steps.
pub fn period(last: Option<Time>, now: Time, every: i64) -> PullPeriod {
    let aligned = |seconds: i64| seconds.div_euclid(every) * every;
    let to = aligned(now.0.div_euclid(1_000_000));
    let earliest = to - aligned(MOST_BACK);
    let from = last.map_or(earliest, |last| aligned(last.0.div_euclid(1_000_000)) - 2 * every).max(earliest);
    let step = every * (((to - from) / every).div_euclid(MOST_POINTS) + 1);
    // The last point is at `to`, so that a Prometheus which just began has something to answer.
    PullPeriod { from: to - (to - from) / step * step, to, step }
}

/// A series of an answer: labels, and milliseconds since 1970 with values.
pub type AnsweredSeries = (Labels, Vec<(i64, f64)>);

/// An answer, or the reason in a sentence why there is none.
pub type Answered = std::result::Result<Vec<AnsweredSeries>, String>;

/// Takes an answer, or the reason why there is none, and says when to ask next. A failure waits five minutes at the most.
///
/// # Errors
/// Those of the database.
pub fn take(tx: &mut Tx<'_>, id: Id, answer: &Answered) -> Result<()> {
    let mut metric = metrics::lock(tx, id)?;
    let Some(pull) = metric.prometheus.clone().filter(|_| metric.archived_at.is_none()) else {
        return metrics::ask_next(tx, id, None);
    };
    metric.intake.asked_at = Some(tx.now);
    metric.intake.pull_error = None;
    let answer = answer.as_ref().map_err(String::clone).and_then(incoming);
    let every = i64::from(pull.every) * Time::SECOND;
    match answer {
        Ok(incoming) => {
            intake::take(tx, metric, incoming)?;
            metrics::ask_next(tx, id, Some(tx.now.plus(every)))
        }
        Err(why) => {
            metric.intake.pull_error = Some(why);
            metrics::write_intake(tx, &metric)?;
            let pause = every.clamp(60 * Time::SECOND, 300 * Time::SECOND);
            metrics::ask_next(tx, id, Some(tx.now.plus(pause)))
        }
    }
}

fn incoming(found: &Vec<AnsweredSeries>) -> std::result::Result<Vec<Incoming>, String> {
    let mut incoming = Vec::new();
    for (labels, samples) in found {
        let own: Labels = labels.iter().filter(|(n, _)| *n != NAME).map(|(n, v)| (n.clone(), v.clone())).collect();
        if let Some(wrong) = wrong_labels(&own, "/labels").pop() {
            return Err(format!("The labels of a series {}.", wrong.detail));
        }
        let samples = samples.iter().enumerate();
        incoming.extend(samples.map(|(place, (at, value))| Incoming {
            sample: Sample { at: *at, value: *value },
            labels: own.clone(),
            place,
        }));
    }
    Ok(incoming)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_goes_on_from_the_last_sample() {
        let now = Time(10_000_030 * 1_000_000);
        let ago = |seconds: i64| Some(Time((10_000_030 - seconds) * 1_000_000));
        let is = |from, step| PullPeriod { from, to: 10_000_020, step };
        assert_eq!(period(ago(65), now, 60), is(10_000_020 - 180, 60));
        // Sixty days are 86,400 minutes: one of 18.
        assert_eq!(period(None, now, 60), is(10_000_020 - MOST_BACK, 18 * 60));
        assert_eq!(period(Some(Time(0)), now, 60), is(10_000_020 - MOST_BACK, 18 * 60));
    }
}
