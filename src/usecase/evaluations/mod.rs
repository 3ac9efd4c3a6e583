//! Evaluations of solutions: writing and deciding them, their result, and as Markdown.

automod::dir!(pub "src/usecase/evaluations");
