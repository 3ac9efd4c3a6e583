//! Products, members, tokens, internal notes, saved views, and what members do in the console just now.

use super::declare::*;
use crate::domain::base::text::email_fold;
use crate::domain::team::Role;
use crate::domain::team::access::Visibility;
use crate::domain::team::note::{NoteAuthor, NoteSubject};
use crate::domain::team::presence::PresenceKind;
use crate::domain::team::session::InvitationKind;
use crate::domain::team::view::{ListFilters, ViewPage};

const PATTERN: &str = "a key of a pattern, or a currency";
const TEAM: &str = "people of the team";
const REFINED: &str = "when one instance refined, and what it is to do";

tables! {
    products (id): exported("product").in_its_own_way() => {
        id -> UuidSql,
        key -> Text: impersonal(PATTERN),
        name -> Text: written(Becomes::Erased),
        currency -> Text: impersonal(PATTERN),
        settings -> Text: written(Becomes::Json).json(),
        last_story_number -> Integer: no_person(),
        refine_due -> Bool: no_person().left_out(REFINED),
        refine_cold -> Bool: no_person().left_out(REFINED),
        refine_asked -> Integer: no_person().left_out(REFINED),
        refined_at -> Nullable<TimeSql>: plain().left_out(REFINED),
        refined_size -> Integer: no_person().left_out(REFINED),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        visibility -> Text: name_of::<Visibility>().absent(|| Visibility::Team.as_str().to_owned().into()),
        default_role -> Nullable<Text>: name_of::<Role>(),
        owner_id -> Nullable<UuidSql>: refers("members"),
        archived_at -> Nullable<TimeSql>,
    }

    members (id): exported("member").with_event("member.imported") => {
        id -> UuidSql: of_person(),
        name -> Text: impersonal(TEAM).tagged(DataKind::Person),
        email -> Text: impersonal(TEAM).tagged(DataKind::Person),
        email_folded -> Text: impersonal(TEAM).tagged(DataKind::Person).derived("email", email_fold),
        role -> Text: name_of::<Role>(),
        language -> Text: impersonal(TEAM).tagged(DataKind::Person),
        active -> Bool: of_person(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        time_zone -> Nullable<Text>: impersonal(TEAM).tagged(DataKind::Person),
        shortcuts -> Bool: of_person().absent(|| true.into()),
        team -> Nullable<Text>: impersonal(TEAM).tagged(DataKind::Person),
    }

    /// The roles of members in products, where they differ from what the product gives them.
    member_products (member_id, product_id): exported("member_product") => {
        member_id -> UuidSql: refers("members"),
        product_id -> UuidSql: refers("products"),
        role -> Text: name_of::<Role>(),
        set_at -> TimeSql,
    }

    /// The members behind the accounts of OpenID Connect providers.
    member_identities (issuer, subject): not_exported("an export lets nobody in") => {
        issuer -> Text: impersonal(TEAM).tagged(DataKind::Person),
        subject -> Text: impersonal(TEAM).tagged(DataKind::Person),
        member_id -> UuidSql: refers("members"),
        linked_at -> TimeSql,
    }

    passwords (member_id): not_exported("an export lets nobody in") => {
        member_id -> UuidSql: refers("members"),
        hash -> Text: impersonal("a hash").tagged(DataKind::Secret),
        changed_at -> TimeSql,
    }

    sessions (id): not_exported("an export lets nobody in") => {
        id -> UuidSql,
        member_id -> UuidSql: refers("members"),
        hash -> Binary: plain().tagged(DataKind::Secret),
        agent -> Text: impersonal(TEAM).tagged(DataKind::Person),
        address -> Text: impersonal(TEAM).tagged(DataKind::Person),
        created_at -> TimeSql,
        last_used_at -> TimeSql: of_person(),
        expires_at -> TimeSql,
    }

    invitations (id): not_exported("an export lets nobody in") => {
        id -> UuidSql,
        kind -> Text: name_of::<InvitationKind>(),
        member_id -> Nullable<UuidSql>: refers("members"),
        hash -> Binary: plain().tagged(DataKind::Secret),
        created_at -> TimeSql,
        expires_at -> TimeSql,
    }

    sign_in_attempts (id): not_exported("they are kept for a day").kept_for(KeptFor::Short) => {
        id -> UuidSql,
        account -> Binary: plain().tagged(DataKind::Person),
        address -> Text: impersonal("the address of a computer").tagged(DataKind::Person),
        at -> TimeSql: of_person(),
    }

    audit_log (id): not_exported("who signed in to one instance, and what they did there")
        .kept_for(KeptFor::AuditDays) => {
        id -> UuidSql,
        at -> TimeSql: of_person(),
        kind -> Text: made(),
        actor -> Text: made(),
        actor_id -> Nullable<UuidSql>: of_person(),
        subject_id -> Nullable<UuidSql>: of_person(),
        address -> Nullable<Text>: impersonal(TEAM).tagged(DataKind::Person),
        agent -> Nullable<Text>: impersonal(TEAM).tagged(DataKind::Person),
        data -> Text: impersonal("ids and names of fields"),
    }

    tokens (id): not_exported("an export lets nobody in") => {
        id -> UuidSql,
        name -> Text: written(Becomes::Erased),
        role -> Text: made(),
        member_id -> Nullable<UuidSql>: refers("members"),
        hash -> Binary: plain().tagged(DataKind::Secret),
        created_at -> TimeSql,
        expires_at -> Nullable<TimeSql>,
        last_used_at -> Nullable<TimeSql>: of_person(),
        revoked_at -> Nullable<TimeSql>,
    }

    /// The products that a token is limited to.
    token_products (token_id, product_id): not_exported("an export lets nobody in") => {
        token_id -> UuidSql: refers("tokens"),
        product_id -> UuidSql: refers("products"),
    }

    notes (id): exported("note")
        .after(&["feedback", "stories", "customers", "closures"]).in_its_own_way() => {
        id -> UuidSql,
        subject_kind -> Text: name_of::<NoteSubject>(),
        subject_id -> UuidSql: of_person(),
        author_kind -> Text: name_of::<NoteAuthor>(),
        author_id -> Nullable<UuidSql>: of_person(),
        text -> Text: written(Becomes::Lines),
        version -> Integer,
        created_at -> TimeSql,
        edited_at -> Nullable<TimeSql>,
    }

    note_mentions (id): exported("note_mention").told_by(&["note_id", "member_id"]) => {
        id -> UuidSql,
        note_id -> UuidSql: refers("notes"),
        member_id -> UuidSql: refers("members"),
        in_text -> Bool: no_person(),
        listed -> Bool: no_person(),
        mentioned_at -> TimeSql,
        mailed_at -> Nullable<TimeSql>,
        read_at -> Nullable<TimeSql>: of_person(),
    }

    saved_views (id): exported("view").with_event("view.imported") => {
        id -> UuidSql,
        member_id -> UuidSql: refers("members"),
        page -> Text: name_of::<ViewPage>(),
        name -> Text: written(Becomes::Erased),
        query -> Text: written(Becomes::Json).json_of::<ListFilters>(),
        shared -> Bool: no_person(),
        pinned -> Bool: no_person(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    opening_views (member_id, page): exported("opening_view") => {
        member_id -> UuidSql: refers("members"),
        page -> Text: name_of::<ViewPage>(),
        view_id -> UuidSql: refers("saved_views"),
    }

    form_drafts (id): not_exported("what nobody has sent yet") => {
        id -> UuidSql,
        member_id -> UuidSql: refers("members"),
        page -> Text: by_row(),
        action -> Text: by_row(),
        form -> Text: by_row(),
        fields -> Text: by_row(),
        updated_at -> TimeSql,
    }

    presences (member_id, subject_id): not_exported("they expire within a minute").kept_for(KeptFor::Short) => {
        member_id -> UuidSql: refers("members"),
        subject_id -> UuidSql: of_person(),
        kind -> Text: name_of::<PresenceKind>(),
        place -> Text: impersonal("the path of a page, with an id or a number"),
        seen_at -> TimeSql: of_person(),
        writing_at -> Nullable<TimeSql>: of_person(),
    }
}

diesel::joinable!(tokens -> members (member_id));
diesel::joinable!(sessions -> members (member_id));
diesel::joinable!(note_mentions -> notes (note_id));
diesel::joinable!(presences -> members (member_id));
