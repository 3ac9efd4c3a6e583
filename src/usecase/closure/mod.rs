//! Close: the messages to customers about a story, and their answers.

pub mod answers;
pub mod audience;
pub mod case;
pub mod customer_links;
pub mod messages;
pub mod previews;
pub mod recalls;
pub mod rounds;
pub mod settling;
pub mod told_words;
