//! The options of an import as a form: which column becomes which field, and how values are read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::domain::feedback::{ImportOptions, Source};
use crate::domain::team::Product;
use crate::domain::words::console::Words;
use crate::error::FieldError;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::settings::fields::Field;
use crate::outside::import::{DateOrder, DecimalMark, Preset};

/// The fields of the options; what is not given is detected.
pub fn fields(t: &Words, options: &ImportOptions, products: &[Product], wrong: &Wrong) -> Vec<Field> {
    let detected = || (String::new(), t.set_detected());
    let named = |names: &[&str], name: fn(&Words, &str) -> String| -> Vec<(String, String)> {
        let all = names.iter().map(|value| ((*value).to_owned(), name(t, value)));
        std::iter::once(detected()).chain(all).collect()
    };
    let given = |value: &Option<String>| value.clone().unwrap_or_default();
    let products = products.iter().map(|product| (product.key.clone(), product.name.clone()));
    let products = std::iter::once((String::new(), t.set_default_product())).chain(products);
    let sources: Vec<&str> = Source::ALL.iter().map(|source| source.as_str()).collect();
    let source = options.source.map(|source| source.to_string()).unwrap_or_default();
    let scale = options.rating_scale.map(|scale| scale.to_string()).unwrap_or_default();
    let read_as = |t: &Words, name: &str| t.setting(name);
    let fields = [
        Field::choice("product", t.product(), products).value(None, &given(&options.product)),
        Field::choice("source", t.source_label(), named(&sources, |t, name| t.source(name))).value(None, &source),
        Field::line("origin", t.set_origin()).hint(t.set_origin_hint()).value(None, &given(&options.origin)),
        Field::choice("preset", t.set_preset(), named(Preset::NAMES, |_, name| name.replace('_', " ")))
            .value(None, &given(&options.preset)),
        Field::choice("date_order", t.set_date_order(), named(DateOrder::NAMES, read_as))
            .value(None, &given(&options.date_order)),
        Field::line("time_zone", t.time_zone()).hint(t.set_zone_hint()).value(None, &given(&options.time_zone)),
        Field::choice("decimal_mark", t.set_decimal_mark(), named(DecimalMark::NAMES, read_as))
            .value(None, &given(&options.decimal_mark)),
        Field::number("rating_scale", t.set_rating_scale(), ["2", "1000", "1"]).value(None, &scale),
        Field::line("currency", t.set_currency()).value(None, &given(&options.currency)),
        Field::line("encoding", t.set_encoding()).hint(t.set_encoding_hint()).value(None, &given(&options.encoding)),
    ];
    fields.into_iter().map(|field| field.checked(wrong, t)).collect()
}

/// All values of a field that is sent several times.
fn all<'a>(form: &'a Form, name: &str) -> Vec<&'a str> {
    form.fields().iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
}

/// The mapping of the columns, where it differs from what was guessed; what is guessed keeps the rules of its preset. A
/// guess that was taken back is closed by `null`.
fn mapping(form: &Form, wrong: &mut Vec<FieldError>) -> Option<Value> {
    let (columns, chosen, guessed) = (all(form, "column"), all(form, "field"), all(form, "guessed"));
    let (mut mapping, mut used) = (Map::new(), BTreeSet::new());
    for ((column, field), guess) in columns.iter().zip(&chosen).zip(&guessed) {
        let field = if *field == "*" { format!("fields.{column}") } else { (*field).to_owned() };
        let guess = if *guess == "*" { format!("fields.{column}") } else { (*guess).to_owned() };
        if !field.is_empty() && !used.insert(field.clone()) {
            wrong.push(FieldError::new("/columns", "twice", format!("use {field} for one column only")));
        }
        if field != guess && !field.is_empty() {
            mapping.insert(field, Value::from(*column));
        }
    }
    for ((_, field), guess) in columns.iter().zip(&chosen).zip(&guessed) {
        // The text must be some column: without a choice, the guess stays.
        let taken_back = field != guess && !guess.is_empty() && !matches!(*guess, "*" | "text");
        if taken_back && !used.contains(*guess) {
            mapping.insert((*guess).to_owned(), Value::Null);
        }
    }
    (!mapping.is_empty()).then_some(Value::Object(mapping))
}

/// The options of the form, and what is wrong with it before the options are checked.
pub fn options_of(form: &Form) -> (ImportOptions, Wrong) {
    let mut wrong = Vec::new();
    let given = |name: &str| form.given(name).map(str::to_owned);
    let scale = form.given("rating_scale").map(str::parse::<u32>);
    if matches!(scale, Some(Err(_))) {
        wrong.push(FieldError::new("/rating_scale", "type", "must be a number from 2 to 1000"));
    }
    let source = form.given("source").map(str::parse::<Source>);
    if matches!(source, Some(Err(()))) {
        wrong.push(FieldError::new("/source", "enum", "is not a source"));
    }
    let options = ImportOptions {
        format: None,
        preset: given("preset"),
        mapping: mapping(form, &mut wrong),
        dry_run: false,
        product: given("product"),
        source: source.and_then(Result::ok),
        origin: given("origin"),
        encoding: given("encoding"),
        date_order: given("date_order"),
        time_zone: given("time_zone"),
        decimal_mark: given("decimal_mark"),
        rating_scale: scale.and_then(Result::ok),
        currency: given("currency"),
    };
    (options, Wrong::new(wrong))
}
