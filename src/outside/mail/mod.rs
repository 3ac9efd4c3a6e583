//! Mail to customers and members: what it says, how it is built, and how it is handed to a mail server. Knows nothing of the
//! database.

mod letter;
mod mailer;
mod mention_letter;

pub use letter::{Letter, Words};
pub use mailer::{Envelope, Mailer, Problem};
pub use mention_letter::MentionWords;
