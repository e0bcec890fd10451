mod login;
mod me;
mod one_time_tokens;
mod password;
mod register;
mod sessions;
mod users;
