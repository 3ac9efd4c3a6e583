//! Decoding of JSON input against the schemas of the API description.
//!
//! Input is validated with the schema that its type has in the API description, so the description and the check cannot
//! differ. All wrong fields are reported at once.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{LazyLock, RwLock};

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{Draft, Keyword, ValidationError, Validator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{ValidateEmail, ValidateUrl};

use super::time::Time;
use crate::refusal::{FieldError, Refusal, Result};

/// The most wrong fields that one error lists.
const MOST_ERRORS: usize = 200;

/// The most JSON values (items, fields and containers) that one resource may have. A feedback with all its fields and
/// tags has fewer. The limit bounds the work of validation: each wrong value costs an error before the first 200 errors
/// are taken.
pub const MOST_VALUES: usize = 20_000;

/// Custom schema keyword: the largest size of a value in bytes, written as JSON.
pub const MAX_BYTES: &str = "x-max-bytes";

/// Decodes `value` as a `T`.
///
/// # Errors
/// [`crate::refusal::Code::Invalid`] with every wrong field.
pub fn decode<T: ToSchema + DeserializeOwned + 'static>(value: Value) -> Result<T> {
    if count(&value, MOST_VALUES) > MOST_VALUES {
        return Err(Refusal::field("", "too_large", format!("must not hold more than {MOST_VALUES} values")));
    }
    decode_shallow(value)
}

/// Decodes a value whose schema does not constrain the values nested in it (free-form JSON). The number of values is
/// not limited.
///
/// # Errors
/// As for [`decode`].
pub fn decode_shallow<T: ToSchema + DeserializeOwned + 'static>(value: Value) -> Result<T> {
    let errors = check::<T>(&value);
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    // JSON Schema accepts 3.0 as an integer, serde does not. Where serde refuses, whole floats are converted to
    // integers.
    T::deserialize(&value)
        .or_else(|_| T::deserialize(&with_whole_numbers(value)))
        .map_err(|_| Refusal::field("", "invalid", "could not be read"))
}

/// The number of JSON values in a value, counting the containers. Counting stops soon after `most`.
fn count(value: &Value, most: usize) -> usize {
    let inner: &mut dyn Iterator<Item = &Value> = match value {
        Value::Array(items) => &mut items.iter(),
        Value::Object(fields) => &mut fields.values(),
        _ => return 1,
    };
    let mut total = 1;
    for value in inner {
        if total > most {
            break;
        }
        total += count(value, most - total.min(most));
    }
    total
}

fn with_whole_numbers(value: Value) -> Value {
    match value {
        // Above 2^53 a float does not identify one integer.
        Value::Number(n) => match n.as_f64().filter(|f| n.is_f64() && f.fract() == 0.0 && f.abs() < 9e15) {
            Some(whole) => Value::from(whole as i64),
            None => Value::Number(n),
        },
        Value::Array(items) => items.into_iter().map(with_whole_numbers).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, with_whole_numbers(field))).collect(),
        other => other,
    }
}

/// Applies an RFC 7396 merge patch to the editable fields of a resource. The patch itself is validated, so the pointers
/// of the errors refer to the caller's own input.
///
/// # Errors
/// [`crate::refusal::Code::Invalid`] with every wrong field of the patch.
pub fn patched<T>(current: &T, patch: &Value) -> Result<T>
where
    T: ToSchema + Serialize + DeserializeOwned + 'static,
{
    let errors = check::<T>(patch);
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    let mut merged = serde_json::to_value(current).map_err(Refusal::internal)?;
    merge(&mut merged, patch.clone());
    decode(merged)
}

/// The names of the fields in which two states of a resource differ.
pub fn changed_fields<T: Serialize>(before: &T, after: &T) -> Vec<String> {
    let [before, after] = [before, after].map(|state| serde_json::to_value(state).unwrap_or_default());
    let names = after.as_object().into_iter().flatten().map(|(name, _)| name);
    names.filter(|name| before[name.as_str()] != after[name.as_str()]).cloned().collect()
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    if let Some(target) = target.as_object_mut() {
        for (name, value) in patch {
            if value.is_null() {
                target.remove(&name);
            } else {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

/// Every wrong field of `value`, validated as a `T`.
pub fn check<T: ToSchema + 'static>(value: &Value) -> Vec<FieldError> {
    static VALIDATORS: LazyLock<RwLock<HashMap<TypeId, &'static Validator>>> = LazyLock::new(Default::default);
    let key = TypeId::of::<T>();
    let known = VALIDATORS.read().ok().and_then(|map| map.get(&key).copied());
    let validator = known.unwrap_or_else(|| {
        // Leaked on purpose: one validator per request type, kept for the life of the process.
        let validator: &'static Validator = Box::leak(Box::new(validator_for(schema_of::<T>())));
        if let Ok(mut map) = VALIDATORS.write() {
            map.insert(key, validator);
        }
        validator
    });
    check_with(validator, value)
}

/// Every wrong field of `value`, found by a validator that [`validator_for`] made.
pub fn check_with(validator: &Validator, value: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    // `is_valid` is much cheaper than collecting the errors, and most input is valid.
    if !validator.is_valid(value) {
        for error in validator.iter_errors(value).take(MOST_ERRORS) {
            collect(&error, &mut errors);
        }
    }
    if errors.len() < MOST_ERRORS {
        find_nul(value, &mut String::new(), &mut errors);
    }
    errors.truncate(MOST_ERRORS);
    errors
}

/// The JSON Schema of `T`, with the schemas that it refers to.
fn schema_of<T: ToSchema>() -> Value {
    let mut schemas = Vec::new();
    T::schemas(&mut schemas);
    let schemas: HashMap<_, _> = schemas.into_iter().collect();
    let mut root = serde_json::to_value(T::schema()).unwrap_or_default();
    root["components"] = json!({ "schemas": schemas });
    root
}

/// A validator for one of our schemas. Formats are checked by the same functions that parse them later.
pub fn validator_for(schema: Value) -> Validator {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_format("email", |text: &str| text.validate_email())
        .with_format("uri", |text: &str| {
            (text.starts_with("http://") || text.starts_with("https://")) && text.validate_url()
        })
        .with_format("date-time", |text: &str| Time::parse(text).is_some())
        .with_keyword(MAX_BYTES, |_, most, _| Ok(Box::new(MaxBytes(most.as_u64().unwrap_or(u64::MAX) as usize))))
        .build(&schema)
        .unwrap_or_else(|e| panic!("a schema of this program is wrong: {e}"))
}

/// The validator of the keyword [`MAX_BYTES`].
struct MaxBytes(usize);

impl<'i> Keyword<'i> for MaxBytes {
    fn validate(&self, value: &'i Value) -> std::result::Result<(), ValidationError<'i>> {
        if self.is_valid(value) {
            return Ok(());
        }
        Err(ValidationError::custom(format!("must have at most {} bytes as JSON", self.0)))
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        json_size(value, self.0) <= self.0
    }
}

/// The size of a value in bytes, written as JSON. Writing stops soon after `most`.
pub fn json_size<T: Serialize + ?Sized>(value: &T, most: usize) -> usize {
    struct Counter {
        bytes: usize,
        most: usize,
    }
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.bytes += bytes.len();
            if self.bytes > self.most { Err(std::io::ErrorKind::WriteZero.into()) } else { Ok(bytes.len()) }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter { bytes: 0, most };
    // An error only means that the value is too large, and the count shows that too.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.bytes
}

fn collect(error: &ValidationError<'_>, errors: &mut Vec<FieldError>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            // For "null or T" the caller needs the errors of the T.
            let branch = context.iter().find(|branch| !branch.iter().any(|e| is_null_branch(e, at)));
            match branch {
                Some(branch) => branch.iter().for_each(|e| collect(e, errors)),
                None => errors.push(FieldError::new(at, "invalid", "has none of the allowed forms")),
            }
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            errors.push(FieldError::new(format!("{at}/{}", escape(name)), "required", "is required"));
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected.iter().take(MOST_ERRORS) {
                let pointer = format!("{at}/{}", escape(name));
                errors.push(FieldError::new(pointer, "unknown_field", "is not a known field"));
            }
        }
        kind => {
            let (code, detail) = describe(kind);
            errors.push(FieldError::new(at, code, detail));
        }
    }
}

fn is_null_branch(error: &ValidationError<'_>, at: &str) -> bool {
    error.instance_path().as_str() == at
        && matches!(error.kind(), Kind::Type { kind: TypeKind::Single(t) } if t.to_string() == "null")
}

fn describe(kind: &Kind) -> (&'static str, String) {
    match kind {
        Kind::Type { kind } => ("type", format!("must be {}", type_names(kind))),
        Kind::MinLength { limit: 1 } => ("too_short", "must not be empty".into()),
        Kind::MinLength { limit } => ("too_short", format!("must have at least {limit} characters")),
        Kind::MaxLength { limit } => ("too_long", format!("must have at most {limit} characters")),
        Kind::MinItems { limit } => ("too_short", format!("must have at least {limit} items")),
        Kind::MaxItems { limit } => ("too_long", format!("must have at most {limit} items")),
        Kind::MaxProperties { limit } => ("too_long", format!("must have at most {limit} entries")),
        Kind::MinProperties { limit } => ("too_short", format!("must have at least {limit} entries")),
        Kind::Minimum { limit } => ("too_small", format!("must be at least {limit}")),
        Kind::Maximum { limit } => ("too_large", format!("must be at most {limit}")),
        Kind::ExclusiveMinimum { limit } => ("too_small", format!("must be more than {limit}")),
        Kind::ExclusiveMaximum { limit } => ("too_large", format!("must be less than {limit}")),
        Kind::Enum { options } => ("not_one_of", format!("must be one of {}", choices(options))),
        Kind::Constant { expected_value } => ("not_one_of", format!("must be {expected_value}")),
        Kind::Format { format } => ("format", format!("must be {}", format_name(format))),
        Kind::Pattern { pattern } if pattern == "\\S" => ("pattern", "must not be blank".into()),
        Kind::Pattern { pattern } => ("pattern", format!("must match {pattern}")),
        Kind::Custom { message, .. } => ("too_large", message.clone()),
        Kind::UniqueItems => ("not_unique", "must not hold the same item twice".into()),
        Kind::PropertyNames { .. } => ("field_name", "has a field name that is not allowed".into()),
        _ => ("invalid", "is not valid".into()),
    }
}

fn type_names(kind: &TypeKind) -> String {
    let with_article = |name: String| match name.as_str() {
        "null" => name,
        "integer" | "object" | "array" => format!("an {name}"),
        _ => format!("a {name}"),
    };
    match kind {
        TypeKind::Single(t) => with_article(t.to_string()),
        TypeKind::Multiple(types) => types.iter().map(|t| with_article(t.to_string())).collect::<Vec<_>>().join(" or "),
    }
}

fn choices(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
}

fn format_name(format: &str) -> &str {
    match format {
        "email" => "an e-mail address",
        "uri" => "an http or https address",
        "date-time" => "a time as in RFC 3339, for example 2026-01-31T09:30:00Z",
        "uuid" => "an id (a UUID)",
        other => other,
    }
}

/// Escapes a JSON Pointer segment (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Reports every text that holds NUL. PostgreSQL cannot store NUL, and both databases accept the same input.
fn find_nul(value: &Value, at: &mut String, errors: &mut Vec<FieldError>) {
    let nul = |at: &str| FieldError::new(at, "nul_character", "must not contain the NUL character");
    match value {
        Value::String(text) if text.contains('\0') => errors.push(nul(at)),
        _ if errors.len() >= MOST_ERRORS => {}
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                descend(item, &n.to_string(), at, errors);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                if name.contains('\0') {
                    errors.push(nul(at));
                }
                descend(field, &escape(name), at, errors);
            }
        }
        _ => {}
    }
}

fn descend(value: &Value, segment: &str, at: &mut String, errors: &mut Vec<FieldError>) {
    let length = at.len();
    at.push('/');
    at.push_str(segment);
    find_nul(value, at, errors);
    at.truncate(length);
}
