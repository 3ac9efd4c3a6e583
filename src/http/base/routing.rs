//! Which routes a request is compared with.
//!
//! The router of the framework compares a path with one pattern after the other, each a regular expression, and there are some
//! hundred patterns. So the routes of each file stand behind a guard, which compares the path with their patterns segment by
//! segment; the router compares it with the patterns of that one file only.

use std::borrow::Cow;
use std::cell::RefCell;

use actix_web::Scope;
use actix_web::dev::Url;
use actix_web::guard::fn_guard;
use actix_web::http::Uri;
use actix_web::web::{self, ServiceConfig};

thread_local! {
    /// The patterns of the file whose routes are being registered.
    static NAMED: RefCell<Vec<Pattern>> = const { RefCell::new(Vec::new()) };
}

/// Notes the pattern of a route that is being registered.
pub fn note(pattern: &'static str) {
    NAMED.with_borrow_mut(|named| named.push(Pattern::of(pattern)));
}

/// The routes of one file, for the paths that one of their patterns matches.
pub fn guarded(routes: fn(&mut ServiceConfig)) -> Scope {
    let scope = web::scope("").configure(routes);
    let patterns = NAMED.take();
    scope.guard(fn_guard(move |context| {
        let path = routed(&context.head().uri);
        patterns.iter().any(|pattern| pattern.matches(&path))
    }))
}

/// The path as the router reads it: percent-decoded, except for the signs that would change its segments.
fn routed(uri: &Uri) -> Cow<'_, str> {
    if uri.path().contains('%') { Url::new(uri.clone()).path().to_owned().into() } else { uri.path().into() }
}

/// A pattern of paths, by its segments.
struct Pattern(Vec<Segment>);

/// A segment of a pattern.
#[derive(Clone, Copy)]
enum Segment {
    /// The same text.
    Fixed(&'static str),
    /// A text that is not empty, between these: `{id}.md`.
    Varying(&'static str, &'static str),
    /// Whatever follows.
    Rest,
}

impl Pattern {
    fn of(pattern: &'static str) -> Self {
        Self(pattern.split('/').map(Segment::of).collect())
    }

    fn matches(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        for segment in &self.0 {
            let fits = match (*segment, parts.next()) {
                (Segment::Rest, Some(_)) => return true,
                (Segment::Fixed(text), Some(part)) => text == part,
                (Segment::Varying(before, after), Some(part)) => {
                    part.len() > before.len() + after.len() && part.starts_with(before) && part.ends_with(after)
                }
                (_, None) => false,
            };
            if !fits {
                return false;
            }
        }
        parts.next().is_none()
    }
}

impl Segment {
    fn of(segment: &'static str) -> Self {
        match (segment.find('{'), segment.rfind('}')) {
            (Some(_), Some(_)) if segment.contains(":.*") => Self::Rest,
            (Some(from), Some(to)) => Self::Varying(&segment[..from], &segment[to + 1..]),
            _ => Self::Fixed(segment),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::dev::ResourceDef;
    use proptest::prelude::*;

    use super::*;
    use crate::http::console::base::access::pages;
    use crate::http::{addresses, routes};

    #[test]
    fn a_path_is_compared_segment_by_segment() {
        let is = |pattern, path| Pattern::of(pattern).matches(path);
        assert!(is("/v1/themes/{id}", "/v1/themes/7") && !is("/v1/themes/{id}", "/v1/themes/"));
        assert!(!is("/v1/themes/{id}", "/v1/themes/7/items") && !is("/v1/themes", "/v1/themes/"));
        assert!(is("/v1/reports/{id}.md", "/v1/reports/7.md") && !is("/v1/reports/{id}.md", "/v1/reports/.md"));
        assert!(
            is("/docs/{file:.*}", "/docs/a/b.css") && is("/docs/{file:.*}", "/docs/") && !is("/docs/{file:.*}", "/doc")
        );
        let read = |path: &'static str| routed(&Uri::from_static(path)).into_owned();
        assert_eq!(read("/v1/%74hemes/%2F"), "/v1/themes/%2F");
    }

    fn all_patterns() -> Vec<&'static str> {
        let _ = web::scope("").configure(routes);
        addresses().into_iter().chain(pages().into_iter().map(|(pattern, _)| pattern)).collect()
    }

    proptest! {
        /// Where the router's own pattern matches, the guard must let it through.
        #[test]
        fn the_guard_lets_through_what_the_router_would_match(
            which in any::<prop::sample::Index>(),
            values in prop::collection::vec("[a-zA-Z0-9.가-힣-]{0,6}", 4),
            more in "(/[a-z]{0,3})?",
        ) {
            let patterns = all_patterns();
            let pattern = patterns[which.index(patterns.len())];
            let mut values = values.iter();
            let mut path = String::new();
            let mut rest = pattern;
            while let Some((before, after)) = rest.split_once('{') {
                path.push_str(before);
                path.push_str(values.next().map_or("x", String::as_str));
                rest = after.split_once('}').map_or("", |(_, after)| after);
            }
            path.push_str(rest);
            path.push_str(&more);
            prop_assert!(patterns.len() > 200);
            for pattern in patterns {
                let matches = ResourceDef::new(pattern).is_match(&path);
                prop_assert!(!matches || Pattern::of(pattern).matches(&path), "{pattern} and {path}");
            }
        }
    }
}
