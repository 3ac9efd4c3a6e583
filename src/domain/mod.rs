//! The domain model: types that cannot hold invalid values, and the rules of the feedback loop. No HTTP, no database,
//! no clock.

/// Defines an enum whose variants have names. The same name is used in the API, in the database and in texts.
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

pub mod base;
pub mod closure;
pub mod evaluations;
pub mod feedback;
pub mod integrations;
pub mod measures;
pub mod operations;
pub mod privacy;
pub mod releases;
pub mod search;
pub mod stories;
pub mod team;
pub mod themes;
pub mod words;
