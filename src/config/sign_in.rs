//! Settings of sign-in by others: an OpenID Connect provider, or a proxy.

use std::net::IpAddr;

use clap::Args;

use crate::domain::team::external_sign_in::GroupRules;
use crate::outside::oidc::OidcSettings;

/// Settings of sign-in by others.
#[derive(Args, Clone, Debug)]
pub struct SignInConfig {
    /// Address of an OpenID Connect provider for sign-in to the console: https://id.example.com
    #[arg(long, env = "HEARBACK_OIDC_ISSUER")]
    pub oidc_issuer: Option<String>,

    /// The id of this server at the provider
    #[arg(long, env = "HEARBACK_OIDC_CLIENT_ID")]
    pub oidc_client_id: Option<String>,

    /// The secret of this server at the provider
    #[arg(long, env = "HEARBACK_OIDC_CLIENT_SECRET", hide_env_values = true)]
    pub oidc_client_secret: Option<String>,

    /// The claim with the groups of a person
    #[arg(long, env = "HEARBACK_OIDC_GROUPS_CLAIM", default_value = "groups")]
    pub oidc_groups_claim: String,

    /// Groups with their roles, group=role,group=role; they count at each sign-in
    #[arg(long, env = "HEARBACK_OIDC_ROLES", default_value = "")]
    pub oidc_roles: String,

    /// Whether only people with one of these groups may sign in by the provider
    #[arg(long, env = "HEARBACK_OIDC_GROUP_REQUIRED", default_value_t = false, action = clap::ArgAction::Set)]
    pub oidc_group_required: bool,

    /// A header in which a proxy names the e-mail address of who is signed in there, such as Remote-Email
    #[arg(long, env = "HEARBACK_PROXY_SIGN_IN_HEADER")]
    pub proxy_sign_in_header: Option<String>,

    /// The addresses of that proxy, separated by commas; the header of anybody else is ignored
    #[arg(long, env = "HEARBACK_PROXY_ADDRESSES", default_value = "")]
    pub proxy_addresses: String,
}

fn set(setting: &Option<String>) -> Option<&str> {
    setting.as_deref().map(str::trim).filter(|value| !value.is_empty())
}

impl SignInConfig {
    /// The provider, if one is set.
    pub fn oidc(&self, public_url: &str) -> Option<OidcSettings> {
        Some(OidcSettings {
            issuer: set(&self.oidc_issuer)?.to_owned(),
            client_id: set(&self.oidc_client_id)?.to_owned(),
            client_secret: set(&self.oidc_client_secret).map(str::to_owned),
            groups_claim: self.oidc_groups_claim.clone(),
            redirect: format!("{public_url}/console/sign-in/oidc/callback"),
        })
    }

    /// What groups of the provider mean here.
    ///
    /// # Errors
    /// A sentence that says which pair is wrong.
    pub fn groups(&self) -> Result<GroupRules, String> {
        GroupRules::read(&self.oidc_roles, self.oidc_group_required)
    }

    /// The name of the proxy's header; `None` where proxies sign nobody in.
    pub fn proxy_header(&self) -> Option<&str> {
        set(&self.proxy_sign_in_header)
    }

    /// The addresses of the proxy; `None` where one is not an address.
    pub fn proxies(&self) -> Option<Vec<IpAddr>> {
        let named = self.proxy_addresses.split(',').map(str::trim).filter(|address| !address.is_empty());
        named.map(|address| address.parse().ok()).collect()
    }

    /// Errors in these settings, one sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(issuer) = set(&self.oidc_issuer) {
            if !issuer.starts_with("https://") && !issuer.starts_with("http://") {
                problems.push("HEARBACK_OIDC_ISSUER must begin with https:// or http://.".to_owned());
            }
            if set(&self.oidc_client_id).is_none() {
                problems.push("HEARBACK_OIDC_CLIENT_ID must be set together with HEARBACK_OIDC_ISSUER.".to_owned());
            }
        }
        match self.groups() {
            Err(problem) => problems.push(format!("HEARBACK_OIDC_ROLES: {problem}.")),
            Ok(rules) if rules.required && rules.roles.is_empty() => problems
                .push("HEARBACK_OIDC_GROUP_REQUIRED needs HEARBACK_OIDC_ROLES, or nobody could sign in.".to_owned()),
            Ok(_) => {}
        }
        let addresses = self.proxies();
        if addresses.is_none() {
            problems.push("HEARBACK_PROXY_ADDRESSES must be IP addresses separated by commas.".to_owned());
        }
        if let Some(header) = self.proxy_header() {
            if !header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                problems.push("HEARBACK_PROXY_SIGN_IN_HEADER must be the name of a header.".to_owned());
            }
            if addresses.is_some_and(|addresses| addresses.is_empty()) {
                problems.push(
                    "HEARBACK_PROXY_ADDRESSES must be set together with HEARBACK_PROXY_SIGN_IN_HEADER.".to_owned(),
                );
            }
        }
        problems
    }
}
