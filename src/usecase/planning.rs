//! People work on stories: create, edit, accept, decline, mark as duplicate.
