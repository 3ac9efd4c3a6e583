//! Evaluations of solutions.

automod::dir!(pub "src/http/api/evaluations");
