//! What belongs to imports beside their rows: notes on what was read, and the deletion of old ones.

automod::dir!(pub "src/store/feedback/importing");
