//! Everything, row by row, for `hearback export`.
