//! People correct the grouping: move, dismiss, merge, split, rename, mute, and undo.
