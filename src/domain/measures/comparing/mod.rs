//! Before and after: what can be said of a change, and by how much chance alone would explain it.

automod::dir!(pub "../domain/measures/comparing");
