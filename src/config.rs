//! Settings from flags, environment variables or a `.env` file, in this order of precedence. `.env.example` documents
//! each.

pub mod database;
pub mod privacy;
pub mod sign_in;
pub mod themes;

use std::net::IpAddr;
use std::sync::Arc;

use clap::Args;

use crate::domain::base::Time;
use crate::domain::team::access::Visibility;
use crate::domain::team::session::SessionLifetime;
use crate::outside::mail::Mailer;
use crate::outside::models;
use crate::outside::models::chat::{self, Chat};
use crate::outside::models::embeddings::{self, Embedder, Embeddings};
use database::DatabaseConfig;
use privacy::PrivacyConfig;
use sign_in::SignInConfig;
use themes::EngineConfig;

/// The default of `DATABASE_URL`.
pub const DEFAULT_DATABASE: &str = "sqlite://data/hearback.db";

/// All settings of the server. `.env.example` names the environment variable of each flag.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address of the database: sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, env = "DATABASE_URL", default_value = DEFAULT_DATABASE, hide_env_values = true)]
    pub database_url: String,

    /// A pooler and read replicas
    #[command(flatten)]
    pub database: DatabaseConfig,

    /// Address and port to listen on
    #[arg(long, env = "HEARBACK_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,

    /// An admin token (at least 16 characters). It is valid while this setting has it; after a change the old one is
    /// revoked
    #[arg(long, env = "HEARBACK_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,

    /// Log level: error, warn, info, debug or trace, or one per module (hearback=debug,actix_server=warn)
    #[arg(long, env = "HEARBACK_LOG", default_value = "info")]
    pub log: String,

    /// Largest JSON body of a batch or a webhook in bytes, counted after decompression
    #[arg(long, env = "HEARBACK_BODY_LIMIT", default_value_t = 16 * 1024 * 1024)]
    pub body_limit: usize,

    /// Largest JSON body of a single resource in bytes, counted after decompression
    #[arg(long, env = "HEARBACK_RESOURCE_LIMIT", default_value_t = 1024 * 1024)]
    pub resource_limit: usize,

    /// Most bytes of large requests in progress, and the same for large answers; further ones are refused with 503
    #[arg(long, env = "HEARBACK_BYTES_IN_FLIGHT", default_value_t = 96 * 1024 * 1024)]
    pub bytes_in_flight: usize,

    /// Seconds that an answer may wait for a slow client
    #[arg(long, env = "HEARBACK_WRITE_TIMEOUT", default_value_t = 30)]
    pub write_timeout: u64,

    /// Seconds that a request's body may take to arrive
    #[arg(long, env = "HEARBACK_BODY_TIMEOUT", default_value_t = 30)]
    pub body_timeout: u64,

    /// Largest import in bytes, counted after decompression
    #[arg(long, env = "HEARBACK_IMPORT_LIMIT", default_value_t = 1024 * 1024 * 1024)]
    pub import_limit: u64,

    /// Most bytes of all imports that wait to be read
    #[arg(long, env = "HEARBACK_IMPORT_WAITING_LIMIT", default_value_t = 4 * 1024 * 1024 * 1024)]
    pub import_waiting_limit: u64,

    /// Seconds that the upload of an import may pause
    #[arg(long, env = "HEARBACK_IMPORT_IDLE_TIMEOUT", default_value_t = 30)]
    pub import_idle_timeout: u64,

    /// Requests a minute for each token; 0 means no limit
    #[arg(long, env = "HEARBACK_RATE_LIMIT", default_value_t = 0)]
    pub rate_limit: u32,

    /// The secret that GitHub signs its webhooks with; without it they are refused
    #[arg(long, env = "HEARBACK_GITHUB_SECRET", hide_env_values = true)]
    pub github_secret: Option<String>,

    /// The secret of GitLab's webhooks: a secret token, or a signing token (whsec_...); without it they are refused
    #[arg(long, env = "HEARBACK_GITLAB_SECRET", hide_env_values = true)]
    pub gitlab_secret: Option<String>,

    /// The secret that Grafana signs its alerts with; without it Grafana needs a token
    #[arg(long, env = "HEARBACK_GRAFANA_SECRET", hide_env_values = true)]
    pub grafana_secret: Option<String>,

    /// The client secret of the Sentry integration, which signs its alerts; without it they are refused
    #[arg(long, env = "HEARBACK_SENTRY_SECRET", hide_env_values = true)]
    pub sentry_secret: Option<String>,

    /// The label of issues at GitHub or GitLab that become feedback
    #[arg(long, env = "HEARBACK_FEEDBACK_LABEL", default_value = "feedback")]
    pub feedback_label: String,

    /// An access token for GitHub that may write issues
    #[arg(long, env = "HEARBACK_GITHUB_TOKEN", hide_env_values = true)]
    pub github_token: Option<String>,

    /// Address of GitHub's API
    #[arg(long, env = "HEARBACK_GITHUB_API", default_value = "https://api.github.com", hide_env_values = true)]
    pub github_api: String,

    /// An access token for GitLab that may write issues
    #[arg(long, env = "HEARBACK_GITLAB_TOKEN", hide_env_values = true)]
    pub gitlab_token: Option<String>,

    /// Address of GitLab's API
    #[arg(long, env = "HEARBACK_GITLAB_API", default_value = "https://gitlab.com/api/v4", hide_env_values = true)]
    pub gitlab_api: String,
    /// Address of the Prometheus that metrics are asked for: http://prometheus:9090. It may be private
    #[arg(long, env = "HEARBACK_PROMETHEUS_URL", hide_env_values = true)]
    pub prometheus_url: Option<String>,

    /// A bearer token for the Prometheus in HEARBACK_PROMETHEUS_URL
    #[arg(long, env = "HEARBACK_PROMETHEUS_TOKEN", hide_env_values = true)]
    pub prometheus_token: Option<String>,

    /// Public address of this server, for links in mails: https://voice.example.com
    #[arg(long, env = "HEARBACK_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// The mail server: smtp://USER:PASSWORD@HOST:PORT?tls=required, or smtps://...
    #[arg(long, env = "HEARBACK_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// Sender of mails: NAME <ADDRESS>
    #[arg(long, env = "HEARBACK_MAIL_FROM")]
    pub mail_from: Option<String>,

    /// Hours without a request after which a member is signed out of the console
    #[arg(long, env = "HEARBACK_SESSION_IDLE_HOURS", default_value_t = 168)]
    pub session_idle_hours: u32,

    /// Days after which a member must sign in to the console again
    #[arg(long, env = "HEARBACK_SESSION_DAYS", default_value_t = 30)]
    pub session_days: u32,

    /// Who sees a new product unless it is said: team (every member) or private (members with a role in it)
    #[arg(long, env = "HEARBACK_NEW_PRODUCTS", default_value = "team", value_parser = visibility)]
    pub new_products: Visibility,
    /// Days for which the audit log is kept
    #[arg(long, env = "HEARBACK_AUDIT_DAYS", default_value_t = 730)]
    pub audit_days: u32,
    /// Days for which commits and pull requests that hooks reported are kept, for the lead time of changes
    #[arg(long, env = "HEARBACK_LEDGER_DAYS", default_value_t = 730)]
    pub ledger_days: u32,

    /// Addresses of reverse proxies, separated by commas, whose X-Forwarded-For names the client
    #[arg(long, env = "HEARBACK_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: String,

    /// Sign-in by others
    #[command(flatten)]
    pub sign_in: SignInConfig,

    /// The access log and the ledger of erasures
    #[command(flatten)]
    pub privacy: PrivacyConfig,

    /// The engine's state
    #[command(flatten)]
    pub engine: EngineConfig,

    /// Threads that answer requests; 0 means one per core
    #[arg(long, env = "HEARBACK_WORKERS", default_value_t = 0)]
    pub workers: usize,

    /// Whether webhooks and other outgoing requests may use private, loopback and link-local addresses, and plain http
    #[arg(long, env = "HEARBACK_ALLOW_PRIVATE_ADDRESSES", default_value_t = false, action = clap::ArgAction::Set)]
    pub allow_private_addresses: bool,

    /// Base URL of an OpenAI-compatible API for embeddings, http://127.0.0.1:11434/v1; without it the built-in vectors
    /// are used
    #[arg(long, env = "HEARBACK_EMBEDDINGS_URL", hide_env_values = true)]
    pub embeddings_url: Option<String>,

    /// The model for embeddings
    #[arg(long, env = "HEARBACK_EMBEDDINGS_MODEL")]
    pub embeddings_model: Option<String>,

    /// The API key for embeddings
    #[arg(long, env = "HEARBACK_EMBEDDINGS_KEY", hide_env_values = true)]
    pub embeddings_key: Option<String>,

    /// Folder with a sentence-transformer of the BERT family that computes embeddings in this process, instead of a URL
    #[arg(long, env = "HEARBACK_EMBEDDINGS_FOLDER")]
    pub embeddings_folder: Option<String>,

    /// Base URL of an OpenAI-compatible API that rewords drafts; without it the built-in drafts are used
    #[arg(long, env = "HEARBACK_LLM_URL", hide_env_values = true)]
    pub llm_url: Option<String>,

    /// The language model
    #[arg(long, env = "HEARBACK_LLM_MODEL")]
    pub llm_model: Option<String>,

    /// The API key of the language model
    #[arg(long, env = "HEARBACK_LLM_KEY", hide_env_values = true)]
    pub llm_key: Option<String>,

    /// Most requests to the language model in an hour
    #[arg(long, env = "HEARBACK_LLM_PER_HOUR", default_value_t = 60)]
    pub llm_per_hour: usize,
}

fn visibility(name: &str) -> Result<Visibility, String> {
    name.parse().map_err(|()| "must be team or private".to_owned())
}

/// A setting's value if it is present and not empty.
fn set(setting: &Option<String>) -> Option<&str> {
    setting.as_deref().filter(|value| !value.is_empty())
}

/// Whether an item of a log filter has a valid level. An invalid level would be read as a module name and silence
/// everything else.
fn says_a_level(part: &str) -> bool {
    let level = part.rsplit_once('=').map_or(part, |(_, level)| level).trim().to_ascii_lowercase();
    ["off", "error", "warn", "info", "debug", "trace"].contains(&level.as_str())
}

impl Config {
    /// The embedder that replaces the built-in vectors, if one is set.
    ///
    /// # Errors
    /// A sentence about what is wrong with the folder of a local model.
    pub fn embedder(&self) -> Result<Option<Arc<dyn Embedder>>, String> {
        if let Some(folder) = set(&self.embeddings_folder) {
            return models::local(folder).map(Some).map_err(|e| format!("HEARBACK_EMBEDDINGS_FOLDER: {e}"));
        }
        let (Some(url), Some(model)) = (set(&self.embeddings_url), set(&self.embeddings_model)) else {
            return Ok(None);
        };
        Ok(Some(Arc::new(Embeddings::new(url, model, set(&self.embeddings_key), embeddings::TIMEOUT))))
    }

    /// The language model that rewords drafts, if one is set.
    pub fn chat(&self) -> Option<Chat> {
        let (url, model) = (set(&self.llm_url)?, set(&self.llm_model)?);
        Some(Chat::new(url, model, set(&self.llm_key), chat::TIMEOUT))
    }

    /// The settings of a command that needs only the database; the others have their defaults.
    pub fn for_command(database_url: &str) -> Self {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            config: Config,
        }
        let only = <Only as clap::Parser>::parse_from(["hearback", "--database-url", database_url]);
        only.config
    }

    /// How long sessions of the console last.
    pub fn session_lifetime(&self) -> SessionLifetime {
        let hour = 3_600 * Time::SECOND;
        let (idle, whole) = (i64::from(self.session_idle_hours) * hour, i64::from(self.session_days) * Time::DAY);
        SessionLifetime { idle, whole }
    }

    /// The trusted proxies; `None` where one is not an address.
    pub fn proxies(&self) -> Option<Vec<IpAddr>> {
        let named = self.trusted_proxies.split(',').map(str::trim).filter(|address| !address.is_empty());
        named.map(|address| address.parse().ok()).collect()
    }

    /// The public address of this server, without a slash at its end.
    pub fn public_url(&self) -> String {
        let url = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        url.trim_end_matches('/').to_owned()
    }

    /// The mail server, if one is set.
    ///
    /// # Errors
    /// A sentence that names the wrong setting.
    pub fn mailer(&self) -> Result<Option<Mailer>, String> {
        match (&self.smtp_url, &self.mail_from) {
            (None, _) => Ok(None),
            (Some(_), None) => Err("HEARBACK_MAIL_FROM must be set together with HEARBACK_SMTP_URL.".to_owned()),
            (Some(url), Some(from)) => Mailer::new(url, from).map(Some),
        }
    }

    /// Errors in the limits, one sentence each.
    fn limit_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, limit) in
            [("HEARBACK_BODY_LIMIT", self.body_limit), ("HEARBACK_RESOURCE_LIMIT", self.resource_limit)]
        {
            if limit < 1024 {
                problems.push(format!("{name} must be at least 1024 bytes."));
            }
        }
        for (name, length) in [
            ("HEARBACK_SESSION_IDLE_HOURS", self.session_idle_hours),
            ("HEARBACK_SESSION_DAYS", self.session_days),
            ("HEARBACK_AUDIT_DAYS", self.audit_days),
            ("HEARBACK_LEDGER_DAYS", self.ledger_days),
        ] {
            if !(1..=10_000).contains(&length) {
                problems.push(format!("{name} must be from 1 to 10000."));
            }
        }
        if self.proxies().is_none() {
            problems.push("HEARBACK_TRUSTED_PROXIES must be IP addresses separated by commas.".to_owned());
        }
        if self.bytes_in_flight < self.body_limit {
            problems.push("HEARBACK_BYTES_IN_FLIGHT must not be less than HEARBACK_BODY_LIMIT.".to_owned());
        }
        for (name, seconds) in [
            ("HEARBACK_BODY_TIMEOUT", self.body_timeout),
            ("HEARBACK_IMPORT_IDLE_TIMEOUT", self.import_idle_timeout),
            ("HEARBACK_WRITE_TIMEOUT", self.write_timeout),
        ] {
            if seconds == 0 {
                problems.push(format!("{name} must be at least 1 second."));
            }
        }
        problems
    }

    /// Errors in the settings, one sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(self.database.problems(&self.database_url));
        if self.admin_token.as_ref().is_some_and(|token| token.len() < 16) {
            problems.push("HEARBACK_ADMIN_TOKEN must have at least 16 characters.".to_owned());
        }
        problems.extend(self.limit_problems());
        problems.extend(self.sign_in.problems());
        problems.extend(self.privacy.problems());
        problems.extend(self.engine.problems());
        for (name, secret) in [
            ("HEARBACK_GITHUB_SECRET", &self.github_secret),
            ("HEARBACK_GITLAB_SECRET", &self.gitlab_secret),
            ("HEARBACK_GRAFANA_SECRET", &self.grafana_secret),
            ("HEARBACK_SENTRY_SECRET", &self.sentry_secret),
        ] {
            if secret.as_ref().is_some_and(|secret| secret.len() < 8) {
                problems.push(format!("{name} must have at least 8 characters."));
            }
        }
        if let Some(url) = set(&self.prometheus_url)
            && let Err(e) = crate::outside::client::check_url(url, true)
        {
            problems.push(format!("HEARBACK_PROMETHEUS_URL {e}."));
        }
        for (name, api) in [("HEARBACK_GITHUB_API", &self.github_api), ("HEARBACK_GITLAB_API", &self.gitlab_api)] {
            if !api.starts_with("https://") && !api.starts_with("http://") {
                problems.push(format!("{name} must be an http or https address."));
            }
        }
        for (name, url, model) in
            [("EMBEDDINGS", &self.embeddings_url, &self.embeddings_model), ("LLM", &self.llm_url, &self.llm_model)]
        {
            let Some(url) = set(url) else { continue };
            if let Err(e) = crate::outside::client::check_url(url, true) {
                problems.push(format!("HEARBACK_{name}_URL: {e}"));
            }
            if set(model).is_none() {
                problems.push(format!("HEARBACK_{name}_MODEL must be set together with HEARBACK_{name}_URL."));
            }
        }
        if set(&self.embeddings_folder).is_some() && set(&self.embeddings_url).is_some() {
            problems.push("HEARBACK_EMBEDDINGS_FOLDER and HEARBACK_EMBEDDINGS_URL must not both be set.".to_owned());
        }
        if self.log.parse::<tracing_subscriber::EnvFilter>().is_err() || !self.log.split(',').all(says_a_level) {
            problems.push(
                "HEARBACK_LOG must be a level (error, warn, info, debug or trace), or module=level pairs separated by commas."
                    .to_owned(),
            );
        }
        if let Err(problem) = self.mailer() {
            problems.push(problem);
        }
        if self.public_url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            problems.push("HEARBACK_PUBLIC_URL must begin with https:// or http://.".to_owned());
        }
        problems
    }
}
