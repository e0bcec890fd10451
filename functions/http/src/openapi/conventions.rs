//! What all operations have in common: the access token, headers, and error responses.
//!
//! An operation returns only statuses that are listed here or at its handler. `make contract` checks this for the
//! deployed system.

use std::collections::BTreeMap;

use serde::{
    Deserialize,
    de::{
        IntoDeserializer,
        value::{Error, StrDeserializer},
    },
};
use serde_json::Value;
use shared::Code;
use utoipa::openapi::{
    Array, Components, Content, Header, HeaderBuilder, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Response,
    ResponseBuilder, Schema, Server, Type,
    content::ContentBuilder,
    path::{Operation, Parameter, ParameterIn},
    request_body::RequestBody,
    schema::ArrayItems,
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

/// Resources that have a version, which is sent as their `ETag`.
const VERSIONED: [&str; 5] = ["Task", "Project", "Comment", "User", "Preferences"];

/// The properties of an operation that determine its error responses.
#[derive(Clone, Copy)]
struct OperationTraits<'a> {
    path: &'a str,
    operation: &'a Operation,
}

/// An error response.
struct ErrorResponse {
    status: &'static str,
    name: &'static str,
    description: &'static str,
    /// A header that the response has.
    header: Option<&'static str>,
    /// Returns whether an operation can return this response.
    applies: fn(OperationTraits<'_>) -> bool,
}

const ERRORS: [ErrorResponse; 10] = [
    ErrorResponse {
        status: "400",
        name: "NotUnderstood",
        description: "The body is not JSON, or a parameter is not valid.",
        header: None,
        applies: |traits| traits.body() || traits.query() || traits.header("Idempotency-Key"),
    },
    ErrorResponse {
        status: "401",
        name: "Unauthenticated",
        description: "The access token is missing, not valid or expired, or its session has ended.",
        header: Some("WWW-Authenticate"),
        applies: |traits| traits.token(),
    },
    ErrorResponse {
        status: "403",
        name: "Forbidden",
        description: "The caller may see the resource, but not do this.",
        header: None,
        applies: |_| false, // only where the handler lists it: its code decides
    },
    ErrorResponse {
        status: "404",
        name: "NotFound",
        description: "The resource does not exist, or the caller may not see it.",
        header: None,
        applies: |traits| traits.id(),
    },
    ErrorResponse {
        status: "412",
        name: "VersionMismatch",
        description: "`If-Match` names another version. `current` is the resource as it is now.",
        header: Some("ETag"),
        applies: |traits| traits.header("If-Match"),
    },
    ErrorResponse {
        status: "413",
        name: "TooLarge",
        description: "The body is larger than 256 KB.",
        header: None,
        applies: |traits| traits.body(),
    },
    ErrorResponse {
        status: "415",
        name: "NotJson",
        description: "The `Content-Type` is not JSON.",
        header: None,
        applies: |traits| traits.body(),
    },
    ErrorResponse {
        status: "422",
        name: "Invalid",
        description: "Fields are not valid. `errors` lists them.",
        header: None,
        applies: |traits| traits.body(),
    },
    ErrorResponse {
        status: "429",
        name: "TooManyRequests",
        description: "Too many requests. The gateway limits the requests of all clients together, and functions those of each caller.",
        header: Some("Retry-After"),
        applies: |_| true,
    },
    ErrorResponse {
        status: "503",
        name: "Unavailable",
        description: "A part of the service is not available, or the request took too long and was stopped. Try again later.",
        header: Some("Retry-After"),
        applies: |_| true,
    },
];

/// The headers of responses.
const HEADERS: [(&str, &str); 5] = [
    ("X-Request-Id", "The id of the request, which is also in the logs."),
    ("ETag", "The version of the resource, for `If-Match`."),
    ("Location", "The path of the new resource, or the address that a redirect leads to."),
    ("WWW-Authenticate", "Always `Bearer`."),
    ("Retry-After", "Seconds to wait before trying again."),
];

/// Adds what the operations have in common to the document.
pub(super) fn add_to(document: &mut OpenApi) {
    document.servers = Some(vec![Server::new("..")]); // relative to this document, which may be below a prefix
    document.security = Some(vec![SecurityRequirement::new("access_token", Vec::<String>::new())]);
    let components = document.components.get_or_insert_default();
    add_components(components);
    list_codes(components);
    name_items(components);
    for (path, item) in &mut document.paths.paths {
        for (reads, operation) in operations(item) {
            operation.parameters.iter_mut().flatten().for_each(describe);
            operation.request_body.iter_mut().for_each(remove_null);
            let traits = OperationTraits { path, operation };
            let errors: Vec<_> = ERRORS.iter().filter(|error| (error.applies)(traits)).collect();
            let creates = traits.header("Idempotency-Key");
            let responses = &mut operation.responses.responses;
            for error in errors {
                let said = RefOr::Ref(Ref::from_response_name(error.name));
                responses.entry(error.status.into()).or_insert(said);
            }
            for (status, response) in responses {
                if let Some(error) = ERRORS.iter().find(|error| error.status == status && has_no_description(response))
                {
                    *response = RefOr::Ref(Ref::from_response_name(error.name));
                }
                if let RefOr::T(response) = response {
                    if response.description.is_empty() {
                        response.description = default_description(status, reads).into();
                    }
                    complete(status, response, creates);
                }
            }
        }
    }
}

/// Returns the operations of a path, and whether each only reads.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    (0..).zip(all).filter_map(|(place, operation)| Some((place == 0, operation.as_mut()?)))
}

/// Returns whether a handler lists a response without describing it.
fn has_no_description(response: &RefOr<Response>) -> bool {
    matches!(response, RefOr::T(response) if response.description.is_empty() && response.content.is_empty())
}

/// Returns the description of a response that the handler does not describe.
fn default_description(status: &str, reads: bool) -> &'static str {
    match status {
        "200" if reads => "The body is the requested resource or list.",
        "200" => "Done. The body is the result.",
        "201" => "Created. The body is the new resource.",
        "202" => "Accepted. The work is done in the background.",
        "204" => "Done. There is no body.",
        _ => "",
    }
}

/// Removes `null` from the schema of a request body that is an `Option`: the body may be absent, but not null.
fn remove_null(body: &mut RefOr<RequestBody>) {
    let RefOr::T(body) = body else { return };
    for content in body.content.values_mut() {
        if let RefOr::T(Content { schema: Some(schema), .. }) = content
            && let RefOr::T(Schema::OneOf(either)) = schema
            && let Some(named) = either.items.iter().find(|either| matches!(either, RefOr::Ref(_)))
        {
            *schema = named.clone();
        }
    }
}

/// Gives the schemas of the rows of pages a name, like other schemas. utoipa repeats them in each page instead.
fn name_items(components: &mut Components) {
    let rows: Vec<String> =
        components.schemas.keys().filter_map(|name| name.strip_prefix("Page_")).map(Into::into).collect();
    for row in rows {
        if let Some(RefOr::T(Schema::Object(page))) = components.schemas.get_mut(&format!("Page_{row}"))
            && let Some(RefOr::T(Schema::Array(Array { items: ArrayItems::RefOrSchema(items), .. }))) =
                page.properties.get_mut("items")
            && matches!(**items, RefOr::T(_))
        {
            let written_out = std::mem::replace(&mut **items, RefOr::Ref(Ref::from_schema_name(&row)));
            components.schemas.entry(row).or_insert(written_out);
        }
    }
}

/// Describes the values of a header.
fn describe(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(parameter) = parameter else { return };
    let text = ObjectBuilder::new().schema_type(Type::String);
    let (text, description) = match parameter.name.as_str() {
        "Idempotency-Key" => {
            let text = text.min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]([ -~]*[!-~])?$"));
            (
                text,
                "Chosen by the client. A repeated request with the same key gets the same response and has no further effect.",
            )
        }
        "If-Match" => (
            text,
            "One or several values of `ETag`, or `*`. Fails with 412 unless the resource has one of these versions.",
        ),
        _ => return,
    };
    (parameter.schema, parameter.description) = (Some(text.into()), Some(description.into()));
}

impl<'a> OperationTraits<'a> {
    fn token(self) -> bool {
        self.operation.security.is_none()
    }

    fn id(self) -> bool {
        self.path.contains('{')
    }

    /// Operations without authentication that have a query are pages for people, which accept any query or show the
    /// error themselves.
    fn query(self) -> bool {
        self.token() && self.parameters().any(|parameter| parameter.parameter_in == ParameterIn::Query)
    }

    fn body(self) -> bool {
        self.operation.request_body.is_some()
    }

    fn header(self, name: &str) -> bool {
        self.parameters().any(|parameter| parameter.name == name)
    }

    fn parameters(self) -> impl Iterator<Item = &'a Parameter> {
        let all = self.operation.parameters.iter().flatten();
        all.filter_map(|parameter| if let RefOr::T(parameter) = parameter { Some(parameter) } else { None })
    }
}

fn add_components(components: &mut Components) {
    let token = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("access_token", SecurityScheme::Http(token));
    for (name, description) in HEADERS {
        components.headers.insert(name.into(), RefOr::T(header(description)));
    }
    for error in ERRORS {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response =
            ResponseBuilder::new().description(error.description).content("application/problem+json", problem);
        let mut response = response.build();
        for name in error.header.into_iter().chain(["X-Request-Id"]) {
            add_header(&mut response, name);
        }
        components.responses.insert(error.name.into(), RefOr::T(response));
    }
}

/// Adds the list of codes for each status.
fn list_codes(components: &mut Components) {
    let Some(RefOr::T(Schema::Object(schema))) = components.schemas.get_mut("Code") else { return };
    let mut codes: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for name in schema.enum_values.iter().flatten().filter_map(Value::as_str) {
        let code: Option<Code> = Code::deserialize(name.into_deserializer() as StrDeserializer<'_, Error>).ok();
        codes.entry(code.map_or(0, Code::status)).or_default().push(name);
    }
    let lines = codes.iter().map(|(status, names)| format!("\n- {status}: `{}`", names.join("`, `")));
    schema.description.get_or_insert_default().extend(std::iter::once("\n".to_owned()).chain(lines));
}

/// Returns a header that is always present, which utoipa cannot express.
fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let always = [("required", true)].into_iter().collect();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).extensions(Some(always)).build()
}

fn add_header(response: &mut Response, name: &str) {
    let known = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
    response.headers.entry(name.into()).or_insert(known);
}

/// Adds what the description of a handler leaves out: headers, and the media type of problems.
fn complete(status: &str, response: &mut Response, creates: bool) {
    for name in std::mem::take(&mut response.headers).into_keys() {
        add_header(response, &name);
    }
    add_header(response, "X-Request-Id");
    let schema = response.content.get("application/json").and_then(schema_name).unwrap_or_default().to_owned();
    if VERSIONED.contains(&schema.as_str()) {
        add_header(response, "ETag");
    }
    if creates && status.starts_with('2') {
        add_header(response, "Location");
    }
    let error = ERRORS.iter().find(|error| error.status == status);
    if let Some(name) = error.and_then(|error| error.header) {
        add_header(response, name);
    }
    if schema == "Problem"
        && let Some(content) = response.content.swap_remove("application/json")
    {
        response.content.insert("application/problem+json".into(), content);
    }
}

/// Returns the name of the schema of this content.
fn schema_name(content: &RefOr<Content>) -> Option<&str> {
    match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => schema.ref_location.rsplit('/').next(),
        _ => None,
    }
}
