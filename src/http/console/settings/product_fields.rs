//! The settings of a product as fields of a form, and the form as the API would get it.

use serde_json::{Value, json};

use super::fields::Field;
use super::product_masking::{fields as masking, ticked};
use crate::domain::team::access::ProductMember;
use crate::domain::team::{
    GateStage, Product, ProductSettings, TellRollBack, Tracker, TrackerProvider, Train, UnshippedRelease, Weekday,
};
use crate::domain::words::console::Words;
use crate::error::{Error, FieldError, Result};
use crate::http::console::base::form::{Form, Wrong};

/// Fields that belong together.
pub struct Section {
    pub id: &'static str,
    pub title: String,
    pub about: Option<String>,
    pub fields: Vec<Field>,
}

/// The settings that are whole numbers, each with its range.
const NUMBERS: [(&str, [&str; 3]); 10] = [
    ("settings/draft_customers", ["1", "100000", "1"]),
    ("settings/draft_items", ["1", "100000", "1"]),
    ("settings/response_days", ["1", "365", "1"]),
    ("settings/reopen_threshold", ["1", "100000", "1"]),
    ("settings/recurrence_threshold", ["1", "100000", "1"]),
    ("settings/reminder_days", ["0", "365", "1"]),
    ("settings/expiry_days", ["1", "365", "1"]),
    ("settings/recall_minutes", ["0", "10080", "1"]),
    ("settings/settle_minutes", ["0", "10080", "1"]),
    ("settings/hand_off_minutes", ["1", "10080", "1"]),
];

/// What a form sent, or what is stored.
struct Source<'a> {
    t: &'a Words,
    sent: Option<&'a Form>,
    stored: Value,
}

impl Source<'_> {
    /// A stored setting as the text of a field.
    fn stored(&self, pointer: &str) -> String {
        match self.stored.pointer(&format!("/{pointer}")) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).map(|item| format!("{item}\n")).collect()
            }
            Some(value) => value.as_f64().filter(|n| n.fract() == 0.0).map_or(value.to_string(), |n| format!("{n}")),
        }
    }

    fn filled(&self, field: Field) -> Field {
        let stored = self.stored(field.name);
        field.value(self.sent, stored.trim_end())
    }

    /// A whole number; its label and hint are found by its name.
    fn number(&self, index: usize) -> Field {
        let (name, range) = NUMBERS[index];
        let short = name.trim_start_matches("settings/");
        self.filled(Field::number(name, self.t.setting(short), range).hint(self.t.setting_hint(short)))
    }
}

fn names<T: std::fmt::Display + Copy>(all: &[T], name: impl Fn(&str) -> String) -> Vec<(String, String)> {
    all.iter().map(|value| (value.to_string(), name(&value.to_string()))).collect()
}

/// All settings of a product, in sections.
pub fn sections(t: &Words, shown: &ShownProduct, sent: Option<&Form>, wrong: &Wrong) -> Vec<Section> {
    let product = &shown.product;
    let stored = json!({ "name": product.name, "currency": product.currency, "owner_id": product.owner_id,
        "settings": product.settings });
    let source = Source { t, sent, stored };
    let section = |id, about: Option<String>, fields: Vec<Field>| Section {
        id,
        title: t.setting(id),
        about,
        fields: fields.into_iter().map(|field| field.checked(wrong, t)).collect(),
    };
    let number = |index| source.number(index);
    vec![
        section("product", None, general(&source, shown)),
        section("calendar", Some(t.setting_hint("calendar")), calendar(&source)),
        section(
            "grouping",
            None,
            vec![
                source.filled(
                    Field::number("settings/granularity", t.setting("granularity"), ["0", "128", "any"])
                        .hint(t.setting_hint("granularity")),
                ),
                number(0),
                number(1),
            ],
        ),
        section("priority", Some(t.setting_hint("priority")), priority(&source)),
        section("telling", None, [2, 7, 5, 6, 3, 4].into_iter().map(number).chain([roll_back(&source)]).collect()),
        section("incidents", None, [8, 9].into_iter().map(number).collect()),
        section("releases", None, releases(&source, &product.settings)),
        section("gates", Some(t.setting_hint("gates")), vec![gates(&source, &product.settings)]),
        section("licences", Some(t.setting_hint("licences")), licences(&source)),
        section("tracker", Some(t.setting_hint("tracker")), tracker(&source, &product.settings)),
        section("masking", Some(t.setting_hint("masking")), masking(t, &product.settings.mask_at_intake, sent)),
    ]
}

/// A product, and the members who could own it.
pub struct ShownProduct {
    pub product: Product,
    pub members: Vec<ProductMember>,
}

/// The zones of the world that people choose from: those named by a place.
fn zones() -> impl Iterator<Item = (String, String)> {
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    names.filter(|name| name.contains('/') || *name == "UTC").map(|name| (name.to_owned(), name.replace('_', " ")))
}

fn calendar(source: &Source<'_>) -> Vec<Field> {
    let t = source.t;
    vec![
        source.filled(Field::choice("settings/time_zone", t.setting("time_zone"), zones())),
        source.filled(Field::new("settings/days_off", t.setting("days_off"), "area").hint(t.setting_hint("days_off"))),
    ]
}

fn licences(source: &Source<'_>) -> Vec<Field> {
    let field = |name, label| source.filled(Field::new(name, source.t.setting(label), "area"));
    vec![field("settings/allowed_licences", "allowed_licences"), field("settings/denied_licences", "denied_licences")]
}

/// The members who could own the product; and the one who does, also if they could not become it now.
fn owner(source: &Source<'_>, shown: &ShownProduct) -> Field {
    let t = source.t;
    let could = shown.members.iter().filter(|member| member.role.is_some());
    let mut choices: Vec<(String, String)> =
        could.map(|member| (member.member_id.to_string(), member.name.clone())).collect();
    choices.sort_by(|a, b| a.1.cmp(&b.1));
    let now = shown.product.owner_id.map(|id| id.to_string());
    if let Some(id) = now.filter(|id| !choices.iter().any(|(known, _)| known == id)) {
        choices.push((id, t.setting("former_owner")));
    }
    let all = std::iter::once((String::new(), t.set_none())).chain(choices);
    source.filled(Field::choice("owner_id", t.setting("owner"), all).hint(t.setting_hint("owner")))
}

fn general(source: &Source<'_>, shown: &ShownProduct) -> Vec<Field> {
    let (t, settings) = (source.t, &shown.product.settings);
    let languages = [("", t.set_as_the_story()), ("en", "English".to_owned()), ("ko", "한국어".to_owned())];
    let languages = languages.map(|(code, name)| (code.to_owned(), name));
    let public = if settings.public_changelog { "true" } else { "" };
    vec![
        source.filled(Field::line("name", t.set_name()).required()),
        source.filled(Field::line("currency", t.set_currency()).required().hint(t.set_currency_hint())),
        owner(source, shown),
        source.filled(Field::choice("settings/language", t.setting("language"), languages)),
        Field::new("settings/public_changelog", t.setting("public_changelog"), "check").value(source.sent, public),
    ]
}

fn priority(source: &Source<'_>) -> Vec<Field> {
    let weight = |name, label| source.filled(Field::number(name, label, ["0", "10", "any"]));
    vec![
        weight("settings/score_weights/detractors", source.t.setting("weight_detractors")),
        weight("settings/score_weights/account_value", source.t.setting("weight_account_value")),
    ]
}

fn roll_back(source: &Source<'_>) -> Field {
    let t = source.t;
    let all = names(TellRollBack::ALL, |name| t.setting(&format!("roll_back_{name}")));
    source.filled(Field::choice("settings/tell_roll_back", t.setting("tell_roll_back"), all))
}

fn releases(source: &Source<'_>, settings: &ProductSettings) -> Vec<Field> {
    let t = source.t;
    let unshipped = names(UnshippedRelease::ALL, |name| t.setting(&format!("unshipped_{name}")));
    let days = names(Weekday::ALL, |name| t.setting(name));
    let train = settings.train.as_ref();
    let weeks = train.map(|train| train.every_weeks.to_string()).unwrap_or_default();
    let weekday = train.map_or(Weekday::Tuesday, |train: &Train| train.weekday);
    let starts = train.map(|train| train.starts_on.clone()).unwrap_or_default();
    vec![
        source.filled(Field::line("settings/production_environment", t.setting("production_environment"))),
        source.filled(Field::choice("settings/unshipped_release", t.setting("unshipped_release"), unshipped)),
        source.filled(
            Field::new("settings/done_branches", t.setting("done_branches"), "area")
                .hint(t.setting_hint("done_branches")),
        ),
        Field::number("settings/train/every_weeks", t.setting("train_weeks"), ["1", "26", "1"])
            .hint(t.setting_hint("train_weeks"))
            .value(source.sent, &weeks),
        Field::choice("settings/train/weekday", t.setting("train_weekday"), days).value(source.sent, weekday.as_str()),
        Field::new("settings/train/starts_on", t.setting("train_starts"), "date").value(source.sent, &starts),
    ]
}

fn gates(source: &Source<'_>, settings: &ProductSettings) -> Field {
    let line = |gate: &crate::domain::team::Gate| format!("{} | {} | {}", gate.key, gate.title, gate.stage);
    let stored: Vec<String> = settings.gates.iter().map(line).collect();
    Field::new("settings/gates", source.t.setting("gates"), "area").value(source.sent, &stored.join("\n"))
}

fn tracker(source: &Source<'_>, settings: &ProductSettings) -> Vec<Field> {
    let t = source.t;
    let tracker = settings.tracker.as_ref();
    let provider = tracker.map(|tracker| tracker.provider.as_str()).unwrap_or_default();
    let repository = tracker.map(|tracker| tracker.repository.clone()).unwrap_or_default();
    let automatic = tracker.is_some_and(|tracker: &Tracker| tracker.automatic);
    let providers = TrackerProvider::ALL.iter().map(|provider| (provider.to_string(), provider.to_string()));
    let providers = std::iter::once((String::new(), t.set_none())).chain(providers);
    vec![
        Field::choice("settings/tracker/provider", t.setting("tracker_provider"), providers)
            .value(source.sent, provider),
        Field::line("settings/tracker/repository", t.setting("tracker_repository")).value(source.sent, &repository),
        Field::new("settings/tracker/automatic", t.setting("tracker_automatic"), "check")
            .value(source.sent, if automatic { "true" } else { "" }),
    ]
}

/// Reads the form; what is wrong with single fields is gathered.
struct Reader<'a> {
    form: &'a Form,
    wrong: Vec<FieldError>,
}

impl Reader<'_> {
    /// A number; a comma may stand for the point.
    fn number(&mut self, name: &str) -> Value {
        let text = self.form.trimmed(name).replace(',', ".");
        if let Ok(whole) = text.parse::<i64>() {
            return json!(whole);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => {
                self.wrong.push(FieldError::new(format!("/{name}"), "type", "must be a number"));
                Value::Null
            }
        }
    }

    /// A line for each gate: key, title and stage between bars. The stage may be left out.
    fn gates(&mut self) -> Vec<Value> {
        let mut gates = Vec::new();
        for line in self.form.get("settings/gates").lines().filter(|line| !line.trim().is_empty()) {
            let parts: Vec<&str> = line.split('|').map(str::trim).collect();
            let stage = parts.get(2).copied().unwrap_or(GateStage::Ready.as_str());
            match (parts.as_slice(), stage.parse::<GateStage>()) {
                ([key, title] | [key, title, _], Ok(stage)) if !title.is_empty() => {
                    gates.push(json!({ "key": key, "title": title, "stage": stage }));
                }
                _ => {
                    let detail = "must have lines such as `security_review | Security review | ready`";
                    self.wrong.push(FieldError::new("/settings/gates", "gate_lines", detail));
                    return gates;
                }
            }
        }
        gates
    }

    fn train(&mut self) -> Value {
        if self.form.given("settings/train/every_weeks").is_none() {
            return Value::Null;
        }
        json!({
            "every_weeks": self.number("settings/train/every_weeks"),
            "weekday": self.form.get("settings/train/weekday"),
            "starts_on": self.form.trimmed("settings/train/starts_on"),
        })
    }

    fn tracker(&self) -> Value {
        let Some(provider) = self.form.given("settings/tracker/provider") else { return Value::Null };
        json!({
            "provider": provider, "repository": self.form.trimmed("settings/tracker/repository"),
            "automatic": self.form.get("settings/tracker/automatic") == "true",
        })
    }
}

/// The lines of a field that are not empty.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// The form as a merge patch of the product.
///
/// # Errors
/// 422 with the fields that are no numbers, and lines of gates that can't be read.
pub fn patch(form: &Form) -> Result<Value> {
    let mut read = Reader { form, wrong: Vec::new() };
    let mut settings = json!({
        "granularity": read.number("settings/granularity"),
        "score_weights": {
            "detractors": read.number("settings/score_weights/detractors"),
            "account_value": read.number("settings/score_weights/account_value"),
        },
        "gates": read.gates(),
        "mask_at_intake": ticked(form),
        "train": read.train(),
        "tracker": read.tracker(),
        "language": form.given("settings/language"),
        "public_changelog": form.get("settings/public_changelog") == "true",
        "tell_roll_back": form.get("settings/tell_roll_back"),
        "unshipped_release": form.get("settings/unshipped_release"),
        "production_environment": form.trimmed("settings/production_environment"),
        "days_off": form.get("settings/days_off").split([',', ' ', '\n', '\r', '\t']).filter(|day| !day.is_empty())
            .collect::<Vec<_>>(),
        "allowed_licences": lines(form.get("settings/allowed_licences")),
        "denied_licences": lines(form.get("settings/denied_licences")),
        "done_branches": form.get("settings/done_branches").split_whitespace().collect::<Vec<_>>(),
    });
    if let Some(zone) = form.given("settings/time_zone") {
        settings["time_zone"] = json!(zone);
    }
    for (name, _) in NUMBERS {
        settings[name.trim_start_matches("settings/")] = read.number(name);
    }
    if !read.wrong.is_empty() {
        return Err(Error::invalid(read.wrong));
    }
    let currency = form.trimmed("currency").to_uppercase();
    Ok(
        json!({ "name": form.trimmed("name"), "currency": currency, "owner_id": form.given("owner_id"), "settings": settings }),
    )
}
