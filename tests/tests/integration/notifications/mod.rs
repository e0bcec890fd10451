//! From a change to a notification: the API, then the consumers of the queues, then the API again.

mod emails;
mod inbox;
mod links;
mod mentions;
mod mutes;
mod once;
mod outbox;
mod places;
mod preferences;
mod project_watchers;
mod pushes;
mod reasons;
mod recipients;
mod seq;
mod states;
mod stories;
mod team;
mod unsubscribe;
mod words;

use team::Team;
