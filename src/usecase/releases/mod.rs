//! Ship: releases, deployments, trains and changelogs.

automod::dir!(pub "src/usecase/releases");
