//! API tokens, and the first admin.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::domain::base::{Id, Reference};
use crate::domain::team::{NewToken, Role, Token};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::team::{access, members, products, tokens};

/// A new token with its secret. The secret is shown once and not stored.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The token.
    pub token: Token,
    /// `hb_` and 256 random bits.
    pub secret: String,
}

/// The hash of a secret, which is stored instead of it.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// A fresh secret.
///
/// # Errors
/// 500 where the system has no randomness.
pub fn new_secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(format!("hb_{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The name of the token that this setting defines.
const OF_THE_SETTING: &str = "HEARBACK_ADMIN_TOKEN";

/// Creates a token with a given secret.
///
/// # Errors
/// 422 for an unknown or inactive member, an expiry in the past, or the reserved name of the setting's token.
pub fn create_token(tx: &mut Tx<'_>, input: &NewToken, secret: &str) -> Result<Minted> {
    if input.name == OF_THE_SETTING {
        return Err(Error::field("/name", "reserved", "is the name of the token of that setting"));
    }
    mint(tx, input, secret)
}

fn mint(tx: &mut Tx<'_>, input: &NewToken, secret: &str) -> Result<Minted> {
    if let Some(id) = input.member_id {
        let member = members::known_active(tx.conn, id, "/member_id")?;
        let mut roles: Vec<Role> = access::set_for(tx.conn, id)?.into_values().collect();
        roles.push(member.role);
        if !roles.iter().any(|role| role.may_hand_out(input.role)) {
            return Err(Error::field("/role", "not_allowed", "must not be more than the member's own role"));
        }
    }
    if input.expires_at.is_some_and(|at| at <= tx.now) {
        return Err(Error::field("/expires_at", "in_the_past", "must be in the future"));
    }
    let mut products = Vec::new();
    for (n, named) in input.products.iter().enumerate() {
        let found = products::find(tx.conn, named)?;
        let product = found.ok_or_else(|| Reference::Product.refusal(format!("/products/{n}")))?.id;
        if !products.contains(&product) {
            products.push(product);
        }
    }
    let token = Token {
        id: Id::next(),
        name: input.name.clone(),
        role: input.role,
        member_id: input.member_id,
        created_at: tx.now,
        expires_at: input.expires_at,
        last_used_at: None,
        revoked_at: None,
        products,
    };
    tokens::insert_new(tx, &token, &hash(secret))?;
    tx.event("token.created", token.id, None, json!({ "role": token.role }));
    Ok(Minted { token, secret: secret.to_owned() })
}

/// Revokes a token.
///
/// # Errors
/// 404.
pub fn revoke_token(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    if tokens::revoke(tx, id)? {
        tx.event("token.revoked", id, None, json!({}));
    }
    Ok(())
}

/// Creates the first admin token of an instance that has no tokens.
pub fn first_admin(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Minted>> {
    if tokens::any(tx.conn)? {
        return Ok(None);
    }
    let input = NewToken {
        name: "first admin".to_owned(),
        role: Role::Admin,
        member_id: None,
        expires_at: None,
        products: Vec::new(),
    };
    create_token(tx, &input, secret).map(Some)
}

/// Makes the admin token of the settings valid, even if it was revoked, and revokes earlier tokens of the setting.
pub fn keep_admin(tx: &mut Tx<'_>, secret: &str) -> Result<()> {
    let hash = hash(secret);
    if !tokens::restore(tx, &hash)? {
        let name = OF_THE_SETTING.to_owned();
        let products = Vec::new();
        mint(tx, &NewToken { name, role: Role::Admin, member_id: None, expires_at: None, products }, secret)?;
    }
    for id in tokens::others_named(tx.conn, OF_THE_SETTING, &hash)? {
        revoke_token(tx, id)?;
    }
    Ok(())
}
