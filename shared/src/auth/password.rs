use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::domain::text::prepared_password;

/// OWASP's Argon2id parameters: 19 MiB, two passes, one lane
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
fn argon2id() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| anyhow::anyhow!("Argon2id parameters: {e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Returns what is stored of a password: a PHC string with its own salt.
pub fn hash_password(password: &str) -> anyhow::Result<String> {
    let hash = argon2id()?.hash_password(prepared_password(password).as_bytes());
    Ok(hash.map_err(|e| anyhow::anyhow!("hashing a password: {e}"))?.to_string())
}

/// Returns whether the password matches. Without a stored hash it does the same work and returns `false`, so that the
/// duration of a log-in does not reveal whether the address is known.
///
/// Hashes that were stored before passwords were normalized still match the password as it was typed. That takes a
/// second hash for passwords that are typed in another form, whether the address is known or not: the duration reveals
/// only what the client typed.
pub fn verify_password(password: &str, stored: Option<&str>) -> anyhow::Result<bool> {
    /// A hash that matches no password that can be typed, made with the same parameters.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$dGFza2JlbGxub2JvZHk$YzMFG9e6VhhT1Pq7uo0YJ4oE3pRkCYCmFCRwQHkDkp8";
    let hash =
        PasswordHash::new(stored.unwrap_or(NOBODY)).map_err(|e| anyhow::anyhow!("a stored password hash: {e}"))?;
    let argon2id = argon2id()?;
    let fits = |password: &str| argon2id.verify_password(password.as_bytes(), &hash).is_ok();
    let prepared = prepared_password(password);
    let fits = fits(&prepared) || (prepared != password && fits(password));
    Ok(fits && stored.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_only_its_own_hash() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("correct horse", Some(&hash)).unwrap());
        assert!(!verify_password("correct hors", Some(&hash)).unwrap());
        assert_ne!(hash, hash_password("correct horse").unwrap(), "every hash has its own salt");
    }

    #[test]
    fn a_password_matches_in_every_unicode_form() {
        let hash = hash_password("Cafe\u{301}\u{a0}am Markt").unwrap();
        for typed in ["Café am Markt", "Cafe\u{301} am Markt", "Café\u{3000}am\u{2003}Markt"] {
            assert!(verify_password(typed, Some(&hash)).unwrap(), "{typed}");
        }
        assert!(!verify_password("Cafe am Markt", Some(&hash)).unwrap());
        // As it was stored before passwords were normalized.
        let before = argon2id().unwrap().hash_password("Cafe\u{301}".as_bytes()).unwrap().to_string();
        assert!(verify_password("Cafe\u{301}", Some(&before)).unwrap());
    }

    #[test]
    fn without_a_stored_hash_verification_fails_in_the_same_time() {
        let hash = hash_password("correct horse").unwrap();
        let time = |stored| {
            let start = std::time::Instant::now();
            assert!(!verify_password("wrong", stored).unwrap());
            start.elapsed()
        };
        // The fastest of several runs: other load on the machine slows some of them down.
        let quickest = |stored| (0..5).map(|_| time(stored)).min().unwrap();
        let (known, unknown) = (quickest(Some(hash.as_str())), quickest(None));
        assert!(unknown * 3 > known, "unknown took {unknown:?}, known {known:?}");
    }
}
