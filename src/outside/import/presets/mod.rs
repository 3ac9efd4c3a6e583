//! Presets for known exports, one file each, mostly a table. A new preset is a file here and a line in [`Preset`].

mod app_store;
mod canny;
mod fider;
mod generic;
mod github;
mod google_play;
mod intercom;
mod uservoice;
mod zendesk;

use super::draft::FeedbackDraft;
use super::formats::record::Record;
use super::mapping::Rule;

/// The rules for one system's export.
pub(in crate::outside) struct Spec {
    /// Sets of columns or paths; a file that has all of one set is this export.
    pub(in crate::outside) signatures: &'static [&'static [&'static str]],
    /// Which field is read from which column. Of several rules for a field, the first that finds a value is used.
    pub(in crate::outside) rules: &'static [Rule],
    /// Handles what the rules cannot express; false skips the record on purpose.
    pub(in crate::outside) finish: fn(&Record, &mut FeedbackDraft) -> bool,
}

macro_rules! presets {
    ($($(#[$doc:meta])* $name:ident $text:literal $origin:literal $spec:path;)*) => {
        /// The program that wrote an export.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Preset { $($(#[$doc])* $name),* }

        impl Preset {
            /// The names of all presets.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// Every preset, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The origin of rows where the caller gives none; empty where the file does not come from one system.
            pub fn origin(&self) -> &'static str {
                match self { $(Self::$name => $origin),* }
            }

            pub(in crate::outside) fn spec(self) -> &'static Spec {
                match self { $(Self::$name => &$spec),* }
            }
        }
    };
}

presets! {
    /// Zendesk tickets: JSON of the API, or the CSV of a view.
    Zendesk "zendesk" "zendesk" zendesk::SPEC;
    /// Intercom conversations: JSON of the API.
    Intercom "intercom" "intercom" intercom::SPEC;
    /// Reviews as Google Play stores them: CSV, UTF-16.
    GooglePlay "google_play" "google_play" google_play::SPEC;
    /// App Store Connect `customerReviews`: JSON:API.
    AppStore "app_store" "app_store" app_store::SPEC;
    /// Canny posts: CSV or JSON.
    Canny "canny" "canny" canny::SPEC;
    /// Fider posts: CSV or JSON.
    Fider "fider" "fider" fider::SPEC;
    /// UserVoice suggestions: JSON, or CSV with one row per supporter.
    Uservoice "uservoice" "uservoice" uservoice::SPEC;
    /// GitHub issues: JSON of the API or of `gh issue list`.
    Github "github" "github" github::SPEC;
    /// Our own export: NDJSON, whose objects are returned unchanged; or CSV.
    Hearback "hearback" "" generic::HEARBACK;
    /// Any file with columns named like our fields, or mapped to them.
    Csv "csv" "" generic::GENERIC;
}

super::by_name!(Preset);

impl Preset {
    /// The presets whose signature matches a header or a record; `has` says whether a column or path exists.
    pub(in crate::outside) fn signed<'h>(has: impl Fn(&str) -> bool + 'h) -> impl Iterator<Item = Self> + 'h {
        let known =
            move |preset: &Self| preset.spec().signatures.iter().any(|columns| columns.iter().all(|name| has(name)));
        Self::ALL.iter().copied().filter(known)
    }

    /// Whether the preset is for files of any system, whose columns are recognised by our field names.
    pub(in crate::outside) fn is_generic(self) -> bool {
        matches!(self, Self::Hearback | Self::Csv)
    }
}

/// The `finish` function of presets that need none.
fn keep(_: &Record, _: &mut FeedbackDraft) -> bool {
    true
}
