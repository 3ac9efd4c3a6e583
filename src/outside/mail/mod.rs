//! Mail to customers and members: composing letters, building messages, and sending them by SMTP. It does not use the
//! database.

mod letter;
mod mailer;
mod mention_letter;

pub use letter::{Letter, LetterContent};
pub use mailer::{Envelope, MailProblem, Mailer};
pub use mention_letter::MentionWords;
