pub use shared::db::outbox::Topic;

/// What an endpoint's Lambda function is deployed with.
///
/// Stands at the handler. `make generate` makes of it the function's row in `infra/http.yaml`, which gives the function its
/// memory, a role that allows this, and its part of the environment. A function does not start without what it names
/// here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Memory in MB. Lambda gives processor time in proportion to it, so hashing a password needs more.
    pub memory: u16,
    /// How many run at once at most. `None`: as many as the account allows.
    pub concurrency: Option<u16>,
    /// The queues that it sends to.
    pub sends: &'static [Topic],
    /// The secret keys that it uses.
    pub keys: &'static [Key],
    /// The buckets that it reads.
    pub reads: &'static [Bucket],
}

impl Function {
    /// Reads and writes the database, and sends nothing.
    pub const DEFAULT: Self = Self { memory: 256, concurrency: None, sends: &[], keys: &[], reads: &[] };
}

/// A secret key that only some functions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Signs access tokens.
    Signing,
    /// Signs and verifies the links that unsubscribe.
    Unsubscribe,
}

/// A bucket that only some functions use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// The files of reports.
    Reports,
}
