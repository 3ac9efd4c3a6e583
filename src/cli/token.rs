//! `hearback token`: creates, lists and revokes tokens.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::Database;
use crate::domain::base::{Actor, Id, Paging, Time};
use crate::domain::team::{NewToken, Role};
use crate::error::{Code, Error, Result};
use crate::store::team::{members, tokens as stored_tokens};
use crate::usecase::team::tokens;

/// Create, list and revoke tokens.
#[derive(Args)]
pub struct Token {
    #[command(flatten)]
    database: Database,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Create a token and print its secret, which is shown only once
    Create {
        /// Role of the token
        #[arg(long, value_parser = role())]
        role: Role,
        /// Purpose of the token
        #[arg(long)]
        name: String,
        /// E-mail address of the member it belongs to; without it the token belongs to a service
        #[arg(long)]
        member: Option<String>,
        /// Expiry time, RFC 3339
        #[arg(long)]
        expires_at: Option<String>,
    },
    /// List all tokens
    List,
    /// Revoke a token by its id
    Revoke { id: Id },
}

/// Reads a role from the command line, and lists all roles in its help.
pub(super) fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.iter().map(|role| role.as_str()))
        .try_map(|name| name.parse().map_err(|()| Error::new(Code::Invalid, "There is no such role.")))
}

impl Token {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of the database and of wrong arguments.
    pub fn run(self) -> Result<()> {
        let app = self.database.open()?;
        match self.action {
            Action::Create { role, name, member, expires_at } => {
                let member_id = match member {
                    Some(email) => Some(member_id(&app, &email)?),
                    None => None,
                };
                let expires_at = match expires_at {
                    Some(text) => Some(Time::parse(&text).ok_or_else(not_a_time)?),
                    None => None,
                };
                let input = NewToken { name, role, member_id, expires_at, products: Vec::new() };
                let secret = tokens::new_secret()?;
                let minted =
                    app.store.write_now(Actor::COMMAND, move |tx| tokens::create_token(tx, &input, &secret))?;
                eprintln!("Token {} ({role}). Its secret is shown only once:", minted.token.id);
                println!("{}", minted.secret);
            }
            Action::List => list(&app)?,
            Action::Revoke { id } => {
                app.store.write_now(Actor::COMMAND, move |tx| tokens::revoke_token(tx, id))?;
                println!("The token is revoked.");
            }
        }
        Ok(())
    }
}

fn member_id(app: &crate::app::App, email: &str) -> Result<Id> {
    let member = app.store.read_now(|conn| members::by_email(conn, email))?;
    member.map(|m| m.id).ok_or_else(|| Error::new(Code::NotFound, "There is no member with this e-mail address."))
}

fn not_a_time() -> Error {
    Error::new(Code::Invalid, "--expires-at must be an RFC 3339 time, for example 2027-01-31T00:00:00Z.")
}

fn list(app: &crate::app::App) -> Result<()> {
    let mut cursor = None;
    loop {
        let paging = Paging::new(Some(200), cursor.as_deref(), "tokens".to_owned())?;
        let page = app.store.read_now(|conn| stored_tokens::list(conn, &paging))?;
        for token in page.data {
            let state = match (token.revoked_at, token.expires_at) {
                (Some(at), _) => format!("revoked {at}"),
                (None, Some(at)) => format!("until {at}"),
                (None, None) => "valid".to_owned(),
            };
            println!("{}  {:<9}  {:<24}  {state}", token.id, token.role.as_str(), token.name);
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}
