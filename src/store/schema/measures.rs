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
        target -> Nullable<Double>,
        who_cares -> Text: impersonal("ids of members").json(),
        counter -> Bool,
        pull_url -> Nullable<Text>: written(Becomes::Erased),
        pull_query -> Nullable<Text>: written(Becomes::Erased),
        pull_every -> Nullable<Integer>,
        selector -> Nullable<Text>: written(Becomes::Erased),
        archived_at -> Nullable<TimeSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    metric_intakes (metric_id): exported("metric_intake") => {
        metric_id -> UuidSql: refers("metrics"),
        accepted -> BigInt,
        replaced -> BigInt,
        too_old -> BigInt,
        in_future -> BigInt,
        not_finite -> BigInt,
        too_many_series -> BigInt,
        too_frequent -> BigInt,
        resets -> BigInt,
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
        last_at -> BigInt,
        last_value -> Double,
    }

    metric_chunks (series_id, resolution, chunk): exported("metric_chunk") => {
        series_id -> UuidSql: refers("metric_series"),
        resolution -> Integer,
        chunk -> BigInt,
        data -> Binary: plain().tagged(DataKind::None),
        is_open -> Bool,
    }
}
