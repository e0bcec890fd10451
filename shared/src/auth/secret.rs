use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A random secret of 256 bits: a refresh token, a link in an e-mail, a one-time ticket. The database stores only its
/// hash.
///
/// It has too many bits to be guessed, so a plain SHA-256 protects it as well as a slow hash would.
pub struct Secret(pub(super) String);

impl Secret {
    /// Generates a secret with the operating system's generator.
    pub fn generate() -> anyhow::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("the random generator failed: {e}"))?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Returns the secret as its owner gets it, URL-safe. It must not be logged or stored.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the hash under which a secret that a client presents is stored.
    pub fn hash(presented: &str) -> Vec<u8> {
        Sha256::digest(presented).to_vec()
    }
}
