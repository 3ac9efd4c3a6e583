//! Reports, their links, and who gets them.

use super::declare::*;
use crate::domain::base::calendar::Weekday;
use crate::domain::base::text::email_fold;
use crate::domain::reports::content::ReportContent;
use crate::domain::reports::report::{ReportDeliveryState, ReportKind, ReportScope, ReportSection, ReportState};
use crate::domain::reports::subscription::SubscriptionState;

/// Why no link of an export can be read.
const OTHER_KEY: &str = "its address is signed with the key of one instance";

tables! {
    reports (id): exported("report").with_event("report.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        kind -> Text: name_of::<ReportKind>(),
        state -> Text: name_of::<ReportState>(),
        language -> Text: made(),
        account_id -> Nullable<UuidSql>: refers("accounts"),
        release_id -> Nullable<UuidSql>: refers("releases"),
        sections -> Text: made().json_of::<Vec<ReportSection>>(),
        period_from -> TimeSql: no_person(),
        period_to -> TimeSql: no_person(),
        introduction -> Nullable<Text>: written(Becomes::Lines),
        content -> Text: written(Becomes::Json).json_of::<ReportContent>(),
        approval -> Bool: no_person(),
        series_key -> Nullable<Text>: impersonal("a hash of ids, names of this program and times"),
        approved_at -> Nullable<TimeSql>,
        approved_by -> Nullable<UuidSql>,
        sent_at -> Nullable<TimeSql>,
        sent_by -> Nullable<UuidSql>,
        created_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    report_links (id): not_exported(OTHER_KEY) => {
        id -> UuidSql,
        report_id -> UuidSql: refers("reports"),
        scope -> Text: name_of::<ReportScope>(),
        expires_at -> TimeSql,
        revoked_at -> Nullable<TimeSql>,
        readings -> Integer: no_person(),
        last_read_at -> Nullable<TimeSql>,
        created_by -> Nullable<UuidSql>,
        created_at -> TimeSql,
    }

    report_subscriptions (id): exported("report_subscription") => {
        id -> UuidSql,
        state -> Text: name_of::<SubscriptionState>(),
        email -> Nullable<Text>: written(Becomes::Erased),
        email_folded -> Nullable<Text>: written(Becomes::Erased).derived("email", email_fold),
        member_id -> Nullable<UuidSql>: refers("members"),
        webhook_id -> Nullable<UuidSql>: refers("webhooks"),
        kind -> Text: name_of::<ReportKind>(),
        account_id -> Nullable<UuidSql>: refers("accounts"),
        sections -> Text: made().json_of::<Vec<ReportSection>>(),
        language -> Text: made(),
        weekday -> Nullable<Text>: name_of::<Weekday>(),
        day -> Nullable<Integer>: of_person(),
        hour -> Integer: of_person(),
        time_zone -> Text: impersonal("the name of a time zone"),
        scope -> Text: name_of::<ReportScope>(),
        approval -> Bool: no_person(),
        next_at -> Nullable<TimeSql>,
        last_at -> Nullable<TimeSql>,
        confirmed_at -> Nullable<TimeSql>: of_person(),
        ended_at -> Nullable<TimeSql>: of_person(),
        created_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    report_subscription_products (subscription_id, product_id): exported("report_subscription_product") => {
        subscription_id -> UuidSql: refers("report_subscriptions"),
        product_id -> UuidSql: refers("products"),
    }

    report_deliveries (id): exported("report_delivery") => {
        id -> UuidSql,
        report_id -> UuidSql: refers("reports"),
        subscription_id -> UuidSql: refers("report_subscriptions"),
        state -> Text: name_of::<ReportDeliveryState>(),
        created_at -> TimeSql,
        ended_at -> Nullable<TimeSql>,
    }
}
