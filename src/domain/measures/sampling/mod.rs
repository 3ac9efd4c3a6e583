//! How samples are kept: as they came, and in buckets of several lengths.

automod::dir!(pub "../domain/measures/sampling");
