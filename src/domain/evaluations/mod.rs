//! Evaluations of solutions: build, buy or open source, with criteria, options, scores and the decision.

automod::dir!(pub "../domain/evaluations");
