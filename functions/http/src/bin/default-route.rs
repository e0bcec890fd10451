//! Requests that match no other route

fn main() -> std::process::ExitCode {
    let document = include_str!("../../openapi.json");
    taskbell_http::serve(&taskbell_http::Function::DEFAULT, taskbell_http::unmatched(document))
}
