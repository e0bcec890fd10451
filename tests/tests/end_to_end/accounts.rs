//! E-mails and the links in them.

use serde_json::json;

use crate::support::{Api, mails_to, token_in};

#[tokio::test]
async fn registering_sends_a_link_that_confirms_the_address() {
    let (ann, registered) = Api::register("Ann").await;
    let address = registered["user"]["email"].as_str().unwrap();
    assert_eq!(registered["user"]["email_verified"], false);

    let mails = mails_to(address, 1).await;
    assert_eq!(mails[0]["subject"], "Confirm your e-mail address");
    let token = token_in(&mails[0]);
    let link = format!("/verify-email?token={token}");
    assert!(mails[0]["html"].as_str().unwrap().contains(&link), "{}", mails[0]["html"]);
    ann.post("/v1/auth/email/verify", &json!({ "token": token })).await.expect(204);
    assert_eq!(ann.get("/v1/users/me").await.expect(200)["email_verified"], true);
    ann.post("/v1/auth/email/verify", &json!({ "token": token })).await.expect(422);
}

#[tokio::test]
async fn a_password_reset_by_email_ends_every_session() {
    let (ann, registered) = Api::register("Bea").await;
    let address = registered["user"]["email"].as_str().unwrap();
    ann.post("/v1/auth/password/forgot", &json!({ "email": address })).await.expect(202);
    let mails = mails_to(address, 2).await;
    let mail = mails.iter().find(|mail| mail["subject"] == "Choose a new password").unwrap();
    let reset = json!({ "token": token_in(mail), "password": "another horse" });
    ann.post("/v1/auth/password/reset", &reset).await.expect(204);
    ann.get("/v1/users/me").await.expect(401);
    ann.post("/v1/auth/login", &json!({ "email": address, "password": "correct horse" })).await.expect(401);
    Api::login(address, "another horse").await.get("/v1/users/me").await.expect(200);
}

#[tokio::test]
async fn the_documentation_is_served() {
    let answer = Api::visitor().get("/docs").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    let html = answer.body.as_str().unwrap();
    assert!(html.contains("</html>"));
    for elsewhere in ["src=\"http", "href=\"http://", "@import"] {
        assert!(!html.contains(elsewhere), "it loads something from elsewhere: {elsewhere}");
    }
}

#[tokio::test]
async fn a_deactivated_user_is_rejected_by_every_function_at_once() {
    let (admin, (fay, registered)) = (Api::admin().await, Api::register("Fay").await);
    let paths = ["/v1/users/me", "/v1/tasks", "/v1/projects"];
    for path in paths {
        fay.get(path).await.expect(200);
    }
    let account = format!("/v1/users/{}", registered["user"]["id"].as_str().unwrap());
    let off = admin.request(reqwest::Method::PATCH, &account, Some(&json!({ "active": false }))).await.expect(200);
    assert_eq!(off["active"], false);
    for path in paths {
        fay.get(path).await.expect(401);
    }
}
