use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Secret;
use crate::config;

/// Derives the successor of a refresh token, so that a token that is presented twice gets the same successor twice.
#[derive(Clone)]
pub struct RefreshKey(Hmac<Sha256>);

impl RefreshKey {
    /// Reads `REFRESH_KEY`.
    pub fn from_env() -> anyhow::Result<Self> {
        Self::new(&config::required::<String>("REFRESH_KEY")?)
    }

    /// Creates a key from this text, which should have 32 random bytes or more.
    pub fn new(secret: &str) -> anyhow::Result<Self> {
        Ok(Self(Hmac::new_from_slice(secret.as_bytes())?))
    }

    /// Returns the successor of a token: its HMAC-SHA256 (RFC 2104) under this key.
    pub fn successor(&self, token: &str) -> Secret {
        let mac = self.0.clone().chain_update(token);
        Secret(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_successor_under_each_key() {
        let key = RefreshKey::new("0123456789abcdef0123456789abcdef").unwrap();
        let successor = key.successor("token");
        assert_eq!(successor.expose(), key.successor("token").expose());
        assert_eq!(successor.expose().len(), Secret::generate().unwrap().expose().len());
        assert_ne!(successor.expose(), key.successor("other").expose());
        assert_ne!(successor.expose(), key.successor(successor.expose()).expose());
        let other = RefreshKey::new("fedcba9876543210fedcba9876543210").unwrap();
        assert_ne!(successor.expose(), other.successor("token").expose());
    }
}
