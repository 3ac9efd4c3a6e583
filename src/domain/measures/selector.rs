//! Selectors of series, as Prometheus writes them: `http_requests_total{job="api",code!~"2.."}`. A regular expression must
//! match the whole value, as in Prometheus.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

/// The largest compiled regular expression, in bytes: one that is larger is refused.
const MOST_BYTES: usize = 256 * 1024;

/// The labels of a series, by name. The name of the metric is the label `__name__`.
pub type Labels = BTreeMap<String, String>;

/// The label with the name of the metric.
pub const NAME: &str = "__name__";

/// What a label is compared with.
#[derive(Clone, Debug)]
enum Pattern {
    Text(String),
    /// Anchored at both ends.
    Expression(Regex),
}

impl Pattern {
    fn fits(&self, value: &str) -> bool {
        match self {
            Pattern::Text(text) => text == value,
            Pattern::Expression(expression) => expression.is_match(value),
        }
    }
}

/// A condition on one label.
#[derive(Clone, Debug)]
struct Matcher {
    label: String,
    pattern: Pattern,
    /// Whether the value must fit; otherwise it must not.
    is_equal: bool,
}

/// A condition on the labels of a series.
#[derive(Clone, Debug, Default)]
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
            matchers.push(Matcher { label: NAME.to_owned(), pattern: Pattern::Text(name.to_owned()), is_equal: true });
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
        self.0.iter().all(|matcher| matcher.pattern.fits(value(&matcher.label)) == matcher.is_equal)
    }

    /// The name of the metric that it demands, if it demands one name.
    pub fn name(&self) -> Option<&str> {
        self.0.iter().find_map(|matcher| match &matcher.pattern {
            Pattern::Text(name) if matcher.is_equal && matcher.label == NAME => Some(name.as_str()),
            _ => None,
        })
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
    let operators = [("=~", true, true), ("!~", false, true), ("!=", false, false), ("=", true, false)];
    let found = operators.iter().find_map(|(sign, is_equal, is_expression)| {
        rest.strip_prefix(sign).map(|rest| (*is_equal, *is_expression, rest))
    });
    let (is_equal, is_expression, rest) = found.ok_or_else(|| format!("expected =, !=, =~ or !~ after `{label}`"))?;
    let (value, rest) = parse_value(rest.trim_start())?;
    let pattern = if is_expression { Pattern::Expression(anchored(&value)?) } else { Pattern::Text(value) };
    Ok((Matcher { label: label.to_owned(), pattern, is_equal }, rest))
}

/// The expression that matches whole values only.
fn anchored(expression: &str) -> Result<Regex, String> {
    // Alone first: `a)|(b` would be right in parentheses only.
    let alone = RegexBuilder::new(expression).size_limit(MOST_BYTES).build();
    let whole = alone.and_then(|_| RegexBuilder::new(&format!("^(?s:{expression})$")).size_limit(MOST_BYTES).build());
    whole.map_err(|why| {
        let shown = shortened(expression);
        match why {
            regex::Error::CompiledTooBig(_) => format!("the regular expression `{shown}` is too large"),
            _ => format!("`{shown}` is not a regular expression of RE2 syntax"),
        }
    })
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
        assert!(Selector::parse(r#"{a="x\"y\\"}"#).unwrap().matches(&labels(&[("a", r#"x"y\"#)])));
        assert!(Selector::of_labels(r#"{region="eu"}"#).unwrap().matches(&labels(&[("region", "eu")])));
        assert!(Selector::of_labels("").unwrap().matches(&labels(&[])));
    }

    #[test]
    fn a_regular_expression_matches_the_whole_value_or_an_absent_label() {
        let selector = Selector::parse(r#"up{code=~"4..|50[0-3]",path!~"/health.*"}"#).unwrap();
        let meant = |code: &str, path: &str| selector.matches(&labels(&[(NAME, "up"), ("code", code), ("path", path)]));
        assert!(meant("404", "/pay") && meant("503", "/pay/health"));
        assert!(!meant("4040", "/pay") && !meant("504", "/pay") && !meant("1404", "/pay"), "anchored at both ends");
        assert!(!meant("404", "/healthz"));
        let absent = Selector::parse(r#"up{env=~"|prod"}"#).unwrap();
        assert!(absent.matches(&labels(&[(NAME, "up")])) && absent.matches(&labels(&[(NAME, "up"), ("env", "prod")])));
        assert!(!absent.matches(&labels(&[(NAME, "up"), ("env", "test")])));
        let any = Selector::of_labels(r#"region=~".+""#).unwrap();
        assert!(any.matches(&labels(&[("region", "한국\nx")])) && !any.matches(&labels(&[])), "a dot is any character");
        let names = Selector::parse(r#"{__name__=~"http_.*"}"#).unwrap();
        assert!(names.matches(&labels(&[(NAME, "http_requests_total")])) && names.name().is_none());
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, says) in [
            ("", "must name"),
            ("{}", "must name"),
            ("2xx", "not the name of a metric"),
            ("a{b=~\"c(\"}", "`c(` is not a regular expression"),
            ("a{b!~\"c)|(d\"}", "not a regular expression"),
            ("a{b=~\"(?=c)\"}", "not a regular expression"),
            ("a{b=~\"[a-z]{1000}{1000}\"}", "too large"),
            ("a{b=~c}", "in quotes"),
            ("a{b=\"c\"", "closing brace"),
            ("a{b=c}", "in quotes"),
            ("a{b=\"c}", "closing quote"),
            ("a{b=\"c\" d=\"e\"}", "comma"),
            ("a{2b=\"c\"}", "name of a label"),
            ("a{b!\"c\"}", "=, !=, =~ or !~"),
        ] {
            let refused = Selector::parse(text).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }
}
