use anyhow::Context;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{config, domain::notification_kind::NotificationKind};

/// Keeps other tokens that may be signed with the same key from being accepted here.
const AUDIENCE: &str = "unsubscribe";

/// Creates and verifies the tokens in e-mails that unsubscribe from e-mails of some kinds. They never expire (people
/// unsubscribe from old e-mails) and permit nothing else; they are JWTs with an HMAC-SHA256.
pub struct UnsubscribeKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// What a token unsubscribes from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscribe {
    /// The recipient of the e-mails.
    #[serde(rename = "sub")]
    pub user_id: Uuid,
    /// The kinds of notifications.
    pub kinds: Vec<NotificationKind>,
    /// Whether it unsubscribes from the daily summary.
    #[serde(default)]
    pub summary: bool,
    aud: String,
}

impl UnsubscribeKey {
    /// Reads `UNSUBSCRIBE_KEY`.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(&config::required::<String>("UNSUBSCRIBE_KEY")?))
    }

    /// Creates a key from this text, which should have 32 random bytes or more.
    pub fn new(secret: &str) -> Self {
        let secret = secret.as_bytes();
        Self { encoding: EncodingKey::from_secret(secret), decoding: DecodingKey::from_secret(secret) }
    }

    /// Returns a token that unsubscribes a person from e-mails of these kinds.
    pub fn sign(&self, user_id: Uuid, kinds: &[NotificationKind]) -> anyhow::Result<String> {
        self.sign_claims(&Unsubscribe { user_id, kinds: kinds.to_vec(), summary: false, aud: AUDIENCE.into() })
    }

    /// Returns a token that unsubscribes a person from the daily summary.
    pub fn sign_summary(&self, user_id: Uuid) -> anyhow::Result<String> {
        self.sign_claims(&Unsubscribe { user_id, kinds: vec![], summary: true, aud: AUDIENCE.into() })
    }

    fn sign_claims(&self, claims: &Unsubscribe) -> anyhow::Result<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding).context("signing a link")
    }

    /// Returns what a token unsubscribes from, or `None` if it was not signed with this key.
    pub fn verify(&self, token: &str) -> Option<Unsubscribe> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.set_audience(&[AUDIENCE]);
        jsonwebtoken::decode(token, &self.decoding, &validation).ok().map(|token| token.claims)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::Index};

    use super::*;

    #[test]
    fn a_token_is_valid_only_with_its_key() {
        let key = UnsubscribeKey::new("0123456789abcdef0123456789abcdef");
        let user_id = Uuid::now_v7();
        let token = key.sign(user_id, &[NotificationKind::Mentioned]).unwrap();
        let good = key.verify(&token).unwrap();
        assert_eq!((good.user_id, good.kinds), (user_id, vec![NotificationKind::Mentioned]));
        assert_eq!(UnsubscribeKey::new("another").verify(&token), None);
        let (head, rest) = token.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        let other = key.sign(Uuid::now_v7(), NotificationKind::ALL).unwrap();
        let claims = other.split('.').nth(1).unwrap();
        assert_eq!(key.verify(&format!("{head}.{claims}.{signature}")), None);
        assert_eq!(key.verify(""), None);
    }

    proptest! {
        #[test]
        fn a_changed_token_is_not_valid(at in any::<Index>(), new in any::<char>(), anything in "\\PC{0,40}") {
            let key = UnsubscribeKey::new("0123456789abcdef0123456789abcdef");
            let token = key.sign(Uuid::now_v7(), &[NotificationKind::Mentioned]).unwrap();
            let mut changed: Vec<char> = token.chars().collect();
            let at = at.index(changed.len());
            changed[at] = new;
            let changed: String = changed.into_iter().collect();
            prop_assert_eq!(key.verify(&changed).is_some(), changed == token);
            prop_assert_eq!(key.verify(&token[..at]), None);
            prop_assert_eq!(key.verify(&anything), None);
        }
    }
}
