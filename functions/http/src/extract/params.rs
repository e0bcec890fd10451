use std::collections::HashSet;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IntoDeserializer, value::StrDeserializer},
};
use shared::{Code, Error, db::page::PageRequest};
use utoipa::{
    IntoParams,
    openapi::{Required, path::Parameter},
};

use crate::{ApiError, AppState};

/// How many rows a page has unless the request says so.
const DEFAULT_LIMIT: u8 = 50;
/// How many rows a page has at most.
const MAX_LIMIT: u8 = 200;

/// The query string. A bad or unknown parameter answers 400.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + IntoParams> FromRequestParts<AppState> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query));
        match serde_path_to_error::deserialize(deserializer) {
            Ok(params) => Ok(Self(params)),
            Err(error) => {
                let detail = wrong_parameter(&T::into_params(|| None), query, &error.path().to_string());
                Err(Error::bad_request(Code::InvalidParameter, detail).into())
            }
        }
    }
}

/// Says what is wrong with a query string, and what is expected instead. `at` is the parameter that could not be read.
fn wrong_parameter(known: &[Parameter], query: &[u8], at: &str) -> String {
    let mut seen = HashSet::new();
    for (name, _) in form_urlencoded::parse(query) {
        if !known.iter().any(|parameter| parameter.name == name) {
            let names: Vec<_> = known.iter().map(|parameter| parameter.name.as_str()).collect();
            let name: String = name.chars().take(40).collect();
            return format!("{name} is not a parameter of this request; its parameters are {}.", names.join(", "));
        }
        if !seen.insert(name.clone()) {
            return format!("{name} is given twice.");
        }
    }
    let Some(parameter) = known.iter().find(|parameter| parameter.name == at) else {
        let required = known.iter().filter(|parameter| parameter.required == Required::True);
        let missing = required.map(|parameter| parameter.name.as_str()).find(|name| !seen.contains(*name));
        return missing.map_or("The query string could not be read.".into(), |name| format!("{name} is required."));
    };
    let schema = serde_json::to_value(&parameter.schema).unwrap_or_default();
    let is = |kind: &str| schema["type"] == kind || schema["type"][0] == kind;
    match (schema["format"].as_str(), schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some("date-time"), ..) => format!("{at} must be a time, as in 2026-01-31T09:00:00Z."),
        (Some("uuid"), ..) => format!("{at} must be an id."),
        (_, Some(least), Some(most)) => format!("{at} must be an integer from {least} to {most}."),
        _ if is("integer") => format!("{at} must be an integer."),
        _ if is("boolean") => format!("{at} must be true or false."),
        _ => format!("{at} has a wrong value. {}", parameter.description.as_deref().unwrap_or_default()),
    }
}

/// Ids in the path. What is no id names nothing, and answers 404.
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        Ok(Self(id))
    }
}

/// The parameters of a list that has no others.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u8>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageParams {
    /// The page that is asked for.
    pub fn request(self) -> shared::Result<PageRequest> {
        page_request(self.limit, self.cursor)
    }
}

/// Which page a request asks for, for lists with more parameters (`serde(flatten)` would let unknown ones through).
pub fn page_request(limit: Option<u8>, cursor: Option<String>) -> shared::Result<PageRequest> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Error::bad_request(Code::InvalidParameter, format!("limit must be from 1 to {MAX_LIMIT}.")));
    }
    Ok(PageRequest { limit, cursor })
}

/// A comma-separated list of values in one parameter.
#[derive(Debug)]
pub struct Csv<T>(pub Vec<T>);

impl<T> Default for Csv<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Csv<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let items = text.split(',').map(|item| {
            let item: StrDeserializer<'_, D::Error> = item.trim().into_deserializer();
            T::deserialize(item)
        });
        items.collect::<Result<_, _>>().map(Self)
    }
}
