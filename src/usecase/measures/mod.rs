//! Metrics: their definitions, what comes in, what is read, and the effect of releases on them.

automod::dir!(pub "src/usecase/measures");
