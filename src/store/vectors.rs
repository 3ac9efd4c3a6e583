//! What the engine keeps of each item.
