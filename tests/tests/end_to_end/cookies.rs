//! A browser's session, whose tokens are cookies.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, PASSWORD, variable};

/// A tab of a browser. It keeps cookies as a browser does, but other tabs do not see them at once.
#[derive(Clone)]
struct Tab {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Tab {
    fn new() -> Self {
        Self { http: reqwest::Client::new(), cookies: BTreeMap::new() }
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", variable("TASKBELL_API")));
        request = request.header("Taskbell-Session", "cookie");
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("Cookie", pairs.join("; "));
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = Answer::try_read(request.send().await.unwrap()).await.unwrap();
        for cookie in answer.headers.get_all("set-cookie") {
            let mut attributes = cookie.to_str().unwrap().split("; ");
            let (name, value) = attributes.next().unwrap().split_once('=').unwrap();
            let attributes: Vec<_> = attributes.collect();
            assert!(attributes.contains(&"HttpOnly") && attributes.contains(&"SameSite=Strict"), "{attributes:?}");
            if attributes.contains(&"Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        answer
    }
}

#[tokio::test]
async fn two_tabs_share_a_session_until_one_logs_out() {
    let (_, registered) = Api::register("Tabitha").await;
    let credentials = json!({ "email": registered["user"]["email"], "password": PASSWORD });
    let mut tab = Tab::new();
    let logged_in = tab.send(Method::POST, "/v1/auth/login", Some(credentials.clone())).await.expect(200);
    assert_eq!(logged_in.get("access_token"), None);
    assert_eq!(tab.cookies.len(), 2, "{:?}", tab.cookies);
    tab.send(Method::GET, "/v1/users/me", None).await.expect(200);

    let mut other = tab.clone();
    let (one, two) = tokio::join!(
        tab.send(Method::POST, "/v1/auth/refresh", None),
        other.send(Method::POST, "/v1/auth/refresh", None)
    );
    assert_eq!((one.status, two.status), (200, 200), "{} {}", one.body, two.body);
    let refresh = |tab: &Tab| tab.cookies.iter().find(|(name, _)| name.contains("refresh")).unwrap().1.clone();
    assert_eq!(refresh(&tab), refresh(&other));

    // Another session of the same person ends by itself.
    let mut phone = Tab::new();
    phone.send(Method::POST, "/v1/auth/login", Some(credentials)).await.expect(200);
    tab.send(Method::POST, "/v1/auth/logout", None).await.expect(204);
    assert_eq!(tab.cookies, BTreeMap::new());
    other.send(Method::GET, "/v1/users/me", None).await.expect(401);
    other.send(Method::POST, "/v1/auth/refresh", None).await.expect(401);
    phone.send(Method::GET, "/v1/users/me", None).await.expect(200);
}
