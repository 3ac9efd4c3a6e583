//! The fields of a metric's definition, and what the API takes of them.

use serde_json::{Value, json};

use crate::domain::measures::metric::{Metric, MetricDirection, MetricKind};
use crate::domain::words::console::Words;
use crate::error::{Error, Result};
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::settings::fields::Field;

/// The fields of a form: empty for a new metric, otherwise as they are stored.
pub fn fields(t: &Words, metric: Option<&Metric>, form: Option<&Form>, wrong: &Wrong) -> Vec<Field> {
    let pull = metric.and_then(|metric| metric.prometheus.as_ref());
    let names = |all: &[&'static str], group: &str| -> Vec<(String, String)> {
        all.iter().map(|name| ((*name).to_owned(), t.named(group, name))).collect()
    };
    let kinds: Vec<&str> = MetricKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let directions: Vec<&str> = MetricDirection::ALL.iter().map(|direction| direction.as_str()).collect();
    let stored = |of: fn(&Metric) -> Option<String>| metric.and_then(of).unwrap_or_default();
    let mut fields = vec![
        Field::line("name", t.set_name()).required().value(form, &stored(|metric| Some(metric.name.clone()))),
        Field::choice("kind", t.kind(), names(&kinds, "metric-kind"))
            .value(form, &stored(|metric| Some(metric.kind.as_str().to_owned()))),
        Field::line("unit", t.met_unit()).hint(t.met_unit_hint()).value(form, &stored(|metric| metric.unit.clone())),
        Field::choice("direction", t.met_direction(), names(&directions, "metric-direction"))
            .value(form, &stored(|metric| Some(metric.direction.as_str().to_owned()))),
        Field::number("target", t.met_target(), ["", "", "any"])
            .value(form, &stored(|metric| metric.target.map(|target| target.to_string()))),
        Field::line("prometheus/query", t.met_query())
            .hint(t.met_query_hint())
            .value(form, pull.map(|pull| pull.query.as_str()).unwrap_or_default()),
        Field::new("prometheus/url", t.met_url(), "url")
            .hint(t.met_url_hint())
            .value(form, pull.and_then(|pull| pull.url.as_deref()).unwrap_or_default()),
        Field::line("selector", t.met_selector())
            .hint(t.met_selector_hint())
            .value(form, &stored(|metric| metric.selector.clone())),
    ];
    if metric.is_none() {
        let key = Field::line("key", t.met_key()).required().hint(t.met_key_hint()).value(form, "");
        fields.insert(1, key);
        fields.push(Field::new("counter", t.met_counter(), "check").hint(t.met_counter_hint()).value(form, ""));
    }
    fields.into_iter().map(|field| field.checked(wrong, t)).collect()
}

/// What the form says, as the API takes it. `every` is kept, which the form does not show.
///
/// # Errors
/// 422 for a target that is no number.
pub fn input(form: &Form, every: Option<i32>) -> Result<Value> {
    let target = match form.given("target") {
        None => None,
        Some(text) => Some(text.replace(',', ".").parse::<f64>().map_err(|_| not_a_number())?),
    };
    let prometheus = form.given("prometheus/query").map(|query| {
        let mut pull = json!({ "query": query, "url": form.given("prometheus/url") });
        if let Some(every) = every {
            pull["every"] = json!(every);
        }
        pull
    });
    Ok(json!({
        "name": form.trimmed("name"),
        "kind": form.get("kind"),
        "unit": form.given("unit"),
        "direction": form.get("direction"),
        "target": target,
        "prometheus": prometheus,
        "selector": form.given("selector"),
    }))
}

fn not_a_number() -> Error {
    Error::field("/target", "type", "must be a number")
}
