pub(crate) mod get_preferences;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod set_preferences;
pub(crate) mod unsubscribe;
pub(crate) mod unsubscribe_page;
