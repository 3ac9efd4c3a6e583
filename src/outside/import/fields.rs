//! The fields of a feedback that columns can be mapped to.

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::outside) enum FieldKind {
    /// The customer's text, stored verbatim.
    Verbatim,
    Text,
    /// The key of a product.
    Product,
    /// One of a few lower-case words.
    Word(&'static [&'static str]),
    Language,
    /// A rating in stars.
    Stars,
    /// A number from 0 to 10.
    Tens,
    Number,
    Time,
    Tags,
    Email,
    Money,
    Currency,
    Free,
}

const SOURCES: &[&str] =
    &["ticket", "chat", "email", "call", "survey", "review", "social", "sales", "interview", "monitoring", "other"];

const SEVERITIES: &[&str] = &["low", "medium", "high", "critical"];

const SENTIMENTS: &[&str] = &["negative", "neutral", "positive"];
const KINDS: &[&str] = &["bug", "request", "question", "complaint", "praise", "other"];

/// All fields with their type and a description, except `fields.<anything>`.
pub(in crate::outside) const FIELDS: &[(&str, FieldKind, &str)] = &[
    ("id", FieldKind::Text, "the same as external_id"),
    ("text", FieldKind::Verbatim, "what the customer said"),
    ("title", FieldKind::Text, "its subject; stands in where a row has no text"),
    (
        "source",
        FieldKind::Word(SOURCES),
        "ticket, chat, email, call, survey, review, social, sales, interview, monitoring or other",
    ),
    ("origin", FieldKind::Text, "the system it is from"),
    ("external_id", FieldKind::Text, "its id there: the same id again is the same feedback"),
    ("url", FieldKind::Text, "where it can be read there"),
    ("occurred_at", FieldKind::Time, "when it was said"),
    ("rating", FieldKind::Stars, "stars; any scale is brought to 1 to 5"),
    ("nps", FieldKind::Tens, "the answer from 0 to 10"),
    ("votes", FieldKind::Number, "how many people asked for it, who said it included"),
    ("severity", FieldKind::Word(SEVERITIES), "low, medium, high or critical"),
    ("sentiment", FieldKind::Word(SENTIMENTS), "negative, neutral or positive"),
    ("kind", FieldKind::Word(KINDS), "bug, request, question, complaint or praise"),
    ("language", FieldKind::Language, "ISO 639 code, such as en or pt-BR"),
    ("tags", FieldKind::Tags, "a list, or text split at commas or semicolons"),
    ("product", FieldKind::Product, "the key of a product"),
    ("customer.external_id", FieldKind::Text, "their id in the system it is from"),
    ("customer.email", FieldKind::Email, "their address: without one, or a desk, nobody can be told"),
    ("customer.name", FieldKind::Text, "their name"),
    ("customer.account.name", FieldKind::Text, "their company"),
    ("customer.account.segment", FieldKind::Text, "its segment"),
    ("customer.account.annual_value", FieldKind::Money, "what it pays in a year, such as 1,200.50 EUR"),
    (
        "customer.account.annual_value.currency",
        FieldKind::Currency,
        "the currency of that, where it has a column of its own",
    ),
    ("customer.account.annual_value.amount_minor", FieldKind::Number, "that in cents (won, yen, ...)"),
];

/// The type of a field; `None` where there is no such field.
pub(in crate::outside) fn kind(ours: &str) -> Option<FieldKind> {
    if ours.strip_prefix("fields.").is_some_and(|name| !name.is_empty()) {
        return Some(FieldKind::Free);
    }
    FIELDS.iter().find(|(name, ..)| *name == ours).map(|(_, kind, _)| *kind)
}

/// Whether fields begin with this name, so that it may be mapped to nothing.
pub(in crate::outside) fn is_group(ours: &str) -> bool {
    FIELDS.iter().any(|(name, ..)| name.strip_prefix(ours).is_some_and(|rest| rest.starts_with('.')))
}

/// The names of the fields that a column can be mapped to, without `fields.<name>`.
pub fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, ..)| *name).filter(|name| *name != "id")
}

/// All fields with their descriptions, one per line, for the help text.
pub fn explained() -> String {
    let line = |(name, _, what): &(&str, FieldKind, &str)| format!("  {name}: {what}");
    let mut lines: Vec<String> = FIELDS.iter().filter(|(name, ..)| *name != "id").map(line).collect();
    lines.push("  fields.<name>: anything else, kept as it comes".to_owned());
    lines.join("\n")
}
