pub use shared::db::outbox::Topic;

/// The resources of an endpoint's Lambda function.
///
/// Each handler's file declares one. `make generate` turns it into the function's row in `infra/http.yaml`, which
/// defines the memory of the function, its role, and its environment variables. A function fails to start if a
/// resource that it declares is not configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// The memory in MB. Lambda allocates CPU time in proportion to it, so functions that hash passwords need more.
    pub memory: u16,
    /// The maximum number of concurrent executions. `None` means that only the account's limit applies.
    pub concurrency: Option<u16>,
    /// The queues that the function sends to.
    pub sends: &'static [Topic],
    /// The secret keys that the function uses.
    pub keys: &'static [Key],
    /// The buckets that the function reads.
    pub reads: &'static [Bucket],
}

impl Function {
    /// The default: reads and writes the database, and sends no messages.
    pub const DEFAULT: Self = Self { memory: 256, concurrency: None, sends: &[], keys: &[], reads: &[] };
}

/// A secret key that only some functions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Signs access tokens.
    Signing,
    /// Derives the successors of refresh tokens.
    Refresh,
    /// Signs and verifies unsubscribe links.
    Unsubscribe,
}

/// A bucket that only some functions use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// The bucket of report files.
    Reports,
}
