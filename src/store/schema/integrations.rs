//! Webhooks, deliveries, and what hooks delivered.

use super::declare::*;
use crate::domain::integrations::{MessageFormat, new_webhook_secret};

const ONE_INSTANCE: &str = "what one instance sent and was sent; without it nothing is sent a second time";
const SECRET: &str = "a secret: an export lets nobody in";
/// Why a webhook of an export sends nothing yet.
const WITHOUT_SECRET: &str = "It came with an export, which holds no secrets: rotate its secret, then enable it.";

tables! {
    webhooks (id): exported("webhook").with_event("webhook.imported") => {
        id -> UuidSql,
        url -> Text: written(Becomes::Address),
        description -> Nullable<Text>: written(Becomes::Erased),
        events -> Text: written(Becomes::Json).json_of::<Vec<String>>(),
        product_id -> Nullable<UuidSql>: refers("products"),
        desk_origin -> Nullable<Text>: written(Becomes::Erased),
        secret -> Text: impersonal(SECRET).made_anew(SECRET, || Ok(new_webhook_secret()?.into())),
        old_secret -> Nullable<Text>: impersonal(SECRET).left_out(SECRET),
        old_secret_until -> Nullable<TimeSql>: no_person().left_out(SECRET),
        active -> Bool: no_person().made_anew("its receiver has another secret", || Ok(false.into())),
        disabled_reason -> Nullable<Text>: written(Becomes::Erased)
            .made_anew("it says what to do first", || Ok(WITHOUT_SECRET.to_owned().into())),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        since_tx_id -> BigInt: no_person().left_out("a place in the log of one instance"),
        since_seq -> BigInt: no_person().left_out("a place in the log of one instance"),
        format -> Text: name_of::<MessageFormat>().absent(|| MessageFormat::Event.as_str().to_owned().into()),
    }

    deliveries (id): not_exported(ONE_INSTANCE) => {
        id -> UuidSql,
        channel -> Text: made(),
        target_id -> UuidSql: no_person(),
        subject_id -> UuidSql: of_person(),
        event -> Text: made(),
        body -> Text: written(Becomes::Json),
        state -> Text: made(),
        attempts -> Integer: no_person(),
        next_attempt_at -> TimeSql,
        claimed_by -> Nullable<Text>: made(),
        claimed_until -> Nullable<TimeSql>: no_person(),
        last_status -> Nullable<Integer>: no_person(),
        last_error -> Nullable<Text>: written(Becomes::Erased),
        replay_of -> Nullable<UuidSql>: no_person(),
        created_at -> TimeSql,
        ended_at -> Nullable<TimeSql>,
    }

    delivery_attempts (delivery_id, number): not_exported(ONE_INSTANCE) => {
        delivery_id -> UuidSql: refers("deliveries"),
        number -> Integer: no_person(),
        at -> TimeSql,
        milliseconds -> Integer: no_person(),
        status -> Nullable<Integer>: no_person(),
        error -> Nullable<Text>: written(Becomes::Erased),
    }

    hook_deliveries (source, delivery_id): not_exported(ONE_INSTANCE) => {
        source -> Text: made(),
        delivery_id -> Text: written(Becomes::Unique),
        received_at -> TimeSql,
    }

    hook_failures (source): not_exported("what one instance was sent") => {
        source -> Text: made(),
        failed_at -> TimeSql,
        error -> Text: written(Becomes::Erased),
    }

    repositories (provider, external_id): not_exported("found again by the next hook of each repository") => {
        provider -> Text: made(),
        external_id -> BigInt: no_person(),
        name -> Text: written(Becomes::Erased),
        updated_at -> TimeSql,
    }
}
