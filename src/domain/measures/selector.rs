//! Selectors of series, as Prometheus writes them: `http_requests_total{job="api",code!="200"}`. Only `=` and `!=` are
//! understood; a regular expression is refused.

use std::collections::BTreeMap;

/// The labels of a series, by name. The name of the metric is the label `__name__`.
pub type Labels = BTreeMap<String, String>;

/// The label with the name of the metric.
pub const NAME: &str = "__name__";

/// A condition on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Matcher {
    label: String,
    value: String,
    is_equal: bool,
}

/// A condition on the labels of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Matcher>);

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, rest) = match text.find('{') {
            Some(at) => (text[..at].trim(), Some(&text[at + 1..])),
            None => (text, None),
        };
        let mut matchers = Vec::new();
        if !name.is_empty() {
            if !is_name(name, ":") {
                return Err(format!("`{name}` is not the name of a metric"));
            }
            matchers.push(Matcher { label: NAME.to_owned(), value: name.to_owned(), is_equal: true });
        }
        if let Some(rest) = rest {
            let inside = rest.strip_suffix('}').ok_or("the closing brace is missing")?;
            matchers.extend(parse_matchers(inside)?);
        }
        if matchers.is_empty() {
            return Err("must name a metric or a label".to_owned());
        }
        Ok(Self(matchers))
    }

    /// Reads conditions on labels without the name of a metric, with or without braces: `region="eu"`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn of_labels(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let inside = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        parse_matchers(inside).map(Self)
    }

    /// Whether a series with these labels is meant. A label that a series does not have is empty.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = |label: &str| labels.get(label).map(String::as_str).unwrap_or_default();
        self.0.iter().all(|matcher| (value(&matcher.label) == matcher.value) == matcher.is_equal)
    }

    /// The name of the metric that it demands, if any.
    pub fn name(&self) -> Option<&str> {
        self.0.iter().find(|matcher| matcher.is_equal && matcher.label == NAME).map(|matcher| matcher.value.as_str())
    }
}

/// Whether a text is a name of a label, or with `:` of a metric.
pub fn is_name(text: &str, also: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || also.contains(c);
    text.chars().next().is_some_and(is_letter) && text.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

fn parse_matchers(mut text: &str) -> Result<Vec<Matcher>, String> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return Ok(found);
        }
        let (matcher, rest) = parse_matcher(text)?;
        found.push(matcher);
        text = rest.trim_start();
        text = match text.strip_prefix(',') {
            Some(rest) => rest,
            None if text.is_empty() => text,
            None => return Err(format!("expected a comma before `{}`", shortened(text))),
        };
    }
}

fn parse_matcher(text: &str) -> Result<(Matcher, &str), String> {
    let at = text.find(['=', '!']).ok_or_else(|| format!("expected `label=\"value\"` in `{}`", shortened(text)))?;
    let (label, rest) = (text[..at].trim(), &text[at..]);
    if !is_name(label, "") {
        return Err(format!("`{}` is not the name of a label", shortened(label)));
    }
    if rest.starts_with("=~") || rest.starts_with("!~") {
        return Err("regular expressions are not supported: only = and !=".to_owned());
    }
    let (is_equal, rest) = match (rest.strip_prefix("!="), rest.strip_prefix('=')) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Err(format!("expected = or != after `{label}`")),
    };
    let (value, rest) = parse_value(rest.trim_start())?;
    Ok((Matcher { label: label.to_owned(), value, is_equal }, rest))
}

/// A value in quotes, with `\"`, `\\` and `\n`.
fn parse_value(text: &str) -> Result<(String, &str), String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quote = quote.ok_or_else(|| format!("a value stands in quotes: `{}`", shortened(text)))?;
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => {
                value.push(if c == 'n' { '\n' } else { c });
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            _ if c == quote => return Ok((value, &text[at + 1..])),
            _ => value.push(c),
        }
    }
    Err("the closing quote is missing".to_owned())
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_selector_means_series_by_name_and_labels() {
        let selector = Selector::parse(r#"http_requests_total{ job = "api", code!="500", }"#).unwrap();
        assert!(selector.matches(&labels(&[(NAME, "http_requests_total"), ("job", "api"), ("code", "200")])));
        assert!(selector.matches(&labels(&[(NAME, "http_requests_total"), ("job", "api")])));
        assert!(!selector.matches(&labels(&[(NAME, "http_requests_total"), ("job", "api"), ("code", "500")])));
        assert!(!selector.matches(&labels(&[(NAME, "other"), ("job", "api")])));
        assert_eq!(selector.name(), Some("http_requests_total"));
        assert_eq!(Selector::parse(r#"{a="x\"y\\"}"#).unwrap().0[0].value, r#"x"y\"#);
        assert!(Selector::of_labels(r#"{region="eu"}"#).unwrap().matches(&labels(&[("region", "eu")])));
        assert!(Selector::of_labels("").unwrap().matches(&labels(&[])));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, says) in [
            ("", "must name"),
            ("{}", "must name"),
            ("2xx", "not the name of a metric"),
            ("a{b=~\"c\"}", "regular expressions"),
            ("a{b=\"c\"", "closing brace"),
            ("a{b=c}", "in quotes"),
            ("a{b=\"c}", "closing quote"),
            ("a{b=\"c\" d=\"e\"}", "comma"),
            ("a{2b=\"c\"}", "name of a label"),
            ("a{b!\"c\"}", "= or !="),
        ] {
            let refused = Selector::parse(text).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }
}
