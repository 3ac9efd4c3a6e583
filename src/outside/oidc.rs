//! Client of an OpenID Connect provider: authorization code flow with PKCE and nonce, discovery, and keys.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::team::external_sign_in::ExternalIdentity;
use crate::outside::client::{Client, Request};

/// How long a request to the provider may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long the provider's addresses and keys are kept.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// Keys younger than this are not read again where a signature does not fit.
const FRESH: Duration = Duration::from_secs(30);

/// The settings of the provider.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// Its address, as it names itself.
    pub issuer: String,
    pub client_id: String,
    /// `None` for a public client, which has PKCE alone.
    pub client_secret: Option<String>,
    /// The claim with the groups of a person.
    pub groups_claim: String,
    /// Where the provider sends people back to.
    pub redirect: String,
}

/// The claims beside the standard ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct OtherClaims {
    #[serde(flatten)]
    by_name: HashMap<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type ProviderClient = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A sign-in that waits for the provider's answer. The browser keeps it in a cookie.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The answer must repeat it.
    pub state: String,
    nonce: String,
    verifier: String,
    /// The page to open afterwards.
    pub next: String,
}

/// Why a request to the provider failed, without what was sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct SendError(String);

/// The provider.
pub struct Oidc {
    settings: OidcSettings,
    http: Client,
    found: Mutex<Option<(CoreProviderMetadata, Instant)>>,
}

impl Oidc {
    /// The provider with these settings. It is asked at the first sign-in.
    pub fn new(settings: OidcSettings) -> Self {
        // The issuer is a setting of the operator, not a request's input, so it may be a private address.
        Self { settings, http: Client::new(true, TIMEOUT), found: Mutex::default() }
    }

    /// Begins a sign-in: the address at the provider, and what the browser must keep.
    ///
    /// # Errors
    /// A sentence for the log, where the provider does not answer.
    pub fn start(&self, next: &str) -> Result<(String, PendingSignIn), String> {
        let client = self.client(self.metadata(KEPT)?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let request = request.add_scopes(["email", "profile"].map(str::to_owned).map(Scope::new));
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        let pending = PendingSignIn {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next: next.to_owned(),
        };
        Ok((url.to_string(), pending))
    }

    /// Ends a sign-in: exchanges the code, and checks signature, issuer, audience, expiry and nonce of the ID token.
    ///
    /// # Errors
    /// A sentence for the log, where any of this fails.
    pub fn finish(&self, code: &str, pending: &PendingSignIn) -> Result<ExternalIdentity, String> {
        let client = self.client(self.metadata(KEPT)?)?;
        let send = |request| self.send(request);
        let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(words)?;
        let verifier = PkceCodeVerifier::new(pending.verifier.clone());
        let tokens: Tokens = exchange.set_pkce_verifier(verifier).request(&send).map_err(words)?;
        let id_token = tokens.id_token().ok_or("the provider sent no ID token")?;
        let nonce = Nonce::new(pending.nonce.clone());
        let first = id_token.claims(&client.id_token_verifier(), &nonce).cloned();
        let claims = match first {
            Ok(claims) => claims,
            // The provider may have new keys.
            Err(_) => {
                let client = self.client(self.metadata(FRESH)?)?;
                id_token.claims(&client.id_token_verifier(), &nonce).map_err(words)?.clone()
            }
        };
        let mut identity = ExternalIdentity {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or(false),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
            groups: self.groups(claims.additional_claims()),
        };
        // Many providers say more of a person there than in the token.
        if let Ok(more) = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())) {
            let more: UserInfoClaims<OtherClaims, CoreGenderClaim> = more.request(&send).map_err(words)?;
            if identity.email.is_none() {
                identity.email = more.email().map(|email| email.to_string());
                identity.email_verified = more.email_verified().unwrap_or(false);
            }
            let name = || more.name().and_then(|name| name.get(None)).map(|name| name.to_string());
            identity.name = identity.name.or_else(name);
            if identity.groups.is_empty() {
                identity.groups = self.groups(more.additional_claims());
            }
        }
        Ok(identity)
    }

    fn groups(&self, claims: &OtherClaims) -> Vec<String> {
        match claims.by_name.get(&self.settings.groups_claim) {
            Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(group)) => vec![group.clone()],
            _ => Vec::new(),
        }
    }

    /// What the provider says about itself, at most this old.
    fn metadata(&self, at_most: Duration) -> Result<CoreProviderMetadata, String> {
        let mut found = self.found.lock().unwrap_or_else(|e| e.into_inner());
        if let Some((metadata, since)) = found.as_ref()
            && since.elapsed() < at_most
        {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(words)?;
        let metadata = CoreProviderMetadata::discover(&issuer, &|request| self.send(request)).map_err(words)?;
        *found = Some((metadata.clone(), Instant::now()));
        Ok(metadata)
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Result<ProviderClient, String> {
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let redirect = RedirectUrl::new(self.settings.redirect.clone()).map_err(words)?;
        Ok(ProviderClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect))
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, SendError> {
        let (parts, body) = request.into_parts();
        let method = if parts.method == "POST" { "POST" } else { "GET" };
        let text = |value: &openidconnect::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let sent = self.http.send(Request { method, url: parts.uri.to_string(), headers, body }).map_err(SendError)?;
        let mut response = openidconnect::http::Response::builder().status(sent.status);
        for (name, value) in &sent.headers {
            response = response.header(name, value);
        }
        response.body(sent.body).map_err(|e| SendError(e.to_string()))
    }
}

/// An error with its causes, in one line.
fn words(error: impl std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(&format!(": {error}"));
        cause = error.source();
    }
    words.chars().take(500).filter(|c| !c.is_control()).collect()
}
