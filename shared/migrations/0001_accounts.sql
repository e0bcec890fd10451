-- People, where they are logged in, and the secrets they were sent.
-- Ids are UUIDv7, made by the application: they sort by time, so that new rows land at the end of an index.
-- Tokens are kept as SHA-256 hashes only: someone who reads the database cannot use them.

CREATE EXTENSION IF NOT EXISTS pg_trgm; -- substring search over people

-- Declared from the least to the most powerful, so that roles compare.
CREATE TYPE user_role AS ENUM ('user', 'manager', 'admin');

CREATE TABLE users (
    id                uuid        PRIMARY KEY,
    email             text        NOT NULL, -- normalised: trimmed, lower case
    name              text        NOT NULL,
    password_hash     text        NOT NULL, -- PHC string, Argon2id
    role              user_role   NOT NULL DEFAULT 'user',
    time_zone         text        NOT NULL DEFAULT 'UTC', -- IANA name
    active            boolean     NOT NULL DEFAULT true,
    email_verified_at timestamptz,
    version           bigint      NOT NULL DEFAULT 1, -- the ETag
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_key UNIQUE (email)
);
CREATE INDEX users_name_id ON users (lower(name), id);                                        -- the order of GET /v1/users
CREATE INDEX users_search ON users USING gin ((lower(name) || ' ' || email) gin_trgm_ops);   -- its q
CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND active;                      -- is this the last one?

-- A session is a refresh-token family: one log-in on one device. A revoked session's access tokens stop working at once.
CREATE TABLE sessions (
    id           uuid        PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    user_agent   text        NOT NULL,
    ip_address   text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL, -- moves on with every refresh
    revoked_at   timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id, id) WHERE revoked_at IS NULL;

-- A spent token stays until its session goes, so that its reuse is noticed.
CREATE TABLE refresh_tokens (
    hash       bytea       PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    spent_at   timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TYPE one_time_purpose AS ENUM ('verify_email', 'reset_password');

-- Sent by mail, good for one use: the row is deleted when it is used.
CREATE TABLE one_time_tokens (
    hash       bytea            PRIMARY KEY,
    user_id    uuid             NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose    one_time_purpose NOT NULL,
    created_at timestamptz      NOT NULL DEFAULT now(),
    expires_at timestamptz      NOT NULL
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id, purpose);

-- Failed log-ins by address, whether an account has that address or not: a lock-out must not tell which do.
CREATE TABLE login_failures (
    email          text        PRIMARY KEY,
    failures       integer     NOT NULL,
    last_failed_at timestamptz NOT NULL,
    locked_until   timestamptz
);
