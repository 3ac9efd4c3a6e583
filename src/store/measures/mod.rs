//! The rows and queries of metrics, their series and samples.

automod::dir!(pub "src/store/measures");
