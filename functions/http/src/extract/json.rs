//! JSON bodies. They are validated against the schema in the OpenAPI document, which is the only description of what
//! is valid. All faults are reported at once (docs/adr/0004-the-schema-is-the-check.md).

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    extract::{FromRequest, OptionalFromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as Kind};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::{
    Code, Error, Fault,
    domain::{formats::FORMATS, text::compose_all},
};
use utoipa::ToSchema;

use crate::{ApiError, AppState, problem::MAX_FAULTS};

/// The maximum number of characters of a field name in an error.
const MAX_NAME: usize = 100;

/// A JSON body that matches the schema of `T`.
pub struct ValidJson<T> {
    /// The deserialized body.
    pub value: T,
    /// The SHA-256 digest of the bytes. It shows whether a repeated request is the same.
    pub digest: [u8; 32],
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest<AppState> for ValidJson<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        if !is_json(request.headers()) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let value = parse(&bytes).map_err(|error| ApiError::from(error).into_response())?;
        Ok(Self { value, digest: Sha256::digest(&bytes).into() })
    }
}

/// Extracts an optional body: `None` if the request has no body.
impl<T: DeserializeOwned + ToSchema + 'static> OptionalFromRequest<AppState> for ValidJson<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Option<Self>, Response> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::new(body), state).await.map_err(IntoResponse::into_response)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let request = Request::from_parts(parts, bytes.into());
        <Self as FromRequest<AppState>>::from_request(request, state).await.map(Some)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.eq_ignore_ascii_case("application/merge-patch+json")
}

fn parse<T: DeserializeOwned + ToSchema + 'static>(bytes: &[u8]) -> shared::Result<T> {
    let value = checked(bytes, TypeId::of::<T>(), schema::<T>)?;
    // The schema cannot express every rule, such as that a number has no decimal point.
    serde_json::from_value(value)
        .map_err(|_| Error::invalid("", "has a value that does not have the form in the document at /docs"))
}

/// Parses a body and validates it against the schema of a type. It is not generic, so that the validator is compiled
/// once, in this library, and not in each function.
fn checked(bytes: &[u8], of: TypeId, schema: fn() -> Value) -> shared::Result<Value> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
    compose_all(&mut value);
    let validator = validator(of, schema)?;
    if !validator.is_valid(&value) {
        shorten(&mut value);
        let mut faults: Vec<Fault> = validator.iter_errors(&value).flat_map(|error| faults_of(&error)).collect();
        faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        faults.dedup();
        return Err(Error::Invalid(Code::ValidationFailed, faults));
    }
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Error {
    let detail = if error.is_eof() {
        "The request body is not JSON: it ends too early.".into()
    } else {
        format!("The request body is not JSON: see line {}, column {}.", error.line(), error.column())
    };
    Error::bad_request(Code::MalformedJson, detail)
}

/// The number of items of an array that are searched for faults. It is one more than any schema allows, so an array
/// that is too long is still found to be too long. Searching all items that fit into a body would take seconds.
const ITEMS: usize = 201;

fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.truncate(ITEMS);
            items.iter_mut().for_each(shorten);
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

/// Returns the validator of a type, which is compiled at first use. A deployed function has one type; the server of
/// the tests has all of them.
fn validator(of: TypeId, schema: fn() -> Value) -> shared::Result<Arc<Validator>> {
    static COMPILED: Mutex<Option<HashMap<TypeId, Arc<Validator>>>> = Mutex::new(None);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = compiled.get_or_insert_default();
    if let Some(validator) = compiled.get(&of) {
        return Ok(Arc::clone(validator));
    }
    let validator = Arc::new(compile(&schema()).map_err(Error::internal)?);
    compiled.insert(of, Arc::clone(&validator));
    Ok(validator)
}

/// Returns the schema of a type, with the schemas that it refers to.
fn schema<T: ToSchema>() -> Value {
    let mut schema = json!(T::schema());
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    schema["components"] = json!({ "schemas": parts.into_iter().collect::<HashMap<_, _>>() });
    schema
}

fn compile(schema: &Value) -> anyhow::Result<Validator> {
    let mut options = jsonschema::draft202012::options().should_validate_formats(true);
    for format in FORMATS {
        options = options.with_format(format.name, format.check);
    }
    options.build(schema).map_err(|error| anyhow::anyhow!("the schema of the request body: {error}"))
}

/// Returns the faults of a validation error. They never contain values, which may be secret or long.
fn faults_of(error: &ValidationError<'_>) -> Vec<Fault> {
    let at = error.instance_path().as_str();
    let member = |name: &str, detail: &str| {
        let name: String = name.chars().take(MAX_NAME).collect();
        let name = name.replace('~', "~0").replace('/', "~1");
        Fault { pointer: format!("{at}/{name}"), detail: detail.into() }
    };
    let detail = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            return unexpected
                .iter()
                .take(MAX_FAULTS + 1)
                .map(|name| member(name, "is not a field of this request"))
                .collect();
        }
        Kind::Required { property } => return vec![member(property.as_str().unwrap_or_default(), "is required")],
        // For a value that may be null: reports the faults of the alternative that is not null.
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            let branch = context.iter().find(|branch| !branch.iter().any(is_not_null));
            return branch.into_iter().flatten().flat_map(faults_of).collect();
        }
        Kind::Type { kind } => format!("must be of type {}", type_names(kind)),
        Kind::Enum { options } => {
            let options = options.as_array().into_iter().flatten().filter_map(Value::as_str);
            format!("must be one of {}", options.collect::<Vec<_>>().join(", "))
        }
        Kind::MinLength { limit } => format!("must have at least {limit} character{}", plural(*limit)),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::MinProperties { limit } => format!("must have at least {limit} field{}", plural(*limit)),
        Kind::Pattern { pattern } => format!("must match {pattern}"),
        Kind::Format { format } => match FORMATS.iter().find(|known| known.name == format) {
            Some(known) => known.rule.into(),
            None => format!("must be a valid {format}"),
        },
        _ => "is not valid".into(),
    };
    vec![Fault { pointer: at.into(), detail }]
}

fn is_not_null(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Kind::Type { kind } if type_names(kind) == "null")
}

fn type_names(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(many) => {
            many.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Deserializes a field of a merge patch: `None` if it is absent, `Some(None)` if it is `null`.
pub fn double_option<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
