//! Passwords, access tokens and the random secrets behind refresh tokens and links.

mod access_token;
mod password;
mod refresh_key;
mod secret;
mod unsubscribe;

pub use access_token::{AccessToken, Signer, Verifier};
pub use password::{hash_password, verify_password};
pub use refresh_key::RefreshKey;
pub use secret::Secret;
pub use unsubscribe::{Unsubscribe, UnsubscribeKey};
