//! The public feed of a changelog (Atom, RFC 4287): names of releases and their entries, nothing a customer said.

use std::fmt::Write;

use crate::domain::base::Time;
use crate::domain::releases::ChangelogRelease;
use crate::domain::team::Product;

/// The feed of a product, the latest release first. Ids are those of the product and its releases, so they never change.
/// `base` is where the instance is reached from outside.
pub fn feed(base: &str, product: &Product, releases: &[ChangelogRelease]) -> String {
    let updated = releases.iter().map(|release| release.updated_at).max().unwrap_or(product.created_at);
    let name = escaped(&product.name);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\">\n  <id>urn:uuid:{}</id>\n  <title>{name}: changelog</title>\n  \
         <updated>{}</updated>\n  <author><name>{name}</name></author>\n  \
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{}/feeds/{}/changelog.atom\"/>\n",
        product.id,
        seconds(updated),
        escaped(base.trim_end_matches('/')),
        escaped(&product.key),
    );
    for release in releases {
        let yanked = if release.yanked { " [YANKED]" } else { "" };
        // Writing to a String can't fail.
        let _ = write!(
            xml,
            "  <entry>\n    <id>urn:uuid:{}</id>\n    <title>{}{yanked}</title>\n    <published>{}</published>\n    \
             <updated>{}</updated>\n    <content type=\"html\">{}</content>\n  </entry>\n",
            release.release_id,
            escaped(&release.name),
            seconds(release.shipped_at),
            seconds(release.updated_at),
            escaped(&content(release)),
        );
    }
    xml + "</feed>\n"
}

/// The entries as HTML; it is escaped once more where it stands in the feed.
fn content(release: &ChangelogRelease) -> String {
    let mut html = String::new();
    for section in &release.sections {
        let _ = write!(html, "<h3>{}</h3><ul>", section.section.title());
        for entry in &section.entries {
            let _ = write!(html, "<li>{} ({})</li>", escaped(&entry.text), escaped(&entry.number));
        }
        html += "</ul>";
    }
    html
}

/// RFC 3339 to the second, which the oldest reader understands.
fn seconds(time: Time) -> Time {
    Time(time.0.div_euclid(Time::SECOND) * Time::SECOND)
}

/// Text as it may stand in XML and in a quoted attribute; characters that XML 1.0 can't hold are left out.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&#39;"),
            '\t' | '\n' | '\r' => xml.push(' '),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            c => xml.push(c),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_text_holds_it_is_text(text in any::<String>()) {
            let escaped = escaped(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
            let fits = |c: &char| *c >= ' ' && !['\u{FFFE}', '\u{FFFF}'].contains(c);
            prop_assert!(escaped.chars().all(|c| fits(&c)));
            let plain = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
            let kept: String = text.chars()
                .map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c })
                .filter(fits).collect();
            prop_assert_eq!(plain, kept);
        }
    }
}
