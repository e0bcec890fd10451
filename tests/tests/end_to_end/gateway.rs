//! Features of the gateway: unmatched routes, CORS, and bodies of any content type.

use serde_json::json;

use crate::support::{Api, variable};

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_return_problems() {
    let visitor = Api::visitor();
    let unknown = visitor.get("/v1/nothing").await;
    assert_eq!(unknown.header("content-type"), "application/problem+json");
    assert_eq!(unknown.body["instance"], unknown.header("x-request-id"));
    unknown.expect(404);

    let wrong = visitor.request(reqwest::Method::DELETE, "/v1/tasks", None).await;
    assert_eq!(wrong.header("content-type"), "application/problem+json");
    let mut allow: Vec<&str> = wrong.header("allow").split(", ").collect();
    allow.sort_unstable();
    assert_eq!(allow, ["GET", "POST"]);
    wrong.expect(405);
}

#[tokio::test]
async fn only_a_configured_origin_is_allowed_by_cors() {
    let http = reqwest::Client::new();
    let preflight = |origin: &'static str| {
        http.request(reqwest::Method::OPTIONS, format!("{}/v1/tasks", variable("TASKBELL_API")))
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "authorization,content-type,if-match")
            .send()
    };
    let allowed = preflight("http://localhost:5173").await.unwrap();
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://localhost:5173");
    assert!(allowed.headers()["access-control-allow-methods"].to_str().unwrap().contains("PATCH"));
    let other = preflight("https://elsewhere.example").await.unwrap();
    assert!(!other.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_merge_patch_passes_through_the_gateway_unchanged() {
    let (ann, registered) = Api::register("Cleo").await;
    let token = registered["access_token"].as_str().unwrap();
    let task = ann.post("/v1/tasks", &json!({ "title": "Écrire à 山田 🎉" })).await.expect(201);
    let url = format!("{}/v1/tasks/{}", variable("TASKBELL_API"), task["key"].as_str().unwrap());
    let patched = reqwest::Client::new()
        .patch(url)
        .bearer_auth(token)
        .header("content-type", "application/merge-patch+json")
        .header("if-match", "\"1\"")
        .body(r#"{"priority": "high"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!((patched.status().as_u16(), &patched.headers()["etag"]), (200, &"\"2\"".parse().unwrap()));
    let task = ann.get(&format!("/v1/tasks/{}", task["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&task["title"], &task["priority"]), (&json!("Écrire à 山田 🎉"), &json!("high")));
}
