//! Dependencies of stories: adding and removing them, what they close, plans, and what a slip moves.

automod::dir!(pub "src/usecase/stories/depending");
