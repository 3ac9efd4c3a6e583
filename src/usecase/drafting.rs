//! Themes become draft stories, and stories follow their themes.
