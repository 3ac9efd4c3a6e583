//! Releases: releases, deployments, trains and changelogs.

automod::dir!(pub(in crate::http) "src/http/api/releases");
