//! Evaluations of solutions, on pages.

automod::dir!(pub "src/http/console/evaluations");
