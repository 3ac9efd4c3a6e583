//! What stories need, on pages: dependencies with their graph, plans, and what a slip would move.

automod::dir!(pub "src/http/console/dependencies");
