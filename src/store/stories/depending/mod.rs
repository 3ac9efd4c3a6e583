//! Dependencies of stories: their edges, what blocks, and who waits.

automod::dir!(pub "src/store/stories/depending");
