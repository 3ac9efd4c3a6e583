//! The words of the settings.

messages! {}
