//! Close: the messages to customers about a story, and their answers.

automod::dir!(pub "src/usecase/closure");
