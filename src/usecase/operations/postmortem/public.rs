//! The version of a postmortem without personal data: no names, no addresses, the words of customers only redacted.

use crate::domain::base::Time;
use crate::domain::base::text::fold;
use crate::domain::operations::postmortem::ShownPostmortem;
use crate::domain::operations::postmortem::facts::PostmortemLine;
use crate::domain::privacy::naming::words_that_name;
use crate::domain::privacy::redact::redact;
use crate::error::Result;
use crate::store::Conn;
use crate::store::operations::{incidents, postmortem_facts};
use crate::store::team::members;

/// What stands in place of a name.
const NAME: &str = "[name]";

/// The names that must not occur.
struct Names {
    /// Whole names and the words of names, folded.
    words: Vec<String>,
}

/// The version without personal data.
pub fn of(conn: &mut Conn, shown: ShownPostmortem, now: Time) -> Result<ShownPostmortem> {
    let incident = incidents::get(conn, shown.postmortem.incident_id)?;
    let mut people =
        members::names(conn)?.into_iter().map(|(name, email)| (Some(name), Some(email))).collect::<Vec<_>>();
    let affected = postmortem_facts::affected(conn, &incident, now)?;
    people.extend(affected.customers.into_values().map(|customer| (customer.name, customer.email)));
    let mut words: Vec<String> =
        people.iter().flat_map(|(name, email)| words_that_name(name.as_deref(), email.as_deref())).collect();
    words.sort_unstable();
    words.dedup();
    Ok(without(shown, &Names { words }))
}

fn without(mut shown: ShownPostmortem, names: &Names) -> ShownPostmortem {
    let clean = |text: &str| names.removed_from(text);
    let postmortem = &mut shown.postmortem;
    postmortem.title = clean(&postmortem.title);
    let text = &mut postmortem.text;
    for section in [
        &mut text.summary,
        &mut text.impact,
        &mut text.detection,
        &mut text.trigger,
        &mut text.root_causes,
        &mut text.contributing_factors,
        &mut text.resolution,
        &mut text.went_well,
        &mut text.went_wrong,
        &mut text.lucky,
        &mut text.open_questions,
    ] {
        *section = section.as_deref().map(clean);
    }
    postmortem.facilitator_id = None;
    postmortem.authors.clear();
    postmortem.published_by = None;
    postmortem.created_by = None;
    shown.facts.customers.names.clear();
    shown.facts.customers.quotes.iter_mut().for_each(|quote| {
        quote.feedback_id = None;
        quote.text = clean(&quote.text);
    });
    let timeline = std::mem::take(&mut shown.facts.timeline);
    let line = |line: PostmortemLine| PostmortemLine { actor_id: None, text: line.text.as_deref().map(clean), ..line };
    shown.facts.timeline = timeline.into_iter().map(line).collect();
    shown.actions.iter_mut().for_each(|action| {
        action.title = clean(&action.title);
        action.owner_id = None;
        action.created_by = None;
    });
    shown.hints.clear();
    shown
}

impl Names {
    /// A text without personal data and without these names. A word of a name goes where it is capitalised or Korean; a
    /// Korean one also with particles after it.
    fn removed_from(&self, text: &str) -> String {
        let redacted = redact(text);
        let mut kept = String::with_capacity(redacted.len());
        let mut rest = redacted.as_str();
        while let Some(start) = rest.find(char::is_alphanumeric) {
            kept.push_str(&rest[..start]);
            let end = rest[start..].find(|c: char| !c.is_alphanumeric()).map_or(rest.len(), |end| start + end);
            kept.push_str(&self.word(&rest[start..end]));
            rest = &rest[end..];
        }
        kept.push_str(rest);
        let repeated = format!("{NAME} {NAME}");
        while kept.contains(&repeated) {
            kept = kept.replace(&repeated, NAME);
        }
        kept
    }

    fn word(&self, word: &str) -> String {
        let folded = fold(word);
        let korean =
            |name: &&String| name.starts_with(|c| ('가'..='힣').contains(&c)) && folded.starts_with(name.as_str());
        if let Some(name) = self.words.iter().filter(korean).max_by_key(|name| name.len()) {
            return format!("{NAME}{}", folded.get(name.len()..).unwrap_or_default());
        }
        let is_capital = word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || !c.is_ascii());
        let is_name = self.words.binary_search(&folded).is_ok();
        let is_handle = folded.chars().any(|c| c.is_ascii_digit());
        if is_name && (is_capital || is_handle) { NAME.to_owned() } else { word.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_and_other_words_stay() {
        let mut words = words_that_name(Some("Jin Lee"), Some("jin.lee@team.example"));
        words.extend(words_that_name(Some("김서연"), None));
        words.sort_unstable();
        let names = Names { words };
        assert_eq!(
            names.removed_from("Jin Lee told ann@example.com that it broke"),
            "[name] told [email] that it broke"
        );
        assert_eq!(names.removed_from("서연이 확인했고 김서연에게 알렸다"), "[name]이 확인했고 [name]에게 알렸다");
        assert_eq!(names.removed_from("The gin and the lee of the wind"), "The gin and the lee of the wind");
    }
}
