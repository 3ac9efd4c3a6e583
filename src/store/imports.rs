//! Imports: their body, their progress, their rejected rows.
