//! What people did to the grouping.
