//! `/console/evaluations/{id}`: one evaluation: what is compared, the result with its sensitivity, and the decision.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::option_form::OptionForm;
use crate::app::App;
use crate::domain::base::money::whole_units;
use crate::domain::base::{Id, Money, Paging};
use crate::domain::evaluations::evaluation::{
    Evaluation, EvaluationStatus, OptionCosts, OptionKind, SolutionOption, WeighedCriterion,
};
use crate::domain::evaluations::ranking::{EvaluationResult, OptionOut, OutBecause, WeightChange};
use crate::domain::evaluations::requests::EvaluationQuery;
use crate::domain::evaluations::shown::{JudgedLicence, ShownEvaluation};
use crate::domain::stories::plan::Waiting;
use crate::error::Error;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::evaluations::rows;
use crate::store::team::members;
use crate::usecase::evaluations::reading;

/// The most evaluations that can take the place of this one in its form.
const OTHERS: i64 = 50;

/// What the page reads.
struct Found {
    shown: ShownEvaluation,
    names: HashMap<Id, String>,
    /// Other evaluations of the product: id and title.
    others: Vec<(Id, String)>,
}

#[derive(Template)]
#[template(path = "console/evaluations/page.html")]
struct EvaluationPage {
    shell: Shell,
    shown: ShownEvaluation,
    names: HashMap<Id, String>,
    others: Vec<(Id, String)>,
    refusal: Refusal,
    /// The option that the form describes.
    option: OptionForm,
}

impl EvaluationPage {
    /// The effort of an option in person-months.
    fn effort(&self, option: &SolutionOption) -> Option<String> {
        option.effort.map(|effort| self.shell.t.ev_effort_of(self.shell.number(&effort)))
    }

    /// Whether the form of options is open: for one that is there, and after it was refused.
    fn describes(&self) -> bool {
        !self.option.known.is_empty() || self.refusal.form.given("kind").is_some()
    }

    fn of(&self) -> &Evaluation {
        &self.shown.evaluation
    }

    fn result(&self) -> &EvaluationResult {
        &self.shown.result
    }

    fn statuses(&self) -> &'static [EvaluationStatus] {
        EvaluationStatus::ALL
    }

    fn kinds(&self) -> &'static [OptionKind] {
        OptionKind::ALL
    }

    /// The score of an option by a criterion, with who gave it and why.
    fn score(&self, option: &SolutionOption, criterion: &str) -> Option<(String, String)> {
        let score = option.scores.get(criterion)?;
        let who = score.by.and_then(|id| self.names.get(&id)).cloned();
        let said: Vec<String> = score.why.clone().into_iter().chain(who).collect();
        Some((self.shell.number(&score.score), said.join(" · ")))
    }

    /// The result of an option: its place and score, or why it has none.
    fn outcome(&self, option: &SolutionOption) -> String {
        if let Some(one) = self.result().ranking.iter().find(|one| one.name == option.name) {
            return format!("{}. {} ({})", one.place, self.shell.number(&rounded(one.score.value)), one.score.exact);
        }
        self.result().out.iter().find(|out| out.name == option.name).map(|out| self.out(out)).unwrap_or_default()
    }

    fn out(&self, out: &OptionOut) -> String {
        let criteria = out.criteria.join(", ");
        match out.because {
            OutBecause::Must => self.shell.t.ev_out_must(criteria),
            OutBecause::Missing => self.shell.t.ev_out_missing(criteria),
        }
    }

    fn is_best(&self, option: &SolutionOption) -> bool {
        self.result().winner.as_ref() == Some(&option.name)
    }

    fn change(&self, change: &WeightChange) -> String {
        let WeightChange { criterion, from, to, rival, tie_at } = change;
        let numbers = [from, to, tie_at].map(|exact| self.shell.number(&rounded(exact.value)));
        let [from, to, at] = numbers;
        self.shell.t.ev_change(criterion, from, to, rival, at)
    }

    fn licence(&self, option: &SolutionOption) -> Option<&JudgedLicence> {
        self.shown.licences.iter().find(|judged| judged.option == option.name)
    }

    fn costs(&self, costs: &OptionCosts) -> String {
        let cost = |money: &Option<Money>| match money {
            Some(money) => whole_units(money.amount_minor as f64, &money.currency),
            None => "–".to_owned(),
        };
        match costs == &OptionCosts::default() {
            true => String::new(),
            false => [&costs.now, &costs.a_year, &costs.to_leave].map(cost).join(" / "),
        }
    }

    fn deciders(&self) -> String {
        let names = self.of().deciders.iter().filter_map(|id| self.names.get(id)).cloned();
        names.collect::<Vec<_>>().join(", ")
    }

    fn value(&self, waiting: &Waiting) -> String {
        crate::http::console::dependencies::page::money(&waiting.annual_value)
    }

    fn must(&self, criterion: &WeighedCriterion) -> String {
        self.shell.t.ev_must(self.shell.number(&criterion.least()))
    }

    /// The criteria in lines, for the form.
    fn lines(&self) -> String {
        let line = |criterion: &WeighedCriterion| {
            format!("{}{} {}", criterion.name, if criterion.must { "!" } else { "" }, criterion.weight)
        };
        match self.refusal.form.given("criteria") {
            Some(sent) => sent.to_owned(),
            None => self.of().criteria.iter().map(line).collect::<Vec<_>>().join("\n"),
        }
    }

    /// What a field of the decision holds: as sent, or as it is.
    fn held(&self, name: &str, now: &Option<String>) -> String {
        self.refusal.form.given(name).map(str::to_owned).or_else(|| now.clone()).unwrap_or_default()
    }
}

/// A number with two decimals at most.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The page; after an act that was refused, with what the form held.
pub async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let shown = reading::get(conn, id, now)?;
        let of = &shown.evaluation;
        let scorers = of.options.iter().flat_map(|option| option.scores.values()).filter_map(|score| score.by);
        let people: Vec<Id> = of.deciders.iter().copied().chain(scorers).collect();
        let names = members::names_of(conn, &people)?;
        let same = EvaluationQuery { product: Some(of.product_id.to_string()), ..EvaluationQuery::default() };
        let others = rows::list(conn, &same, &Paging::new(Some(OTHERS), None, String::new())?, now)?.data;
        let others = others.into_iter().filter(|other| other.id != id).map(|other| (other.id, other.title));
        Ok(Found { others: others.collect(), names, shown })
    };
    let Found { shown, names, others } = visit.read(app, read).await?;
    let mut shell = Shell::new(request, |_| shown.evaluation.title.clone());
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    if refusal.is_some() {
        shell.title = shell.t.error_in_title(&shell.title);
    }
    let asked = Form::of_query(request)?;
    let chosen = shown.evaluation.options.iter().find(|option| option.name == asked.trimmed("option"));
    let option = match (refusal.form.given("kind"), chosen) {
        (Some(_), _) => OptionForm::sent(&refusal.form),
        (None, Some(chosen)) => OptionForm::of(chosen),
        (None, None) => OptionForm::default(),
    };
    show_as(refusal.status(), request, &EvaluationPage { shell, shown, names, others, refusal, option })
}

async fn show(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/evaluations/{id}", &[("GET", May("get_evaluation"))]).get(show));
}
