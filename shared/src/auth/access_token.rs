use std::{
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::Utc;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, JwkSet},
};
use lru::LruCache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config;

const AUDIENCE: &str = "taskbell";

/// The number of tokens that a verifier caches, at about half a kilobyte each.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// The claims of an access token: the user and the session. Roles are not among them: they are read from the database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessToken {
    iss: String,
    aud: String,
    /// The user.
    pub sub: Uuid,
    /// The session.
    pub sid: Uuid,
    iat: i64,
    exp: i64,
}

/// Creates access tokens. Only the functions that log people in have one.
pub struct Signer {
    key: EncodingKey,
    key_id: String,
    issuer: String,
}

impl Signer {
    /// The lifetime of an access token.
    pub const LIFETIME: Duration = Duration::from_mins(15);

    /// Reads `JWT_SIGNING_KEY` (Ed25519, PKCS #8 PEM), `JWT_SIGNING_KEY_ID` and `PUBLIC_URL`, the issuer.
    pub fn from_env() -> anyhow::Result<Self> {
        let pem: String = config::required("JWT_SIGNING_KEY")?;
        Ok(Self::new(&pem, config::required("JWT_SIGNING_KEY_ID")?, config::required("PUBLIC_URL")?)?)
    }

    /// Creates a signer with this key.
    pub fn new(pem: &str, key_id: String, issuer: String) -> Result<Self, config::ConfigError> {
        let key = EncodingKey::from_ed_pem(pem.as_bytes())
            .map_err(|e| config::ConfigError::Invalid { name: "JWT_SIGNING_KEY", reason: e.to_string() })?;
        Ok(Self { key, key_id, issuer })
    }

    /// Returns an access token for a session.
    pub fn sign(&self, user_id: Uuid, session_id: Uuid) -> anyhow::Result<String> {
        let now = Utc::now().timestamp();
        let claims = AccessToken {
            iss: self.issuer.clone(),
            aud: AUDIENCE.into(),
            sub: user_id,
            sid: session_id,
            iat: now,
            exp: now + i64::try_from(Self::LIFETIME.as_secs())?,
        };
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }
}

/// Verifies access tokens with public keys. There are several while keys are rotated.
pub struct Verifier {
    keys: Vec<(Jwk, DecodingKey)>,
    validation: Validation,
    /// Tokens that were verified before: a client sends the same one for a quarter of an hour
    /// (docs/adr/0023-verified-tokens-are-remembered.md).
    verified: Mutex<LruCache<String, AccessToken>>,
}

impl Verifier {
    /// Reads `JWT_JWKS` (RFC 7517) and `PUBLIC_URL`, the issuer.
    pub fn from_env() -> anyhow::Result<Self> {
        let keys: String = config::required("JWT_JWKS")?;
        Ok(Self::new(&keys, &config::required::<String>("PUBLIC_URL")?)?)
    }

    /// Creates a verifier for tokens of `issuer` that are signed with one of the keys of a JWKS document.
    pub fn new(jwks: &str, issuer: &str) -> Result<Self, config::ConfigError> {
        let invalid = |reason: String| config::ConfigError::Invalid { name: "JWT_JWKS", reason };
        let set: JwkSet = serde_json::from_str(jwks).map_err(|e| invalid(e.to_string()))?;
        let keys = set
            .keys
            .into_iter()
            .map(|jwk| DecodingKey::from_jwk(&jwk).map(|key| (jwk, key)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| invalid(e.to_string()))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        Ok(Self { keys, validation, verified: Mutex::new(LruCache::new(REMEMBERED)) })
    }

    /// Returns the claims of a token, or `None` if it is not valid.
    pub fn verify(&self, token: &str) -> Option<AccessToken> {
        let remembered = self.verified().get(token).cloned();
        let says = match remembered {
            Some(says) => says,
            None => self.decode(token)?,
        };
        (Utc::now().timestamp() < says.exp).then_some(says)
    }

    fn decode(&self, token: &str) -> Option<AccessToken> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let (_, key) = self.keys.iter().find(|(jwk, _)| jwk.common.key_id == header.kid)?;
        let says = jsonwebtoken::decode::<AccessToken>(token, key, &self.validation).ok()?.claims;
        self.verified().put(token.to_owned(), says.clone());
        Some(says)
    }

    fn verified(&self) -> MutexGuard<'_, LruCache<String, AccessToken>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the public keys, for the JWKS endpoint.
    pub fn public_keys(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().map(|(jwk, _)| jwk)
    }
}
