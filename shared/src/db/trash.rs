//! The retention of the trash: thirty days.

use crate::{Code, Error};

/// Returns the error for something that has been in the trash for thirty days: `clean-up` may be about to delete parts
/// of it.
pub(super) fn expired() -> Error {
    Error::conflict(Code::TrashExpired, "It has been in the trash for thirty days, and is about to be deleted.")
}
