//! The tables as diesel sees them, a file an area; the same for both databases. `tests/store` checks them against both.

// The modules have other names than their files, because some tables are called like their area.
#[path = "base.rs"]
mod base_tables;
#[path = "closure.rs"]
mod closure_tables;
#[path = "feedback.rs"]
mod feedback_tables;
#[path = "integrations.rs"]
mod integrations_tables;
#[path = "privacy.rs"]
mod privacy_tables;
#[path = "releases.rs"]
mod releases_tables;
#[path = "stories.rs"]
mod stories_tables;
#[path = "team.rs"]
mod team_tables;
#[path = "themes.rs"]
mod themes_tables;

pub use base_tables::*;
pub use closure_tables::*;
pub use feedback_tables::*;
pub use integrations_tables::*;
pub use privacy_tables::*;
pub use releases_tables::*;
pub use stories_tables::*;
pub use team_tables::*;
pub use themes_tables::*;

diesel::joinable!(feedback -> customers (customer_id));
diesel::joinable!(feedback -> themes (theme_id));
diesel::joinable!(customers -> accounts (account_id));
diesel::joinable!(tokens -> members (member_id));
diesel::joinable!(import_chunks -> imports (import_id));
diesel::joinable!(note_mentions -> notes (note_id));
diesel::joinable!(story_themes -> stories (story_id));
diesel::joinable!(story_themes -> themes (theme_id));
diesel::allow_tables_to_appear_in_same_query!(
    feedback_search,
    products,
    accounts,
    customers,
    customer_identities,
    members,
    tokens,
    themes,
    feedback,
    feedback_tags,
    erased_feedback,
    feedback_vectors,
    embeddings,
    engine_state,
    llm_drafts,
    refinements,
    proposals,
    proposal_items,
    stories,
    story_themes,
    draft_sources,
    story_feedback,
    story_items,
    corrections,
    correction_items,
    imports,
    import_chunks,
    import_errors,
    events,
    idempotency_keys,
    leases,
    story_evidence,
    recurrences,
    story_texts,
    release_texts,
    text_checks,
    trials,
    signoffs,
    releases,
    release_stories,
    deployments,
    links,
    repositories,
    hook_deliveries,
    closures,
    webhooks,
    deliveries,
    delivery_attempts,
    log_readers,
    secrets,
    far_feedback,
    tell_choices,
    left_behind,
    roll_backs,
    erasures,
    erased_people,
    notes,
    note_mentions
);
