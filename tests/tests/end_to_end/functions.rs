//! Every deployed function starts and responds.

use reqwest::Method;
use serde_json::json;

use crate::support::Api;

#[tokio::test]
async fn every_operation_of_the_document_reaches_its_function() {
    let visitor = Api::visitor();
    let document = visitor.get("/v1/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let url = path.replace("{id}", "018f0000-0000-7000-8000-000000000000");
            let url = url.replace("{user_id}", "018f0000-0000-7000-8000-000000000000");
            let method: Method = method.to_uppercase().parse().unwrap();
            let body = json!({ "unknown": true });
            let answer = visitor.request(method, &url, operation.get("requestBody").map(|_| &body)).await;
            let is_open = operation.get("security").is_some();
            // Operations without authentication succeed, redirect to the client, or report what is wrong with the body or the
            // link. All others require a token.
            let expected: &[u16] = match (is_open, id) {
                (true, "unsubscribe-page") => &[303],
                (true, _) => &[200, 400, 422],
                _ => &[401],
            };
            assert!(expected.contains(&answer.status), "{id}: {} {}", answer.status, answer.body);
            assert!(!answer.header("x-request-id").is_empty(), "{id}");
            operations += 1;
        }
    }
    assert!(operations >= 52, "only {operations} operations");
}

#[tokio::test]
async fn health_reports_the_status_of_each_part() {
    let health = Api::visitor().get("/v1/health").await.expect(200);
    assert_eq!(health["status"], "ok");
    assert_eq!(health["checks"], json!({ "database": "ok", "cache": "ok" }));
}
