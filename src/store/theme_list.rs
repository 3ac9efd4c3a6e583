//! The list of themes, with its filters and sorts.
