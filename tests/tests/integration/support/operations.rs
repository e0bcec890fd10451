//! The operations of the OpenAPI document. Tests iterate over them, so that none is forgotten.

use std::{collections::BTreeSet, sync::OnceLock};

use serde_json::Value;

/// An operation of the document.
#[derive(Clone)]
pub(crate) struct Operation {
    /// The `operationId`, which is the function's name.
    pub(crate) name: String,
    /// In upper case.
    pub(crate) method: String,
    /// With its parameters in braces.
    pub(crate) path: String,
    /// Whether it needs no token.
    pub(crate) open: bool,
    pub(crate) takes_body: bool,
    /// Whether it takes a body and may be sent without one.
    pub(crate) body_is_optional: bool,
    pub(crate) query: Vec<String>,
    /// The statuses that it may answer with.
    pub(crate) statuses: BTreeSet<u16>,
}

impl Operation {
    /// Returns the operation of a request, if there is one.
    pub(crate) fn of(method: &str, path: &str) -> Option<&'static Self> {
        static ALL: OnceLock<Vec<Operation>> = OnceLock::new();
        let path = path.split('?').next().unwrap_or_default();
        let fits = |operation: &&Self| {
            let segments = operation.path.split('/').zip(path.split('/'));
            operation.method == method
                && operation.path.split('/').count() == path.split('/').count()
                && segments.clone().all(|(known, given)| known == given || known.starts_with('{'))
        };
        // The one with the fewest parameters: `/v1/users/me` is not `/v1/users/{id}`.
        ALL.get_or_init(operations).iter().filter(fits).min_by_key(|operation| operation.path.matches('{').count())
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(taskbell_tests::openapi::document()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
            let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
            operations.push(Operation {
                name: operation["operationId"].as_str().unwrap().into(),
                method: method.to_uppercase(),
                path: path.clone(),
                open: is_open(&operation["security"]),
                takes_body: operation["requestBody"].is_object(),
                body_is_optional: operation["requestBody"].is_object() && operation["requestBody"]["required"] != true,
                query: query.map(|parameter| parameter["name"].as_str().unwrap().into()).collect(),
                statuses: operation["responses"].as_object().unwrap().keys().map(|key| key.parse().unwrap()).collect(),
            });
        }
    }
    operations
}

fn is_open(security: &Value) -> bool {
    security.as_array().is_some_and(|schemes| schemes.iter().all(|scheme| scheme.as_object().unwrap().is_empty()))
}
