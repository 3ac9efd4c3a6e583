//! An evaluation with its result, its licences, and what it serves.

use crate::domain::base::{Id, Time};
use crate::domain::evaluations::evaluation::Evaluation;
use crate::domain::evaluations::licences::{self, LicenceVerdict};
use crate::domain::evaluations::ranking;
use crate::domain::evaluations::shown::{JudgedLicence, ShownEvaluation};
use crate::domain::stories::dependency::LinkedStory;
use crate::domain::team::ProductSettings;
use crate::error::Result;
use crate::store::Conn;
use crate::store::evaluations::rows;
use crate::store::stories::depending::edges;
use crate::store::team::products;
use crate::usecase::stories::depending::waiters;

/// An evaluation as it is shown.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id, now: Time) -> Result<ShownEvaluation> {
    let evaluation = rows::get(conn, id)?;
    shown(conn, evaluation, now)
}

/// An evaluation that is already read, as it is shown.
pub fn shown(conn: &mut Conn, evaluation: Evaluation, now: Time) -> Result<ShownEvaluation> {
    let settings = products::get(conn, evaluation.product_id)?.settings;
    let story = match evaluation.story_id {
        Some(id) => edges::briefs(conn, &[id])?.remove(&id),
        None => None,
    };
    let waiting = story.as_ref().map(|story| waiters::counted(conn, &[story])).transpose()?;
    Ok(ShownEvaluation {
        result: ranking::result(&evaluation.criteria, &evaluation.options),
        licences: judged(&evaluation, &settings),
        story: story.as_ref().map(LinkedStory::from),
        waiting,
        due: evaluation.is_due(&now.date()),
        evaluation,
    })
}

/// What the lists of the product say of the licences of the options.
fn judged(evaluation: &Evaluation, settings: &ProductSettings) -> Vec<JudgedLicence> {
    let judged = evaluation.options.iter().filter_map(|option| {
        let licence = option.licence.clone()?;
        let verdict = judge(&licence, settings);
        Some(JudgedLicence { option: option.name.clone(), licence, verdict })
    });
    judged.collect()
}

fn judge(licence: &str, settings: &ProductSettings) -> LicenceVerdict {
    licences::judge(licence, &settings.allowed_licences, &settings.denied_licences)
}
