//! Mail to customers and members: composing letters, building messages, and sending them by SMTP. It does not use the
//! database.

mod ask_letter;
mod incident_letter;
mod invitation_letter;
mod letter;
mod mailer;
mod mention_letter;
mod paging_letter;
mod report_letter;

pub use ask_letter::{AskWords, AskedFor};
pub use incident_letter::{CallWords, NewsWords};
pub use invitation_letter::InvitationWords;
pub use letter::Letter;
pub use mailer::{Envelope, MailProblem, Mailer};
pub use mention_letter::MentionWords;
pub use paging_letter::PagingWords;
pub use report_letter::{ConfirmWords, ReportFooter, report_html, report_letter};
