use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use serde::Serialize;
use shared::{Code, Error};

use crate::{ApiError, AppState};

/// The `If-Match` header (RFC 9110, section 13.1.1): the resource may only be changed if it has one of these versions.
pub struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// Fails with the current state if the resource does not have one of the versions.
    pub fn check(&self, version: i64, current: &impl Serialize) -> shared::Result<()> {
        match &self.0 {
            Some(versions) if !versions.contains(&version) => Err(Error::VersionMismatch {
                version,
                current: Box::new(serde_json::to_value(current).map_err(Error::internal)?),
            }),
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<AppState> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let value = value.to_str().unwrap_or_default();
        if value.trim() == "*" {
            return Ok(Self(None));
        }
        // A tag that is not a number matches no version.
        Ok(Self(Some(value.split(',').filter_map(|tag| tag.trim().trim_matches('"').parse().ok()).collect())))
    }
}

/// The `Idempotency-Key` header: 1 to 255 printable ASCII characters, chosen by the client.
pub struct IdempotencyKey(pub Option<String>);

impl FromRequestParts<AppState> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        match value.to_str() {
            Ok(key) if (1..=255).contains(&key.len()) && !key.contains('\t') => Ok(Self(Some(key.into()))),
            _ => Err(Error::bad_request(
                Code::InvalidHeader,
                "Idempotency-Key must be 1 to 255 printable ASCII characters.",
            )
            .into()),
        }
    }
}
