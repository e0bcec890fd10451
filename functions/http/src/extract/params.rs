use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IntoDeserializer, value::StrDeserializer},
};
use shared::{Error, db::page::PageRequest};
use utoipa::IntoParams;

use crate::{ApiError, AppState};

/// How many rows a page has unless the request says so.
const DEFAULT_LIMIT: u8 = 50;
/// How many rows a page has at most.
const MAX_LIMIT: u8 = 200;

/// The query string. A bad or unknown parameter answers 400.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Error::BadRequest(rejection.body_text()).into()),
        }
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
        return Err(Error::BadRequest(format!("limit must be from 1 to {MAX_LIMIT}.")));
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
