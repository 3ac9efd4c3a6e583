//! The result of a check of `hearback doctor`.

/// The result of a check.
pub enum CheckResult {
    Good,
    /// It works, but is probably not intended.
    Doubtful(String),
    Wrong(String),
}

impl From<Result<(), String>> for CheckResult {
    fn from(checked: Result<(), String>) -> Self {
        checked.map_or_else(CheckResult::Wrong, |()| CheckResult::Good)
    }
}
