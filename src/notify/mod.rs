//! Mail to customers: what it says, how it is built, and how it is handed to a mail server. Knows nothing of the
//! database.

mod letter;
mod mailer;

pub use letter::{Letter, Words};
pub use mailer::{Envelope, Mailer, Problem};
