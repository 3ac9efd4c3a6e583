//! What all areas use.

pub mod bulk;
pub(in crate::domain) mod calendar;
pub mod decode;
pub(in crate::domain) mod event;
pub mod event_kinds;
pub mod html;
pub(in crate::domain) mod id;
pub mod language;
pub mod money;
pub(in crate::domain) mod page;
pub mod passwords;
pub mod text;
pub(in crate::domain) mod time;
pub(in crate::domain) mod trace;
pub(in crate::domain) mod version;
