//! `GET /v1/reports/{id}/file`

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use shared::{Code, Error, db::reports};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Bucket, Function, Problem,
    extract::{Authenticated, PathId},
    report_file::has_file,
};

pub(crate) const FUNCTION: Function = Function { reads: &[Bucket::Reports], ..Function::DEFAULT };

/// The size of the largest file, in bytes. The response of a function has at most 6 MB (AWS Lambda quotas), in which a
/// file takes a third more, in base64.
const MAX_BYTES: usize = 4_000_000;

/// Returns the file of a report that the caller requested.
///
/// For clients that may send requests to the API only, such as pages with a content security policy. It has at most
/// 4 MB; `download_url` of the report is a link to a file of any size.
#[utoipa::path(get, path = "/v1/reports/{id}/file", operation_id = "get-report-file", tag = "reports",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The file.", content_type = "application/octet-stream", body = serde_json::Value),
        (status = 409, description = "The report has no file, because it is not ready, failed or expired; or the file is too large.", body = Problem),
    ))]
pub(crate) async fn get_report_file(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<Response> {
    let report = reports::find(&mut *state.connection().await?, caller.id, id).await?;
    if !has_file(&report) {
        return Err(Error::conflict(Code::ReportHasNoFile, "The report is not ready, failed or has expired.").into());
    }
    let Some(file) = state.storage()?.get(&report.format.key(report.id), MAX_BYTES).await? else {
        let detail = "The file is too large for a response of the API: download it by the link in `download_url`.";
        return Err(Error::conflict(Code::ReportFileTooLarge, detail).into());
    };
    // Not as text, which the runtime would decode: it would leave out the byte order mark of a CSV file.
    let media_type = HeaderValue::from_static("application/octet-stream");
    let disposition = HeaderValue::try_from(file.disposition).map_err(Error::internal)?;
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], file.content).into_response())
}
