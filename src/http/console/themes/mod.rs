//! Pages about themes: the list, the map, one theme and what people do with it, proposals and granularity.

automod::dir!(pub(in crate::http) "src/http/console/themes");
