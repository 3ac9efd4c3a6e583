//! `/console/rotas`: who is on duty now and in the next weeks, and new rotas.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::candidates::{Candidate, candidates, id_of};
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Time};
use crate::domain::operations::rota::{
    NewRota, OnCall, OverrideState, Rota, RotaOverride, Shift, ShiftReason, TurnUnit,
};
use crate::domain::operations::shifts::on_call;
use crate::domain::team::{Product, Role};
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::operations::overrides;
use crate::store::team::{members, products};
use crate::usecase::operations::{duty, rotas};

/// How far ahead shifts are shown.
const AHEAD: i64 = 28 * Time::DAY;
/// The most shifts of one rota that are shown.
const SHOWN: usize = 40;
/// The most shifts of each rota where there are many rotas; one is opened for its other shifts and its forms.
const FEW: usize = 3;
/// The places for members in the form of a new rota.
const PLACES: usize = 6;

/// A shift in the table of a rota.
struct ShiftLine {
    shift: Shift,
    who: Option<String>,
    instead_of: Option<String>,
    is_own: bool,
    is_now: bool,
}

/// An override that was asked for, and is not decided.
struct AskedLine {
    asked: RotaOverride,
    who: String,
    by: Option<String>,
    is_own: bool,
    may_withdraw: bool,
}

/// A rota with its shifts.
struct RotaSection {
    rota: Rota,
    shifts: Vec<ShiftLine>,
    asked: Vec<AskedLine>,
    unavailable: Vec<String>,
}

/// What the page reads.
struct Found {
    products: Vec<Product>,
    product: Product,
    now: OnCall,
    sections: Vec<RotaSection>,
    candidates: Vec<Candidate>,
    names: HashMap<Id, String>,
    /// The rota that is shown alone.
    focus: Option<Id>,
    /// Whether the rotas are shown without their forms, because there are many.
    is_short: bool,
}

/// What an address or a form asks for.
pub struct AskedRotas {
    product: String,
    /// The rota to show alone, or all.
    rota: Option<Id>,
}

impl AskedRotas {
    /// By these fields.
    pub fn of(form: &Form) -> Self {
        Self { product: form.get("product").to_owned(), rota: form.get("rota").parse().ok() }
    }

    /// The address of the page.
    pub fn address(&self) -> String {
        let rota = self.rota.map(|id| format!("&rota={id}")).unwrap_or_default();
        format!("/console/rotas?product={}{rota}", self.product)
    }
}

#[derive(Template)]
#[template(path = "console/operations/rotas.html")]
struct RotasPage {
    shell: Shell,
    found: Found,
    at: Time,
    refusal: Refusal,
}

impl RotasPage {
    fn units(&self) -> &'static [TurnUnit] {
        TurnUnit::ALL
    }

    fn places(&self) -> std::ops::Range<usize> {
        0..PLACES
    }

    /// The member named in a place of a form that was refused.
    fn named(&self, place: &usize) -> &str {
        self.refusal.form.get(&format!("member-{place}"))
    }

    /// What was sent, or else what is proposed.
    fn or(&self, name: &str, proposed: impl AsRef<str>) -> String {
        self.refusal.form.given(name).unwrap_or(proposed.as_ref()).to_owned()
    }

    fn name(&self, id: &Id) -> &str {
        self.found.names.get(id).map(String::as_str).unwrap_or_default()
    }

    /// The name by which a form names a member.
    fn label(&self, id: &Id) -> &str {
        let known = self.found.candidates.iter().find(|member| member.id == *id);
        known.map_or_else(|| self.name(id), |member| member.name.as_str())
    }

    fn is_unit(&self, unit: &TurnUnit) -> bool {
        self.or("every", "week") == unit.as_str()
    }
}

/// The product that the address names: its key or id, or the first one.
///
/// # Errors
/// 404.
pub fn chosen(products: &[Product], key: &str) -> Result<Product> {
    let is_it = |product: &&Product| key.is_empty() || product.key == key || product.id.to_string() == key;
    products.iter().find(is_it).cloned().ok_or_else(|| Error::not_found("product"))
}

fn read(conn: &mut Conn, want: &AskedRotas, now: Time, me: Option<Id>, is_admin: bool) -> Result<Found> {
    let products = products::current(conn)?;
    let product = chosen(&products, &want.product)?;
    let plans = duty::plans(conn, product.id, now)?;
    let ids: Vec<Id> = plans.iter().map(|plan| plan.rota.id).collect();
    let asked = overrides::later(conn, &ids, OverrideState::Asked, now)?;
    let candidates = candidates(conn, product.id)?;
    let mut named: Vec<Id> = plans.iter().flat_map(|plan| plan.rota.members.iter().copied()).collect();
    named.extend(plans.iter().flat_map(|plan| plan.overrides.iter().map(|one| one.member_id)));
    named.extend(asked.iter().flat_map(|one| one.asked_by.into_iter().chain([one.member_id])));
    named.sort_unstable();
    named.dedup();
    let names = members::names_of(conn, &named)?;
    let name = |id: Id| names.get(&id).cloned();
    let line = |shift: Shift| ShiftLine {
        who: shift.member_id.and_then(name),
        instead_of: shift.instead_of.and_then(name),
        is_own: me.is_some() && shift.member_id == me,
        is_now: shift.starts_at <= now && now < shift.ends_at,
        shift,
    };
    let focus = want.rota.filter(|id| ids.contains(id));
    let is_short = focus.is_none() && plans.len() > FEW;
    let shown = if is_short { FEW } else { SHOWN };
    let section = |plan: &crate::domain::operations::shifts::RotaPlan| RotaSection {
        shifts: plan.shifts(now, now.plus(AHEAD)).into_iter().take(shown).map(line).collect(),
        asked: asked
            .iter()
            .filter(|one| one.rota_id == plan.rota.id)
            .map(|one| AskedLine {
                who: name(one.member_id).unwrap_or_default(),
                by: one.asked_by.and_then(name),
                is_own: me == Some(one.member_id),
                may_withdraw: is_admin || (me.is_some() && (me == one.asked_by || me == Some(one.member_id))),
                asked: one.clone(),
            })
            .collect(),
        unavailable: {
            let away = plan.rota.members.iter().filter(|id| !plan.available.contains(id));
            let mut away: Vec<String> = away.filter_map(|id| name(*id)).collect();
            away.sort();
            away.dedup();
            away
        },
        rota: plan.rota.clone(),
    };
    let sections = plans.iter().filter(|plan| focus.is_none_or(|id| plan.rota.id == id)).map(section).collect();
    let now = on_call(product.id, now, &plans);
    Ok(Found { products, product, now, sections, candidates, names, focus, is_short })
}

/// The page of a product's rotas, or of one of them; with why a form was refused.
///
/// # Errors
/// 404, 503.
pub async fn page(
    app: &App,
    request: &HttpRequest,
    visit: Visit,
    want: AskedRotas,
    refused: Option<(Error, Form)>,
) -> Shown {
    let at = app.store.clock.now();
    let (me, is_admin) = (visit.caller.member_id, visit.caller.role == Role::Admin);
    let found = visit.read(app, move |conn| read(conn, &want, at, me, is_admin)).await?;
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.nav_rotas()),
        None => t.nav_rotas(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &RotasPage { shell, found, at, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let want = AskedRotas::of(&Form::of_query(&request)?);
    page(&app, &request, visit, want, None).await
}

/// A new rota of a form, which names members by their names.
fn new_rota(form: &Form, people: &[Candidate]) -> Result<NewRota> {
    let named = (0..PLACES).filter_map(|place| Some((place, form.given(&format!("member-{place}"))?)));
    let ids = named.map(|(place, text)| id_of(people, text, &format!("/members/{place}")));
    let members: Vec<String> = ids.collect::<Result<_>>()?;
    let mut input = json!({
        "product": form.trimmed("product"), "name": form.trimmed("name"), "time_zone": form.trimmed("time_zone"),
        "start": form.trimmed("start"), "every": form.trimmed("every"), "hand_over": form.trimmed("hand_over"),
        "length": form.trimmed("length").parse::<i64>().map_or_else(|_| json!(form.trimmed("length")), Value::from),
        "members": members,
    });
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let only_weekdays = form.get("weekdays_only") == "yes";
    if let (Some(from), Some(to)) = (form.given("from"), form.given("to")) {
        let days: &[&str] = if only_weekdays { &weekdays } else { &[] };
        input["restrictions"] = json!([{ "weekdays": days, "from": from, "to": to }]);
    } else if only_weekdays {
        input["restrictions"] = json!([{ "weekdays": weekdays, "from": "00:00", "to": "00:00" }]);
    }
    Ok(decode(input)?)
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let product = form.get("product").to_owned();
    let people = visit
        .read(&app, move |conn| {
            let products = products::current(conn)?;
            let product = chosen(&products, &product)?.id;
            candidates(conn, product)
        })
        .await?;
    let made = match new_rota(&form, &people) {
        Ok(input) => visit.write(&app, move |tx| rotas::create(tx, &input)).await,
        Err(error) => Err(error),
    };
    let want = AskedRotas::of(&form);
    match made {
        Ok(_) => Ok(done(&request, &want.address(), Flash::RotaMade)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, want, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_rotas")), ("POST", May("create_rota"))];
    config.service(page_at("/console/rotas", rules).get(list).post(create));
}
