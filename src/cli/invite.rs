//! `hearback invite`: prints a link with which a person sets a password for the console. It needs no mail server, so
//! nobody who can run this command is ever locked out.

use clap::Args;

use super::{Database, token};
use crate::config::Config;
use crate::domain::base::Actor;
use crate::domain::base::decode::decode;
use crate::domain::team::{NewMember, Role};
use crate::error::Result;
use crate::usecase::team::invitations;

/// Invite a person to the console, or let a member set a new password.
#[derive(Args)]
pub struct Invite {
    #[command(flatten)]
    database: Database,
    /// E-mail address of the person
    email: String,
    /// Makes the person an admin
    #[arg(long, conflicts_with = "role")]
    admin: bool,
    /// Role of the person; without it and without --admin they must be a member already
    #[arg(long, value_parser = token::role())]
    role: Option<Role>,
}

impl Invite {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of the database and of wrong arguments.
    pub fn run(self) -> Result<()> {
        let app = self.database.open()?;
        let role = if self.admin { Some(Role::Admin) } else { self.role };
        // The rules of the API for an e-mail address.
        let shape = serde_json::json!({ "name": "x", "email": self.email, "role": role.unwrap_or(Role::Viewer) });
        let email = decode::<NewMember>(shape)?.email.trim().to_owned();
        let secret = invitations::new_secret()?;
        let new = secret.clone();
        let invite = move |tx: &mut crate::store::Tx<'_>| invitations::invite_by_email(tx, &email, role, &new);
        let (member, invitation) = app.store.write_now(Actor::COMMAND, invite)?;
        let base = Config::for_command(&self.database.database_url).public_url();
        eprintln!(
            "{} ({}) can set a password with this link, once, until {}:",
            member.email, member.role, invitation.expires_at
        );
        println!("{base}/console/invite/{secret}");
        Ok(())
    }
}
