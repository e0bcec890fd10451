//! What fits no other route

fn main() -> std::process::ExitCode {
    taskbell_http::service::unmatched::run()
}
