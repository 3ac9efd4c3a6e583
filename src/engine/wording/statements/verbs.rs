//! Words by which the grammar of titles tells what is wanted from what must not happen.

/// Verbs that happen to something by themselves: "payment failed" is not "payment was failed".
#[rustfmt::skip]
pub(in crate::engine) const INTRANSITIVE: &[&str] = &[
    "fail", "crash", "freeze", "disappear", "hang", "vanish", "lag", "stall", "stop", "close", "arrive", "expire", "happen", "go",
    "come", "work", "die", "break", "change", "occur", "appear", "increase", "drop", "fall", "rise", "end", "start", "begin",
    "leak", "collapse", "vary", "differ",
];

/// Verbs of what customers want to happen, also where a title tells only their verb.
pub(in crate::engine) const GOOD: &[&str] =
    &["work", "arrive", "open", "respond", "function", "connect", "load", "sync", "succeed", "start"];

pub(in crate::engine) const BADLY: &[&str] =
    &["slow", "slowly", "late", "twice", "wrong", "wrongly", "again", "badly", "too", "only", "forever", "long"];

pub(in crate::engine) const PROBLEMS: &[&str] =
    &["problem", "problems", "issue", "issues", "trouble", "troubles", "difficulty", "difficulties"];

/// Words of noun phrases that name a trouble.
#[rustfmt::skip]
pub(in crate::engine) const TROUBLES: &[&str] = &[
    "error", "errors", "delay", "delays", "failure", "failures", "crash", "crashes", "bug", "bugs", "fault", "faults",
    "outage", "outages", "lag", "glitch", "glitches", "timeout", "timeouts", "rejection", "overcharge", "damage", "loss",
    "spam", "duplicate", "duplicates", "mistake", "mistakes", "typo", "typos", "leak", "leaks", "freeze", "decline",
    "confusion", "disconnection", "interruption", "scam", "fraud", "theft", "wrong", "double", "duplicated", "slow", "late",
    "broken", "incorrect", "hidden", "failed", "rejected", "declined", "lost", "damaged", "unexpected", "poor", "bad",
    "cold", "dirty", "rude", "unauthorised", "unauthorized", "invalid", "blank", "stuck", "delayed", "faulty", "false", "fake",
    "long", "noise", "smell", "cancellation", "cancellations", "complaint", "complaints", "confusing", "inconsistent",
];
