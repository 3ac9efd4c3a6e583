//! Evaluations of solutions.

automod::dir!(pub "src/store/evaluations");
