//! Metrics, their series, and the samples of these.

use super::declare::*;
use crate::domain::measures::metric::{MetricDirection, MetricKind};

tables! {
    metrics (id): exported("metric").with_event("metric.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        key -> Text: written(Becomes::Unique),
        name -> Text: written(Becomes::Erased),
        kind -> Text: name_of::<MetricKind>(),
        unit -> Nullable<Text>: written(Becomes::Erased),
        direction -> Text: name_of::<MetricDirection>(),
        target -> Nullable<Double>: no_person(),
        who_cares -> Text: impersonal("ids of members").json(),
        counter -> Bool: no_person(),
        pull_url -> Nullable<Text>: written(Becomes::Erased),
        pull_query -> Nullable<Text>: written(Becomes::Erased),
        pull_every -> Nullable<Integer>: no_person(),
        selector -> Nullable<Text>: written(Becomes::Erased),
        archived_at -> Nullable<TimeSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    metric_intakes (metric_id): exported("metric_intake") => {
        metric_id -> UuidSql: refers("metrics"),
        accepted -> BigInt: no_person(),
        replaced -> BigInt: no_person(),
        too_old -> BigInt: no_person(),
        in_future -> BigInt: no_person(),
        not_finite -> BigInt: no_person(),
        too_many_series -> BigInt: no_person(),
        too_frequent -> BigInt: no_person(),
        resets -> BigInt: no_person(),
        last_sample_at -> Nullable<TimeSql>,
        asked_at -> Nullable<TimeSql>,
        next_pull_at -> Nullable<TimeSql>,
        pull_error -> Nullable<Text>: written(Becomes::Erased),
    }

    metric_series (id): exported("metric_series") => {
        id -> UuidSql,
        metric_id -> UuidSql: refers("metrics"),
        labels -> Text: written(Becomes::Json).json(),
        labels_hash -> Text: impersonal("a hash of the labels"),
        created_at -> TimeSql,
        last_at -> BigInt: no_person(),
        last_value -> Double: no_person(),
    }

    metric_chunks (series_id, resolution, chunk): exported("metric_chunk") => {
        series_id -> UuidSql: refers("metric_series"),
        resolution -> Integer: no_person(),
        chunk -> BigInt: no_person(),
        data -> Binary: plain().tagged(DataKind::None),
        is_open -> Bool: no_person(),
    }
}
