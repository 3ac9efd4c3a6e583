//! The form that describes an option of an evaluation: adds one, or changes one that is there.

use serde_json::{Value, json};

use crate::domain::base::Money;
use crate::domain::evaluations::evaluation::{OptionKind, SolutionOption};
use crate::domain::evaluations::requests::EvaluationEdit;
use crate::error::{Error, Result};
use crate::http::console::base::form::Form;
use crate::usecase::evaluations::markdown::money;

/// The fields of costs, and the pages' names for them.
const COSTS: [&str; 3] = ["now", "a_year", "to_leave"];
/// Fields of text, with their names in the API.
const TEXTS: [(&str, &str); 4] =
    [("version_name", "version"), ("supplier", "supplier"), ("licence", "licence"), ("risks", "risks")];

/// What the form holds.
#[derive(Default)]
pub struct OptionForm {
    /// The name of the option that is changed; empty for a new one.
    pub known: String,
    pub name: String,
    pub kind: String,
    pub version: String,
    pub supplier: String,
    pub licence: String,
    pub now: String,
    pub a_year: String,
    pub to_leave: String,
    pub effort: String,
    pub links: String,
    pub risks: String,
}

impl OptionForm {
    /// The form as it was sent.
    pub fn sent(form: &Form) -> Self {
        let held = |name: &str| form.get(name).to_owned();
        Self {
            known: held("known"),
            name: held("name"),
            kind: held("kind"),
            version: held("version_name"),
            supplier: held("supplier"),
            licence: held("licence"),
            now: held("now"),
            a_year: held("a_year"),
            to_leave: held("to_leave"),
            effort: held("effort"),
            links: held("links"),
            risks: held("risks"),
        }
    }

    /// The form for an option that is there.
    pub fn of(option: &SolutionOption) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cost = |cost: &Option<Money>| cost.as_ref().map(money).unwrap_or_default();
        Self {
            known: option.name.clone(),
            name: option.name.clone(),
            kind: option.kind.as_str().to_owned(),
            version: text(&option.version),
            supplier: text(&option.supplier),
            licence: text(&option.licence),
            now: cost(&option.costs.now),
            a_year: cost(&option.costs.a_year),
            to_leave: cost(&option.costs.to_leave),
            effort: option.effort.map(|effort| effort.to_string()).unwrap_or_default(),
            links: option.links.join("\n"),
            risks: text(&option.risks),
        }
    }

    /// Whether the option is of this kind.
    pub fn is_kind(&self, kind: &OptionKind) -> bool {
        self.kind == kind.as_str()
    }
}

/// An amount such as `1200.50` or `1200 EUR`; in the product's currency where none is named.
fn amount(text: &str, currency: &str) -> Option<Money> {
    let text = text.trim();
    let (number, named) = match text.rsplit_once(|c: char| c.is_ascii_digit()) {
        Some((_, rest)) if !rest.trim().is_empty() => {
            (text[..text.len() - rest.len()].to_owned(), rest.trim().to_uppercase())
        }
        _ => (text.to_owned(), currency.to_owned()),
    };
    let plain: String = number.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}')).collect();
    Money::from_decimal(&plain, &named)
}

/// The costs of a form; `None` where it has none of these fields.
fn costs(form: &Form, currency: &str) -> Result<Option<Value>> {
    if !COSTS.iter().any(|name| form.fields().iter().any(|(key, _)| key == name)) {
        return Ok(None);
    }
    let mut costs = json!({});
    for name in COSTS {
        costs[name] = match form.given(name) {
            None => Value::Null,
            Some(text) => {
                let wrong = || Error::field(format!("/{name}"), "type", "must be an amount in a known currency");
                json!(amount(text, currency).ok_or_else(wrong)?)
            }
        };
    }
    Ok(Some(costs))
}

/// The patch that adds the option of a form to those that are there, or describes one of them anew. What a form of a known
/// option leaves empty is taken away; its scores stay.
///
/// # Errors
/// 422 for an effort that is no number, or costs that are no amounts.
pub fn patch(current: EvaluationEdit, form: &Form, currency: &str) -> Result<Value> {
    let known = form.given("known");
    let mut option = json!({ "name": known.unwrap_or_else(|| form.trimmed("name")), "kind": form.get("kind") });
    for (field, name) in TEXTS {
        match form.given(field) {
            Some(value) => option[name] = json!(value),
            None if known.is_some() => option[name] = Value::Null,
            None => {}
        }
    }
    if let Some(costs) = costs(form, currency)? {
        option["costs"] = costs;
    }
    if let Some(text) = form.given("effort") {
        let effort = text.replace(',', ".").parse::<f64>().ok().filter(|effort| effort.is_finite());
        option["effort"] = json!(effort.ok_or_else(|| Error::field("/effort", "type", "must be a number"))?);
    } else if known.is_some() {
        option["effort"] = Value::Null;
    }
    let links: Vec<&str> = form.get("links").lines().map(str::trim).filter(|link| !link.is_empty()).collect();
    if known.is_some() || !links.is_empty() {
        option["links"] = json!(links);
    }
    let mut options = serde_json::to_value(current.options).map_err(Error::internal)?;
    if let Some(all) = options.as_array_mut() {
        match all.iter_mut().find(|one| one["name"] == option["name"]) {
            Some(there) => {
                for (name, value) in option.as_object().into_iter().flatten() {
                    there[name.as_str()] = value.clone();
                }
            }
            None => all.push(option),
        }
    }
    Ok(json!({ "options": options }))
}

/// The errors of the option at the fields of its form: `/options/2/costs/now/currency` is that of `now`.
pub fn at_fields(error: Error) -> Error {
    let mut error = error;
    for field in &mut error.fields {
        let Some((_, rest)) = field.pointer.strip_prefix("/options/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let named = rest.trim_start_matches("costs/").split('/').next().unwrap_or_default();
        field.pointer = format!("/{}", if named == "version" { "version_name" } else { named });
    }
    error
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_may_name_their_currency() {
        let minor = |text: &str| amount(text, "USD").map(|money| (money.amount_minor, money.currency));
        assert_eq!(minor("1,200.50"), Some((120_050, "USD".to_owned())));
        assert_eq!(minor("1200 krw"), Some((1200, "KRW".to_owned())));
        assert_eq!(minor("5.00 EUR"), Some((500, "EUR".to_owned())));
        for wrong in ["EUR", "much", "1200 XXX", "-3", "1.2.3"] {
            assert_eq!(minor(wrong), None, "{wrong}");
        }
    }
}
