//! Operations: incidents with their alerts, timeline, hand-offs and links.

automod::dir!(pub "src/store/operations");
