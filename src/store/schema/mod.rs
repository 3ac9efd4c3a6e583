//! The tables as diesel sees them, a file an area; the same for both databases. `tests/store` checks them against both.

mod base;
mod closure;
mod feedback;
mod integrations;
mod privacy;
mod releases;
mod stories;
mod team;
mod themes;

pub use base::*;
pub use closure::*;
pub use feedback::*;
pub use integrations::*;
pub use privacy::*;
pub use releases::*;
pub use stories::*;
pub use team::*;
pub use themes::*;

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
