//! People.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The role of an account. Roles are ordered from the fewest rights to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "user_role", rename_all = "snake_case")]
pub enum Role {
    /// Works on tasks in projects they were added to.
    User,
    /// Creates projects and manages their own.
    Manager,
    /// Manages accounts and everything else.
    Admin,
}

/// An account, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct User {
    /// A UUIDv7.
    pub id: Uuid,
    /// Normalised: trimmed and in lower case.
    pub email: String,
    /// Name that other users see.
    pub name: String,
    /// Role of the account.
    pub role: Role,
    /// An IANA time zone. Summaries and quiet hours follow it.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// Whether the account is active. An inactive account cannot log in, and its sessions have ended.
    pub active: bool,
    /// Whether the e-mail address is confirmed.
    pub email_verified: bool,
    /// When they registered.
    pub created_at: DateTime<Utc>,
    /// When the account last changed.
    pub updated_at: DateTime<Utc>,
    /// The version, which is incremented by each change. It is also the `ETag`.
    #[serde(skip)]
    pub version: i64,
}

/// A session of a person on one device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    /// A UUIDv7.
    pub id: Uuid,
    /// The `User-Agent` of the device when it logged in.
    pub user_agent: String,
    /// The IP address that it logged in from.
    pub ip_address: String,
    /// Whether the request belongs to this session.
    pub current: bool,
    /// When it logged in.
    pub created_at: DateTime<Utc>,
    /// When it last refreshed its tokens.
    pub last_used_at: DateTime<Utc>,
    /// When it ends if it is not used before.
    pub expires_at: DateTime<Utc>,
}

/// Returns the form in which an address is stored and looked up. Addresses that differ in case, in outer space, or in
/// how an internationalized domain is written are equal. The domain is in its ASCII form (`xn--…`), if it has one.
pub fn normalize_email(email: &str) -> String {
    let email = email.trim().to_lowercase();
    match email.rsplit_once('@').map(|(local, domain)| (local, ascii_domain(domain))) {
        Some((local, Some(domain))) => format!("{local}@{domain}"),
        _ => email,
    }
}

/// Returns whether e-mails can be sent to an address: its domain has a dot, so it is not a host of a local network or
/// a number in brackets.
pub fn is_email(email: &str) -> bool {
    let email = normalize_email(email);
    let Some((local, domain)) = email.rsplit_once('@') else { return false };
    let number = domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let named = domain.contains('.') && !number && ascii_domain(domain).is_some();
    named && email.is_ascii() && email.len() <= 254 && lettre::Address::new(local, domain).is_ok()
}

/// Returns the ASCII form of a domain (UTS 46), as mail servers look it up.
pub fn ascii_domain(domain: &str) -> Option<String> {
    use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify);
    ascii.ok().map(std::borrow::Cow::into_owned)
}

/// Returns what counts as one source of requests: an IPv4 address, or the first 64 bits of an IPv6 address, since its
/// owner can choose the others.
pub fn source(ip_address: &str) -> String {
    match ip_address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => ip_address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalized() {
        for (written, normal) in [
            (" Ann@Example.COM ", "ann@example.com"),
            ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
            ("ann@bu\u{308}cher。example", "ann@xn--bcher-kva.example"),
            ("ann@straße.example", "ann@xn--strae-oqa.example"),
            ("ann@localhost", "ann@localhost"),
            ("nobody", "nobody"),
            ("ann@ex ample.com", "ann@ex ample.com"),
        ] {
            assert_eq!(normalize_email(written), normal);
        }
    }

    #[test]
    fn only_addresses_that_emails_can_be_sent_to_are_valid() {
        for good in
            ["ann@example.com", " ann+x@mail.example.co.uk", "ann@bücher.example", "ann@例え.テスト", "a.b_c@1und1.de"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@localhost",
            "ann@[127.0.0.1]",
            "ann@[IPv6:::1]",
            "ann@127.0.0.1",
            "ann@example.com.",
            "ann@.com",
            "ann@a..com",
            "ann@-a.com",
            "ann@ex ample.com",
            "a nn@example.com",
            "änn@example.com",
            "ann@xn--a.example",
            "ann@example.com\nBcc: x@example.com",
            "ann@exam_ple.com",
            "Ann <ann@example.com>",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(
            !is_email(&format!("{}@example.com", "a".repeat(65))) && !is_email(&format!("ann@{}.com", "a".repeat(64)))
        );
    }

    #[test]
    fn a_source_is_an_ipv4_address_or_an_ipv6_network() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("", ""),
        ] {
            assert_eq!(source(address), expected);
        }
    }
}
