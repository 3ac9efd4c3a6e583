//! Close: who is told of a story, how, and what they answer.

pub mod answers;
pub mod audience;
pub mod customer_links;
pub mod messages;
pub mod previews;
pub mod recalls;
pub mod rounds;
pub mod told_words;
