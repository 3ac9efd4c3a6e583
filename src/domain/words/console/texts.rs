//! The texts of the areas in each language, in Fluent syntax.

/// The texts of each area in English.
pub(in crate::domain::words) const ENGLISH: &[&str] = &[
    include_str!("access.en.ftl"),
    include_str!("base.en.ftl"),
    include_str!("live.en.ftl"),
    include_str!("measures.en.ftl"),
    include_str!("operations.en.ftl"),
    include_str!("postmortems.en.ftl"),
    include_str!("product.en.ftl"),
    include_str!("delivery.en.ftl"),
    include_str!("dependencies.en.ftl"),
    include_str!("releases.en.ftl"),
    include_str!("reports.en.ftl"),
    include_str!("requests.en.ftl"),
    include_str!("settings.en.ftl"),
    include_str!("support.en.ftl"),
    include_str!("../refusals/labels.en.ftl"),
];

/// The texts of each area in Korean.
pub(in crate::domain::words) const KOREAN: &[&str] = &[
    include_str!("access.ko.ftl"),
    include_str!("base.ko.ftl"),
    include_str!("live.ko.ftl"),
    include_str!("measures.ko.ftl"),
    include_str!("operations.ko.ftl"),
    include_str!("postmortems.ko.ftl"),
    include_str!("product.ko.ftl"),
    include_str!("delivery.ko.ftl"),
    include_str!("dependencies.ko.ftl"),
    include_str!("releases.ko.ftl"),
    include_str!("reports.ko.ftl"),
    include_str!("requests.ko.ftl"),
    include_str!("settings.ko.ftl"),
    include_str!("support.ko.ftl"),
    include_str!("../refusals/labels.ko.ftl"),
];
