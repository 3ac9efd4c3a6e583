//! Writing evaluations: beginning and changing them, giving scores, and deciding.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::domain::base::calendar::parse_date;
use crate::domain::base::decode;
use crate::domain::base::money::exponent;
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::evaluations::evaluation::{
    Evaluation, EvaluationStatus, OptionScore, SolutionOption, WeighedCriterion,
};
use crate::domain::evaluations::licences;
use crate::domain::evaluations::ranking::parts;
use crate::domain::evaluations::requests::{EvaluationEdit, NewEvaluation, NewOption, ScoreToGive};
use crate::domain::evaluations::scorecard::{Scorecard, ScorecardFile};
use crate::domain::stories::{Story, StoryNumber};
use crate::domain::team::DEFAULT_PRODUCT;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::evaluations::rows;
use crate::store::stories::links;
use crate::store::team::{members, products};
use crate::store::{Tx, stories};

/// Begins an evaluation.
///
/// # Errors
/// 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewEvaluation) -> Result<Evaluation> {
    let story = input.story_id.as_deref().map(|text| story(tx, text)).transpose()?;
    let named = products::named(tx.conn, input.product.as_deref())?.map(|product| product.id);
    if let (Some(product), Some(story)) = (named, &story)
        && product != story.product_id
    {
        return Err(Error::field("/product", "other_product", "is not the product of the story"));
    }
    let product_id = named.or(story.as_ref().map(|story| story.product_id)).unwrap_or(DEFAULT_PRODUCT);
    let begun = Evaluation {
        id: Id::next(),
        product_id: products::get(tx.conn, product_id)?.id,
        story_id: story.map(|story| story.id),
        title: input.title.trim().to_owned(),
        status: EvaluationStatus::Proposed,
        need: text(&input.need),
        context: text(&input.context),
        criteria: input.criteria.clone(),
        options: Vec::new(),
        decision: None,
        because: None,
        consequences: None,
        confirmation: None,
        deciders: input.deciders.clone(),
        consulted: input.consulted.clone(),
        informed: input.informed.clone(),
        date: None,
        revisit_date: input.revisit_date.clone(),
        revisit_noted_at: None,
        superseded_by: None,
        created_by: tx.actor.id,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let mut wrong = wrong_options(&input.criteria, &input.options);
    wrong.extend(wrong_members(tx, &input.deciders, &[])?);
    let evaluation = Evaluation { options: options(tx, &input.options, &begun), ..begun };
    wrong.extend(wrong_state(&evaluation));
    refuse(wrong)?;
    rows::insert(tx, &evaluation)?;
    let data = json!({ "story_id": evaluation.story_id });
    tx.event("evaluation.created", evaluation.id, Some(evaluation.product_id), data);
    Ok(evaluation)
}

fn refuse(wrong: Vec<FieldError>) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// A text without space around it; `None` where it is empty.
fn text(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The story that a text names by id or number, where the caller may see it.
fn story(tx: &mut Tx<'_>, text: &str) -> Result<Story> {
    let unknown = || Error::field("/story_id", "unknown", "is not the id or number of a story");
    let id = match (text.trim().parse::<Id>(), text.trim().parse::<StoryNumber>()) {
        (Ok(id), _) => Some(id),
        (_, Ok(number)) => links::stories_numbered(tx.conn, &[number])?.pop(),
        _ => None,
    };
    let found = Reference::Story.found(stories::rows::get(tx.conn, id.ok_or_else(unknown)?), "/story_id")?;
    if tx.scope.shows(found.product_id) { Ok(found) } else { Err(unknown()) }
}

/// The part of a pointer that names a field.
fn segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether a number has at most two decimals.
fn is_exact(number: f64) -> bool {
    (number * 100.0 - parts(number) as f64).abs() < 1e-6
}

/// The errors of criteria and options that a schema can't express.
fn wrong_options(criteria: &[WeighedCriterion], options: &[NewOption]) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let mut names = HashSet::new();
    for (n, criterion) in criteria.iter().enumerate() {
        if !names.insert(criterion.name.as_str()) {
            wrong.push(FieldError::new(format!("/criteria/{n}/name"), "repeated", "must be unique in the evaluation"));
        }
        if !is_exact(criterion.weight) {
            wrong.push(FieldError::new(format!("/criteria/{n}/weight"), "format", "must have at most two decimals"));
        }
        if criterion.minimum.is_some() && !criterion.must {
            let detail = "goes with `must` only";
            wrong.push(FieldError::new(format!("/criteria/{n}/minimum"), "not_allowed", detail));
        }
    }
    if criteria.iter().all(|criterion| parts(criterion.weight) == 0) {
        let detail = "must not all have the weight 0: nothing would be compared";
        wrong.push(FieldError::new("/criteria", "zero_weights", detail));
    }
    let mut taken = HashSet::new();
    for (n, option) in options.iter().enumerate() {
        let at = format!("/options/{n}");
        if !taken.insert(option.name.trim()) {
            wrong.push(FieldError::new(format!("{at}/name"), "repeated", "must be unique in the evaluation"));
        }
        let licence = option.licence.as_deref().filter(|licence| !licence.trim().is_empty());
        if let Some(problem) = licence.and_then(licences::problem) {
            wrong.push(FieldError::new(format!("{at}/licence"), "format", problem));
        }
        let costs = option.costs.clone().unwrap_or_default();
        for (name, money) in [("now", costs.now), ("a_year", costs.a_year), ("to_leave", costs.to_leave)] {
            if money.is_some_and(|money| exponent(&money.currency).is_none()) {
                let pointer = format!("{at}/costs/{name}/currency");
                wrong.push(FieldError::new(pointer, "unknown", "is not a currency of ISO 4217"));
            }
        }
        for (name, score) in &option.scores {
            let pointer = format!("{at}/scores/{}", segment(name));
            let (score, _) = score.parts();
            if !names.contains(name.as_str()) {
                wrong.push(FieldError::new(pointer, "unknown", "is not the name of a criterion"));
            } else if !is_exact(score) {
                wrong.push(FieldError::new(pointer, "format", "must have at most two decimals"));
            }
        }
    }
    wrong
}

/// Members who are not active, unless they were there before.
fn wrong_members(tx: &mut Tx<'_>, deciders: &[Id], before: &[Id]) -> Result<Vec<FieldError>> {
    let mut wrong = Vec::new();
    for (n, id) in deciders.iter().enumerate().filter(|(_, id)| !before.contains(id)) {
        if members::find_active(tx.conn, *id)?.is_none() {
            wrong.push(Reference::ActiveMember.unknown(format!("/deciders/{n}")));
        }
    }
    Ok(wrong)
}

/// The errors of the decision and the dates.
fn wrong_state(of: &Evaluation) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    for (name, date) in [("date", &of.date), ("revisit_date", &of.revisit_date)] {
        if date.as_deref().is_some_and(|date| parse_date(date).is_none()) {
            wrong.push(FieldError::new(format!("/{name}"), "format", "must be a date that exists"));
        }
    }
    if of.decision.is_some() && of.chosen().is_none() {
        wrong.push(FieldError::new("/decision", "unknown", "is not the name of an option"));
    }
    if of.status == EvaluationStatus::Accepted && of.decision.is_none() {
        wrong.push(FieldError::new("/decision", "required", "is required where the status is `accepted`"));
    }
    match (of.status == EvaluationStatus::Superseded, of.superseded_by) {
        (true, None) => {
            wrong.push(FieldError::new("/superseded_by", "required", "is required where the status is `superseded`"));
        }
        (false, Some(_)) => {
            wrong.push(FieldError::new("/superseded_by", "not_allowed", "goes with the status `superseded` only"));
        }
        _ => {}
    }
    wrong
}

/// The options of a request. A score that stays the same keeps who gave it; a Scorecard stays with its option.
fn options(tx: &Tx<'_>, given: &[NewOption], before: &Evaluation) -> Vec<SolutionOption> {
    let by = tx.actor.id.filter(|_| tx.actor.kind == "member");
    let option = |new: &NewOption| {
        let known = before.options.iter().find(|option| option.name == new.name.trim());
        let score = |name: &String, given: &(f64, Option<&str>)| {
            let (score, why) = *given;
            let there = known.and_then(|option| option.scores.get(name));
            let same = there.filter(|there| there.score == score && there.why.as_deref() == why);
            same.cloned().unwrap_or_else(|| OptionScore { score, why: why.map(str::to_owned), by, at: Some(tx.now) })
        };
        let scores: BTreeMap<String, OptionScore> =
            new.scores.iter().map(|(name, given)| (name.clone(), score(name, &given.parts()))).collect();
        SolutionOption {
            name: new.name.trim().to_owned(),
            kind: new.kind,
            version: text(&new.version),
            supplier: text(&new.supplier),
            licence: text(&new.licence),
            costs: new.costs.clone().unwrap_or_default(),
            effort: new.effort,
            links: new.links.clone(),
            risks: text(&new.risks),
            scores,
            scorecard: known.and_then(|option| option.scorecard.clone()),
        }
    };
    given.iter().map(option).collect()
}

/// Changes an evaluation by a merge patch.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Evaluation> {
    let current = rows::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = EvaluationEdit::from(&current);
    let edit: EvaluationEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let mut wrong = wrong_options(&edit.criteria, &edit.options);
    wrong.extend(wrong_members(tx, &edit.deciders, &current.deciders)?);
    wrong.extend(wrong_successor(tx, &current, edit.superseded_by)?);
    let edited = edited(tx, &current, edit);
    wrong.extend(wrong_state(&edited));
    refuse(wrong)?;
    save(tx, &current, edited, &fields)
}

/// The evaluation as the edit leaves it.
fn edited(tx: &Tx<'_>, current: &Evaluation, edit: EvaluationEdit) -> Evaluation {
    let decides = edit.status != current.status && edit.status != EvaluationStatus::Proposed;
    let same_day = edit.revisit_date == current.revisit_date;
    Evaluation {
        options: options(tx, &edit.options, current),
        title: edit.title.trim().to_owned(),
        status: edit.status,
        need: text(&edit.need),
        context: text(&edit.context),
        criteria: edit.criteria,
        decision: text(&edit.decision),
        because: text(&edit.because),
        consequences: text(&edit.consequences),
        confirmation: text(&edit.confirmation),
        deciders: edit.deciders,
        consulted: edit.consulted,
        informed: edit.informed,
        date: edit.date.or_else(|| decides.then(|| tx.now.date())),
        revisit_date: edit.revisit_date,
        revisit_noted_at: current.revisit_noted_at.filter(|_| same_day),
        superseded_by: edit.superseded_by,
        ..current.clone()
    }
}

/// The evaluation that takes the place of another is one of the same product.
fn wrong_successor(tx: &mut Tx<'_>, current: &Evaluation, named: Option<Id>) -> Result<Option<FieldError>> {
    let Some(id) = named.filter(|id| current.superseded_by != Some(*id)) else { return Ok(None) };
    if id == current.id {
        return Ok(Some(FieldError::new("/superseded_by", "itself", "must be another evaluation")));
    }
    let found = match rows::get(tx.conn, id) {
        Ok(found) => Some(found),
        Err(error) if error.code == Code::NotFound => None,
        Err(error) => return Err(error),
    };
    let fits = found.is_some_and(|found| found.product_id == current.product_id);
    let detail = "is not the id of an evaluation of the same product";
    Ok((!fits).then(|| FieldError::new("/superseded_by", "unknown", detail)))
}

/// Writes a changed evaluation, with its events.
fn save(tx: &mut Tx<'_>, current: &Evaluation, edited: Evaluation, fields: &[String]) -> Result<Evaluation> {
    let edited = Evaluation { version: current.version + 1, updated_at: tx.now, ..edited };
    rows::update(tx, &edited)?;
    tx.event("evaluation.updated", edited.id, Some(edited.product_id), json!({ "fields": fields }));
    if edited.status != current.status {
        let data = json!({ "from": current.status, "to": edited.status });
        tx.event("evaluation.decided", edited.id, Some(edited.product_id), data);
    }
    Ok(edited)
}

/// Gives an option a score, or takes it away.
///
/// # Errors
/// 404, 412, 422 for an unknown option or criterion.
pub fn score(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &ScoreToGive) -> Result<Evaluation> {
    let current = rows::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let mut edited = current.clone();
    let mut wrong = Vec::new();
    if !current.criteria.iter().any(|criterion| criterion.name == input.criterion) {
        wrong.push(FieldError::new("/criterion", "unknown", "is not the name of a criterion"));
    }
    if input.score.is_some_and(|score| !is_exact(score)) {
        wrong.push(FieldError::new("/score", "format", "must have at most two decimals"));
    }
    match edited.options.iter_mut().find(|option| option.name == input.option) {
        None => wrong.push(FieldError::new("/option", "unknown", "is not the name of an option")),
        Some(option) => match input.score {
            None => drop(option.scores.remove(&input.criterion)),
            Some(score) => {
                let by = tx.actor.id.filter(|_| tx.actor.kind == "member");
                let given = OptionScore { score, why: text(&input.why), by, at: Some(tx.now) };
                let there = option.scores.get(&input.criterion);
                if there.is_none_or(|there| there.score != given.score || there.why != given.why) {
                    option.scores.insert(input.criterion.clone(), given);
                }
            }
        },
    }
    refuse(wrong)?;
    if edited == current {
        return Ok(current);
    }
    save(tx, &current, edited, &["options".to_owned()])
}

/// Puts an OpenSSF Scorecard on an option, in place of an earlier one.
///
/// # Errors
/// 404, 412, 422 for an unknown option.
pub fn import_scorecard(
    tx: &mut Tx<'_>,
    id: Id,
    if_match: Option<i32>,
    option: &str,
    file: &ScorecardFile,
) -> Result<Evaluation> {
    let current = rows::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let mut edited = current.clone();
    let found = edited.options.iter_mut().find(|one| one.name == option);
    let found = found.ok_or_else(|| Error::field("/option", "unknown", "is not the name of an option"))?;
    found.scorecard = Some(Scorecard::from(file));
    if edited == current {
        return Ok(current);
    }
    save(tx, &current, edited, &["options".to_owned()])
}

/// Notes each of these evaluations whose day has come, once.
pub fn note_due(tx: &mut Tx<'_>, ids: &[Id]) -> Result<usize> {
    let mut noted = 0;
    for id in ids {
        let due = rows::lock(tx, *id)?;
        if due.revisit_noted_at.is_some() || !due.is_due(&tx.now.date()) {
            continue;
        }
        tx.event("evaluation.revisit_due", due.id, Some(due.product_id), json!({ "story_id": due.story_id }));
        rows::update(tx, &Evaluation { revisit_noted_at: Some(tx.now), ..due })?;
        noted += 1;
    }
    Ok(noted)
}
