//! Sessions of browsers. The access token and the refresh token are cookies that scripts cannot read.
//!
//! A cookie counts only on a request with the header `Taskbell-Session: cookie`. A page of another origin cannot send
//! this header unless the gateway permits it, so it cannot use a session (docs/adr/0042-cookie-sessions.md).

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use cookie::{Cookie, SameSite, time::Duration};
use shared::{auth::Signer, db::sessions};

/// The header with which a client asks for cookies, and for its cookies to count.
const TASKBELL_SESSION: HeaderName = HeaderName::from_static("taskbell-session");

/// The names and attributes of the cookies, which depend on the public URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookies {
    access: String,
    refresh: String,
    secure: bool,
}

impl SessionCookies {
    /// Returns the cookies of a service with this public URL. `None` if it is neither https nor on a loopback address:
    /// there cookies would be sent in plain text.
    ///
    /// Browsers accept the prefix `__Host-Http-` only for `Secure` cookies of this host alone that a server sets
    /// (<https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes>). Cookies are shared
    /// by all ports of a host, so local systems have their port in the names.
    pub fn new(public_url: &str) -> Option<Self> {
        let url: Uri = public_url.parse().ok()?;
        let host = url.host()?;
        match url.scheme_str()? {
            "https" => {
                Some(Self { access: "__Host-Http-access".into(), refresh: "__Host-Http-refresh".into(), secure: true })
            }
            "http" if is_loopback(host) => {
                let port = url.port_u16().unwrap_or(80);
                Some(Self { access: format!("access-{port}"), refresh: format!("refresh-{port}"), secure: false })
            }
            _ => None,
        }
    }

    /// Returns whether a request asks for cookies.
    pub(crate) fn are_requested(headers: &HeaderMap) -> bool {
        headers.get(&TASKBELL_SESSION).is_some_and(|value| value == "cookie")
    }

    /// Returns the access token of a request.
    pub(crate) fn access_token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        find(headers, &self.access)
    }

    /// Returns the refresh token of a request.
    pub(crate) fn refresh_token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        find(headers, &self.refresh)
    }

    /// Sets the cookie of the access token.
    pub(crate) fn set_access_token(&self, headers: &mut HeaderMap, token: &str) {
        self.set(headers, &self.access, token, Duration::seconds_f64(Signer::LIFETIME.as_secs_f64()));
    }

    /// Sets the cookie of the refresh token.
    pub(crate) fn set_refresh_token(&self, headers: &mut HeaderMap, token: &str) {
        self.set(headers, &self.refresh, token, Duration::days(sessions::DAYS.into()));
    }

    /// Removes both cookies.
    pub fn remove(&self, headers: &mut HeaderMap) {
        for name in [&self.access, &self.refresh] {
            self.set(headers, name, "", Duration::ZERO);
        }
    }

    fn set(&self, headers: &mut HeaderMap, name: &str, value: &str, lifetime: Duration) {
        let cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Strict)
            .max_age(lifetime)
            .build();
        if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // Other services on this host may have set cookies that are not ASCII.
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| str::from_utf8(line.as_bytes()).ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name)?.value_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_depend_on_the_public_url() {
        let names = |url| SessionCookies::new(url).map(|cookies| (cookies.access, cookies.refresh, cookies.secure));
        let expected = |access: &str, refresh: &str, secure| Some((access.to_owned(), refresh.to_owned(), secure));
        let host = expected("__Host-Http-access", "__Host-Http-refresh", true);
        assert_eq!(names("https://tasks.example.com"), host);
        assert_eq!(names("https://localhost:8443/api"), host);
        assert_eq!(names("http://localhost:8080"), expected("access-8080", "refresh-8080", false));
        assert_eq!(names("http://127.0.0.1:4566/_aws/api"), expected("access-4566", "refresh-4566", false));
        assert_eq!(names("http://[::1]:81"), expected("access-81", "refresh-81", false));
        assert_eq!(names("http://app.localhost"), expected("access-80", "refresh-80", false));
        for url in
            ["http://tasks.example.com", "http://10.0.0.1", "http://localhost.example.com", "ws://localhost", "x"]
        {
            assert_eq!(names(url), None, "{url}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_bytes("a=ä; b; xaccess-80=no;access-80=yes=; access-8=no".as_bytes()).unwrap(),
        );
        headers.append(header::COOKIE, HeaderValue::from_static("refresh-80=later"));
        let cookies = SessionCookies::new("http://localhost").unwrap();
        assert_eq!(cookies.access_token(&headers), Some("yes="));
        assert_eq!(cookies.refresh_token(&headers), Some("later"));
        assert_eq!(SessionCookies::new("https://localhost").unwrap().access_token(&headers), None);
    }

    #[test]
    fn cookies_are_for_this_host_and_no_script() {
        let mut headers = HeaderMap::new();
        let cookies = SessionCookies::new("https://tasks.example.com").unwrap();
        cookies.set_access_token(&mut headers, "token");
        cookies.remove(&mut headers);
        let set: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(
            set,
            [
                "__Host-Http-access=token; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=900",
                "__Host-Http-access=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0",
                "__Host-Http-refresh=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0",
            ]
        );
    }
}
