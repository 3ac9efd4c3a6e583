//! Everything, as NDJSON that imports into an empty instance.
