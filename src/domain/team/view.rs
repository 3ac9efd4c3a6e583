//! Saved views: a list of the console with its filters, kept by a member for themselves or for the whole team.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// A list of the console that views are saved of.
    pub enum ViewPage {
        Inbox "inbox", Backlog "backlog", Themes "themes", Customers "customers", Releases "releases", Search "search"
    }
}

impl ViewPage {
    /// The operation of the API that the list stands for: views of a list are for the roles that may call it.
    pub fn operation(self) -> &'static str {
        match self {
            ViewPage::Inbox | ViewPage::Search => "list_feedback",
            ViewPage::Backlog => "list_stories",
            ViewPage::Themes => "list_themes",
            ViewPage::Customers => "list_customers",
            ViewPage::Releases => "list_releases",
        }
    }

    /// The path of the list in the console.
    pub fn address(self) -> String {
        format!("/console/{self}")
    }
}

/// The most views that a member may keep.
pub const MOST_VIEWS: usize = 100;

/// The filters of a list: names and values, without those that are empty, in the order of the list's own form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFilters(pub Vec<(String, String)>);

impl ListFilters {
    /// The query of the list's address.
    pub fn to_query(&self) -> String {
        let pairs = self.0.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Whether the list is whole.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A text as part of a query (`application/x-www-form-urlencoded`).
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'*');
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A list of the console with its filters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SavedView {
    pub id: Id,
    /// The member who owns it.
    pub member_id: Id,
    #[schema(inline)]
    pub page: ViewPage,
    #[schema(example = "Drafts to look at")]
    pub name: String,
    /// The query of the list's address, without its position in the list.
    #[schema(example = "product=HB&stage=draft")]
    pub query: String,
    /// Whether all members see it whose role may read the list.
    pub shared: bool,
    /// Whether it stands before the views that are not pinned.
    pub pinned: bool,
    /// Whether the list opens with it for the caller.
    pub opens: bool,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A view to save.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"page": "backlog", "name": "Drafts to look at", "query": "stage=draft", "shared": true}))]
pub struct NewSavedView {
    #[schema(inline)]
    pub page: ViewPage,
    #[schema(min_length = 1, max_length = 80, pattern = "\\S")]
    pub name: String,
    /// The query of the list's address. What the list does not know is left out, and so is the position in the list.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub query: String,
    #[serde(default)]
    pub shared: bool,
    #[serde(default)]
    pub pinned: bool,
}

/// The editable fields of a view (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedViewEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 80, pattern = "\\S")]
    pub name: String,
    /// The query of the list's address.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub query: String,
    #[serde(default)]
    pub shared: bool,
    #[serde(default)]
    pub pinned: bool,
}

impl From<&SavedView> for SavedViewEdit {
    fn from(view: &SavedView) -> Self {
        Self { name: view.name.clone(), query: view.query.clone(), shared: view.shared, pinned: view.pinned }
    }
}

/// The query parameters of the list of views.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SavedViewQuery {
    /// Only views of this list.
    #[param(inline)]
    pub page: Option<ViewPage>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_become_a_query_in_their_order() {
        let filters =
            ListFilters(vec![("stage".to_owned(), "draft".to_owned()), ("q".to_owned(), "환불 &=".to_owned())]);
        assert_eq!(filters.to_query(), "stage=draft&q=%ED%99%98%EB%B6%88+%26%3D");
        assert_eq!(ListFilters::default().to_query(), "");
    }
}
