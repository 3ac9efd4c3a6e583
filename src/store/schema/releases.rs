//! Releases, what goes out with them, and deployments.

use super::declare::*;
use crate::domain::releases::{DeploymentHeld, DeploymentState, ReleaseState, Section};
use crate::domain::stories::LinkProvider;

tables! {
    releases (id): exported("release").with_event("release.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        name -> Text: written(Becomes::Unique),
        state -> Text: name_of::<ReleaseState>(),
        train_at -> Nullable<TimeSql>,
        planned_for -> Nullable<TimeSql>: no_person(),
        notes -> Nullable<Text>: by_row(),
        reason -> Nullable<Text>: by_row(),
        frozen_at -> Nullable<TimeSql>,
        shipped_at -> Nullable<TimeSql>,
        deployed_at -> Nullable<TimeSql>,
        ended_at -> Nullable<TimeSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        held_deployment_id -> Nullable<UuidSql>: no_person(),
    }

    release_stories (release_id, story_id): exported("release_story") => {
        release_id -> UuidSql: refers("releases"),
        story_id -> UuidSql: refers("stories"),
        section -> Text: name_of::<Section>(),
        entry -> Nullable<Text>: by_row(),
        moved_to -> Nullable<UuidSql>: refers("releases"),
        added_at -> TimeSql,
    }

    release_texts (release_id, language): exported("release_text") => {
        release_id -> UuidSql: refers("releases"),
        language -> Text: made(),
        notes -> Nullable<Text>: by_row(),
        reason -> Nullable<Text>: by_row(),
    }

    left_behind (story_id): exported("left_behind") => {
        story_id -> UuidSql: refers("stories"),
        release_id -> UuidSql: refers("releases"),
        section -> Text: made(),
        entry -> Nullable<Text>: written(Becomes::Erased),
        left_at -> TimeSql,
    }

    deployments (id): exported("deployment").with_event("deployment.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        release_id -> Nullable<UuidSql>: refers("releases"),
        environment -> Text: written(Becomes::Erased),
        service -> Nullable<Text>: written(Becomes::Erased),
        state -> Text: name_of::<DeploymentState>(),
        revision -> Nullable<Text>: written(Becomes::Erased),
        url -> Nullable<Text>: written(Becomes::Erased),
        source -> Text: written(Becomes::Unique),
        external_id -> Nullable<Text>: written(Becomes::Unique),
        deployed_at -> TimeSql,
        created_at -> TimeSql,
        production -> Bool: no_person().absent(|| false.into()),
        held -> Nullable<Text>: name_of::<DeploymentHeld>(),
        tag -> Nullable<Text>: written(Becomes::Erased),
    }

    /// Commits that were pushed, a row for each branch.
    commits (id): exported("commit") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        provider -> Text: name_of::<LinkProvider>(),
        repository -> Text: written(Becomes::Unique),
        branch -> Text: written(Becomes::Unique),
        sha -> Text: impersonal("a hash"),
        committed_at -> TimeSql,
        pushed_at -> TimeSql,
        position -> Integer: no_person(),
        author -> Nullable<Text>: impersonal("a hash of a developer"),
        request -> Nullable<Text>: impersonal("a number"),
    }

    pull_requests (id): exported("pull_request") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        provider -> Text: name_of::<LinkProvider>(),
        repository -> Text: written(Becomes::Unique),
        number -> Text: impersonal("a number"),
        head -> Text: written(Becomes::Erased),
        base -> Text: written(Becomes::Erased),
        opened_at -> Nullable<TimeSql>,
        merged_at -> Nullable<TimeSql>,
        merge_sha -> Nullable<Text>: impersonal("a hash"),
        seen_at -> TimeSql,
    }

    /// The changes that the reporter of a deployment named.
    deployment_changes (deployment_id, sha): exported("deployment_change") => {
        deployment_id -> UuidSql: refers("deployments"),
        sha -> Text: impersonal("a hash"),
        committed_at -> TimeSql,
    }

    deployment_transitions (id): exported("deployment_transition") => {
        id -> UuidSql,
        deployment_id -> UuidSql: refers("deployments"),
        state -> Text: name_of::<DeploymentState>(),
        at -> TimeSql,
        inferred -> Bool: no_person(),
        external_id -> Nullable<Text>: written(Becomes::Erased),
        created_at -> TimeSql,
    }
}
