//! The language of the loop, pure: no HTTP, no database, no clock. Types that can't hold bad values, and the rules.

/// An enum whose members have names: the same in the API, the database and the code's own text.
macro_rules! names {
    ($(#[$doc:meta])* pub enum $name:ident { $($variant:ident $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $(#[doc = $text] #[serde(rename = $text)] $variant),* }

        impl $name {
            /// Every member, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The name.
            pub const fn as_str(self) -> &'static str { match self { $($name::$variant => $text),* } }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok($name::$variant),)* _ => Err(()) }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($text),*]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
    };
}
use names;

mod audience;
pub mod bulk;
mod calendar;
pub mod changelog;
mod closure;
mod customer;
pub mod decode;
mod delivery;
mod deployment;
mod event;
pub mod event_kinds;
mod feedback;
mod gate;
mod granularity;
mod hook;
pub mod html;
mod id;
mod import;
pub mod language;
mod link;
pub mod llm_draft;
mod member;
pub mod mentions;
pub mod money;
pub mod naming;
mod note;
pub mod own_words;
mod page;
pub mod passwords;
pub mod priority;
mod product;
mod product_settings;
mod proposal;
mod quote_report;
pub mod quoting;
pub mod recognition;
pub mod redact;
mod refinement;
mod release;
pub mod rights;
pub mod stage;
mod story;
mod story_number;
mod term_runs;
pub mod terms;
pub mod text;
pub mod texts;
mod theme;
mod time;
mod trace;
mod train;
mod trial;
mod version;
mod webhook;
mod webhook_message;

pub use audience::*;
pub use changelog::{ChangelogEntry, ChangelogQuery, ChangelogRelease, ChangelogSection, LanguageQuery, Quote};
pub use closure::*;
pub use customer::*;
pub use delivery::*;
pub use deployment::*;
pub use event::*;
pub use feedback::*;
pub use gate::*;
pub use granularity::*;
pub use hook::*;
pub use id::Id;
pub use import::*;
pub use link::*;
pub use member::*;
pub use money::Money;
pub use note::*;
pub use page::{Cursor, Page, Paging};
pub use product::*;
pub use product_settings::*;
pub use proposal::*;
pub use quote_report::*;
pub use refinement::*;
pub use release::*;
pub use rights::FilingRights;
pub use story::*;
pub use story_number::StoryNumber;
pub use texts::{ReleaseText, StoryText, Texts, Wording};
pub use theme::*;
pub use time::Time;
pub use trace::*;
pub use train::*;
pub use trial::*;
pub use version::check_version;
pub use webhook::*;
pub use webhook_message::*;
