//! Shared building blocks that all areas use: ids, times, money, paging, decoding, events.

pub mod bulk;
pub mod calendar;
pub mod decode;
pub(in crate::domain) mod event;
pub mod event_kinds;
pub mod html;
pub(in crate::domain) mod id;
pub mod language;
pub mod money;
pub(in crate::domain) mod page;
pub mod passwords;
pub(in crate::domain) mod reference;
pub mod text;
pub(in crate::domain) mod time;
pub(in crate::domain) mod trace;
pub(in crate::domain) mod version;

pub use calendar::Calendar;
pub use event::{Actor, Event, EventFilter, EventQuery};
pub use id::Id;
pub use money::Money;
pub use page::{Cursor, Page, Paging};
pub use reference::Reference;
pub use time::Time;
pub use trace::{
    Trace, TraceKind, Traced, TracedClosure, TracedDeployment, TracedFeedback, TracedRelease, TracedStory, TracedTheme,
};
pub use version::check_version;
