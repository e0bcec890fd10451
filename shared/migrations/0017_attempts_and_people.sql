-- What is tried, counted before it is looked at, so that of many at once no more are looked at than may be
-- (docs/adr/0027-a-password-is-tried-so-often.md). It takes the place of `login_failures`, which nobody reads any more: a later migration
-- drops it.
CREATE TABLE attempts (
    kind     text        NOT NULL, -- what is tried: `log_in`, `change_password`
    who      text        NOT NULL, -- whose password: an address, whether an account has it or not; or a session
    source   text        NOT NULL, -- where from; '' counts all sources together
    attempts integer     NOT NULL,
    ends_at  timestamptz NOT NULL, -- from then on the count begins anew
    PRIMARY KEY (kind, who, source)
);
CREATE INDEX attempts_over ON attempts (ends_at); -- for clean-up

-- Where people logged in from: attempts from elsewhere do not keep them out there.
CREATE TABLE known_sources (
    user_id     uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    source      text        NOT NULL,
    known_until timestamptz NOT NULL,
    PRIMARY KEY (user_id, source)
);
CREATE INDEX known_sources_over ON known_sources (known_until); -- for clean-up

-- A mail for a new password that was ordered before this gives no link any more: the password was changed since, or the account deactivated.
ALTER TABLE users ADD COLUMN reset_links_void_at timestamptz;

-- People are found whatever the case and the accents: `roder` finds Röder. `unaccent` is STABLE, since its rules are a file that may
-- change; they do not while an index stands.
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(unaccent('unaccent'::regdictionary, normalize($1)));
CREATE INDEX users_folded ON users USING gin (folded(name || ' ' || email) gin_trgm_ops); -- the q of GET /v1/users
DROP INDEX users_search;
