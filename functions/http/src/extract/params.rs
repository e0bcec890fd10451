use std::{borrow::Cow, collections::HashSet};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer},
};
use shared::{
    Code, Error,
    db::page::PageRequest,
    domain::{
        formats,
        text::{compose, is_composed},
    },
};
use utoipa::{
    IntoParams,
    openapi::{Required, path::Parameter},
};

use crate::{ApiError, AppState};

/// The default number of items on a page.
const DEFAULT_LIMIT: u8 = 50;
/// The maximum number of items on a page.
const MAX_LIMIT: u8 = 200;

/// The query string. Fails with 400 if a parameter is unknown or not valid.
pub struct QueryParams<T>(pub T);

impl<T: DeserializeOwned + IntoParams> FromRequestParts<AppState> for QueryParams<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let query = composed(parts.uri.query().unwrap_or_default());
        let query = query.as_bytes();
        let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query));
        match serde_path_to_error::deserialize(deserializer) {
            Ok(params) => Ok(Self(params)),
            Err(error) => {
                let (at, said) = (error.path().to_string(), error.inner().to_string());
                let detail = wrong_parameter(&T::into_params(|| None), query, &at, &said);
                Err(Error::bad_request(Code::InvalidParameter, detail).into())
            }
        }
    }
}

/// Returns a message that says what is wrong with a query string and what is expected. `at` is the parameter that
/// could not be read, and `said` the reason.
fn wrong_parameter(known: &[Parameter], query: &[u8], at: &str, said: &str) -> String {
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
        _ if LIST_FAULTS.iter().any(|fault| said.starts_with(fault)) => format!("{at} {said}."),
        _ => format!("{at} has a wrong value. {}", parameter.description.as_deref().unwrap_or_default()),
    }
}

/// Returns a query string with all values normalized to NFC, as in bodies.
fn composed(query: &str) -> Cow<'_, str> {
    let parse = || form_urlencoded::parse(query.as_bytes());
    if !query.contains('%') || parse().all(|(_, value)| is_composed(&value)) {
        return query.into();
    }
    let pairs = parse().map(|(name, value)| (name, compose(value.into_owned())));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into()
}

/// Deserializes a time. Fails if the database or JSON cannot represent it.
pub fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = formats::instant(&text);
    time.map(Some).ok_or_else(|| de::Error::custom("not a time"))
}

/// Ids in the path. Fails with 404 if one is not an id, because no resource can have it.
pub struct PathId<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        Ok(Self(id))
    }
}

/// The parameters of a list that has only these.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// The number of items, from 1 to 200. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u8>,
    /// The `next_cursor` of the previous page.
    pub cursor: Option<String>,
}

impl PageParams {
    /// Returns the requested page. Fails if `limit` is out of range.
    pub fn request(self) -> shared::Result<PageRequest> {
        page_request(self.limit, self.cursor)
    }
}

/// Returns the requested page of a list with more parameters, where `serde(flatten)` would accept unknown parameters.
/// Fails if `limit` is out of range.
pub fn page_request(limit: Option<u8>, cursor: Option<String>) -> shared::Result<PageRequest> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Error::bad_request(Code::InvalidParameter, format!("limit must be from 1 to {MAX_LIMIT}.")));
    }
    Ok(PageRequest { limit, cursor })
}

/// The beginnings of the messages of [`split`].
const LIST_FAULTS: [&str; 3] = ["must be a list of at most", "needs a comma", "has a quote"];

/// A comma-separated list of at most `MAX` values in one parameter. A value in double quotes may contain commas, as in
/// `"rock, paper"`; a quote inside is doubled. Spaces around values are ignored.
#[derive(Debug)]
pub struct Csv<T, const MAX: usize = 50>(pub Vec<T>);

impl<T, const MAX: usize> Default for Csv<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq, const MAX: usize> Csv<T, MAX> {
    /// Returns the values without duplicates, in their order.
    pub fn distinct(self) -> Vec<T> {
        let mut values = Vec::with_capacity(self.0.len());
        for value in self.0 {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }
}

impl<'de, T: DeserializeOwned, const MAX: usize> Deserialize<'de> for Csv<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = split(&String::deserialize(deserializer)?, MAX).map_err(de::Error::custom)?;
        let values = values.into_iter().map(|value| T::deserialize(value.into_deserializer()));
        values.collect::<Result<_, _>>().map(Self)
    }
}

/// Splits a list into its values. Fails with a text that says what is wrong.
fn split(text: &str, most: usize) -> Result<Vec<String>, String> {
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        if values.len() == most {
            return Err(format!("must be a list of at most {most} values"));
        }
        let (value, end) = if let Some(quoted) = rest.trim_start().strip_prefix('"') {
            unquote(quoted)?
        } else {
            let (value, end) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            (value.trim().to_owned(), end)
        };
        values.push(value);
        match end.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(values),
        }
    }
}

/// Reads a value after its opening quote. Returns it, and the rest of the text from the comma on.
fn unquote(text: &str) -> Result<(String, &str), String> {
    let (mut value, mut rest) = (String::new(), text);
    while let Some((part, after)) = rest.split_once('"') {
        value.push_str(part);
        let Some(more) = after.strip_prefix('"') else {
            let end = after.trim_start();
            let ends = end.is_empty() || end.starts_with(',');
            return ends.then_some((value, end)).ok_or_else(|| "needs a comma after a value in quotes".into());
        };
        value.push('"');
        rest = more;
    }
    Err("has a quote that is not closed: put a quote before and after the value, and double the quotes inside".into())
}

/// The maximum number of words in a search text.
const MAX_WORDS: usize = 8;
/// The maximum number of characters in a search text.
const MAX_SEARCH: usize = 200;

/// Returns the search text, or `None` if it is blank. Fails if it has too many characters or words.
pub fn search_text(q: Option<String>) -> shared::Result<Option<String>> {
    let Some(q) = q.filter(|q| !q.trim().is_empty()) else { return Ok(None) };
    if q.chars().count() > MAX_SEARCH {
        return Err(Error::bad_request(
            Code::InvalidParameter,
            format!("q must have at most {MAX_SEARCH} characters."),
        ));
    }
    if q.split_whitespace().count() > MAX_WORDS {
        return Err(Error::bad_request(Code::InvalidParameter, format!("q must have at most {MAX_WORDS} words.")));
    }
    Ok(Some(q))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        split(text, 50).unwrap()
    }

    #[test]
    fn a_value_in_quotes_is_taken_whole() {
        assert_eq!(values("a, b ,c"), ["a", "b", "c"]);
        assert_eq!(values(r#""rock, paper""#), ["rock, paper"]);
        assert_eq!(values(r#"a, " b " ,"c""#), ["a", " b ", "c"]);
        assert_eq!(values(r#""say ""hi"", twice","""""#), [r#"say "hi", twice"#, "\""]);
        assert_eq!(values(r#"5" disk,"""#), [r#"5" disk"#, ""]);
        assert_eq!(values(""), [""]);
        assert_eq!(values("a,,"), ["a", "", ""]);
        for bad in [r#"""#, r#""a"#, r#""a"""#, r#""a"b"#, r#""a" b,c"#] {
            let fault = split(bad, 50).unwrap_err();
            assert!(LIST_FAULTS.iter().any(|known| fault.starts_with(known)), "{bad}: {fault}");
        }
    }

    #[test]
    fn a_list_has_a_maximum_number_of_values() {
        let list = |length: usize| vec!["\"x\""; length].join(",");
        assert_eq!(values(&list(50)).len(), 50);
        assert_eq!(split(&list(51), 50).unwrap_err(), "must be a list of at most 50 values");
    }
}
