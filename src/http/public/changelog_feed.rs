//! The public feed of a changelog (Atom, RFC 4287): names of releases and their entries, nothing a customer said.

use askama::Template;

use crate::domain::base::Time;
use crate::domain::releases::{ChangelogRelease, ChangelogSection};
use crate::domain::team::Product;

/// The feed as its template shows it.
#[derive(Template)]
#[template(path = "changelog.atom")]
struct AtomFeed<'a> {
    base: &'a str,
    product: &'a Product,
    updated: Time,
    entries: Vec<FeedEntry<'a>>,
}

/// A release in the feed.
struct FeedEntry<'a> {
    release: &'a ChangelogRelease,
    published: Time,
    updated: Time,
    /// HTML, which is escaped once more where it stands in the feed.
    html: String,
}

/// The entries of a release.
#[derive(Template)]
#[template(path = "changelog_entries.html")]
struct Entries<'a> {
    sections: &'a [ChangelogSection],
}

/// The feed of a product, the latest release first. Ids are those of the product and its releases, so they never change.
/// `base` is where the instance is reached from outside.
pub fn feed(base: &str, product: &Product, releases: &[ChangelogRelease]) -> String {
    let updated = releases.iter().map(|release| release.updated_at).max().unwrap_or(product.created_at);
    let feed = AtomFeed {
        base: base.trim_end_matches('/'),
        product,
        updated: seconds(updated),
        entries: releases.iter().map(FeedEntry::new).collect(),
    };
    feed.to_string()
}

impl<'a> FeedEntry<'a> {
    fn new(release: &'a ChangelogRelease) -> Self {
        Self {
            release,
            published: seconds(release.shipped_at),
            updated: seconds(release.updated_at),
            html: Entries { sections: &release.sections }.to_string(),
        }
    }
}

/// RFC 3339 to the second, which the oldest reader understands.
fn seconds(time: Time) -> Time {
    Time(time.0.div_euclid(Time::SECOND) * Time::SECOND)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::base::{Id, html};
    use crate::domain::releases::{ChangelogEntry, Section};
    use crate::domain::team::ProductSettings;
    use crate::domain::team::access::Visibility;

    /// A feed with this text in each of its slots.
    fn feed_of(text: &str) -> String {
        let product = Product {
            id: Id::next(),
            key: text.to_owned(),
            name: text.to_owned(),
            currency: "USD".to_owned(),
            visibility: Visibility::Team,
            default_role: None,
            owner_id: None,
            archived_at: None,
            settings: ProductSettings::default(),
            version: 1,
            created_at: Time(0),
            updated_at: Time(0),
        };
        let entry =
            ChangelogEntry { story_id: Id::next(), number: text.to_owned(), text: text.to_owned(), quotes: vec![] };
        let release = ChangelogRelease {
            release_id: Id::next(),
            name: text.to_owned(),
            shipped_at: Time(0),
            yanked: true,
            reason: Some(text.to_owned()),
            notes: Some(text.to_owned()),
            sections: vec![ChangelogSection { section: Section::Fixed, entries: vec![entry] }],
            updated_at: Time(0),
        };
        feed(text, &product, &[release])
    }

    #[test]
    fn the_feed_keeps_its_form() {
        let feed = feed_of("1 < 2");
        let lines: Vec<&str> = feed.lines().filter(|line| !line.contains("<id>")).collect();
        let expected = [
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
            "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
            "  <title>1 &#60; 2: changelog</title>",
            "  <updated>1970-01-01T00:00:00Z</updated>",
            "  <author><name>1 &#60; 2</name></author>",
            "  <link rel=\"self\" type=\"application/atom+xml\" href=\"1 &#60; 2/feeds/1 &#60; 2/changelog.atom\"/>",
            "  <entry>",
            "    <title>1 &#60; 2 [YANKED]</title>",
            "    <published>1970-01-01T00:00:00Z</published>",
            "    <updated>1970-01-01T00:00:00Z</updated>",
            "    <content type=\"html\">&#60;h3&#62;Fixed&#60;/h3&#62;&#60;ul&#62;&#60;li&#62;1 &#38;#60; 2 (1 &#38;#60; 2)&#60;/li&#62;&#60;/ul&#62;</content>",
            "  </entry>",
            "</feed>",
        ];
        assert_eq!(lines, expected);
    }

    proptest! {
        #[test]
        fn whatever_a_text_holds_it_is_text(text in any::<String>()) {
            let (feed, plain) = (feed_of(&text), feed_of("x"));
            for mark in ['<', '>', '"', '\''] {
                prop_assert_eq!(feed.matches(mark).count(), plain.matches(mark).count());
            }
            let fits = |c: char| (c >= ' ' || c == '\n') && !['\u{FFFE}', '\u{FFFF}'].contains(&c);
            prop_assert!(feed.chars().all(fits));
            prop_assert_eq!(feed.lines().count(), plain.lines().count());
        }

        #[test]
        fn readers_see_what_was_written(text in "[ -~가-힣]*") {
            let (_, rest) = feed_of(&format!("a{text}z")).split_once("<author><name>").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap_or_default();
            let shown = html::text(rest.split("</name>").next().unwrap_or_default());
            let spaced = format!("a{text}z").split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(shown, spaced);
        }
    }
}
