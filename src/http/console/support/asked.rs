//! The address of the inbox: its filters, of which some take several values, and `@me` for the member.

use crate::domain::feedback::FeedbackQuery;
use crate::error::Result;
use crate::http::api::feedback::resource::by_me;
use crate::http::base::extract::read_query;
use crate::http::console::base::visit::Visit;

/// Filters with several values, separated by commas.
const SEVERAL: [&str; 3] = ["state", "source", "kind"];
/// Filters with one value.
const SINGLE: [&str; 7] = ["product", "q", "tag", "by", "archived", "cursor", "more"];
/// What says where in the list a page is, and which row is open there.
const PLACE: [&str; 2] = ["cursor", "more"];
/// The states that are listed where the address names none.
const OPEN: &str = "pending,grouped,ungrouped,set_aside";
/// Rows of a page.
const ROWS: i64 = 50;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads the query of an address. Unknown parameters are left out.
    pub fn read(query: &str) -> Self {
        let sent: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let mut asked = Self::default();
        for (name, value) in sent {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            if SEVERAL.contains(&name.as_str()) {
                value.split(',').for_each(|part| asked.add(&name, part));
            } else if SINGLE.contains(&name.as_str()) && asked.get(&name).is_empty() {
                asked.0.push((name, value.to_owned()));
            } else if name == "mine" && value == "true" {
                // The address of earlier versions.
                asked.0.push(("by".to_owned(), "@me".to_owned()));
            }
        }
        asked
    }

    fn add(&mut self, name: &str, part: &str) {
        let part = part.trim();
        if !part.is_empty() && !self.has(name, part) {
            self.0.push((name.to_owned(), part.to_owned()));
        }
    }

    /// The value of a filter; empty where it is not given.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Whether a filter has this value among its values.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(key, had)| key == name && had == value)
    }

    /// Whether it lists a part of the feedback only.
    pub fn is_filtered(&self) -> bool {
        self.0.iter().any(|(name, _)| !PLACE.contains(&name.as_str()))
    }

    fn values(&self, name: &str) -> String {
        let own = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        own.collect::<Vec<_>>().join(",")
    }

    /// The fields of the address, without the row whose further acts it shows: for a form that shows those of another row.
    pub fn fields(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter().filter(|(name, _)| name != "more")
    }

    /// The address of this page, without a row whose further acts it shows.
    pub fn here(&self) -> String {
        self.page(self.get("cursor"))
    }

    /// The filters as the query of the API's list of feedback.
    pub fn matching(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for name in SEVERAL.into_iter().chain(["product", "q", "tag"]) {
            let mut values = self.values(name);
            if name == "state" && values.is_empty() {
                // Dismissed feedback is listed only where the filter asks for it.
                values = OPEN.to_owned();
            }
            if !values.is_empty() {
                pairs.push((name, values));
            }
        }
        // What belongs to archived products is listed only where the filter asks for it, or for one of them.
        match (self.get("archived"), self.get("product")) {
            ("true", _) => pairs.push(("archived", "true".to_owned())),
            (_, "") => pairs.push(("archived", "false".to_owned())),
            _ => {}
        }
        match self.get("by") {
            "" => {}
            "@me" => pairs.push(("submitted_by", "me".to_owned())),
            other => pairs.push(("submitted_by", other.to_owned())),
        }
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }

    /// The query of the API's list of feedback, for this member.
    ///
    /// # Errors
    /// 422 with every wrong filter.
    pub fn query(&self, visit: &Visit) -> Result<FeedbackQuery> {
        let query: FeedbackQuery = read_query(&self.matching(), visit.caller.member_id)?;
        let cursor = Some(self.get("cursor")).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        Ok(FeedbackQuery { limit: Some(ROWS), cursor, ..by_me(query, &visit.caller) })
    }

    /// The address of a page of this list.
    pub fn page(&self, cursor: &str) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for name in SEVERAL.into_iter().chain(["product", "q", "tag", "by", "archived"]) {
            let values = self.values(name);
            if !values.is_empty() {
                pairs.push((name, values));
            }
        }
        if !cursor.is_empty() {
            pairs.push(("cursor", cursor.to_owned()));
        }
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        // Readable commas and `@`: both may stand in a query.
        let query = query.replace("%2C", ",").replace("%40", "@");
        if query.is_empty() { "/console/inbox".to_owned() } else { format!("/console/inbox?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn several_values_are_given_one_by_one_or_separated_by_commas() {
        let asked = Asked::read("state=pending&state=set_aside,pending&by=%40me&q=+refund+&other=x&kind=");
        assert_eq!(asked.page(""), "/console/inbox?state=pending,set_aside&q=refund&by=@me");
        assert_eq!(asked.matching(), "state=pending%2Cset_aside&q=refund&archived=false&submitted_by=me");
        assert!(asked.has("state", "set_aside") && !asked.has("state", "grouped") && asked.is_filtered());
        assert_eq!(Asked::read(&asked.page("").replace("/console/inbox?", "")).page(""), asked.page(""));
        assert_eq!(
            Asked::read("q=x").matching(),
            "state=pending%2Cgrouped%2Cungrouped%2Cset_aside&q=x&archived=false",
            "without dismissed ones and archived products"
        );
        assert!(
            Asked::read("product=OLD").matching().ends_with("&product=OLD"),
            "a product that is asked for is shown"
        );
        assert!(Asked::read("archived=true").matching().ends_with("&archived=true"));
        assert_eq!(Asked::read("archived=true").page(""), "/console/inbox?archived=true");
        let open = Asked::read("cursor=abc&more=1");
        assert_eq!((open.here().as_str(), open.is_filtered()), ("/console/inbox?cursor=abc", false));
        assert_eq!(Asked::read("").page("abc"), "/console/inbox?cursor=abc");
    }
}
