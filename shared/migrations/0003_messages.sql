-- What must leave the database, and the answers to requests that may be repeated.

-- Written in the transaction of the change it tells of. The function sends it after the commit and marks it; what was
-- left behind, relay-outbox sends. A crash at any line loses nothing; consumers cope with what comes twice.
CREATE TABLE outbox (
    id         uuid        PRIMARY KEY, -- the id of the event: consumers deduplicate by it
    queue      text        NOT NULL CHECK (queue IN ('events', 'emails')),
    payload    jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX outbox_unsent ON outbox (queue, id) WHERE sent_at IS NULL;

-- One row an e-mail, so that a message that is delivered twice sends one mail. It holds no secrets: send-email makes the
-- token of a link when it sends it.
CREATE TABLE emails (
    id         uuid        PRIMARY KEY, -- also the Message-ID
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    kind       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz,
    failed_at  timestamptz, -- refused for good by the server
    error      text
);
CREATE INDEX emails_user ON emails (user_id, kind, id);

-- Idempotency-Key: the answer to the first request, for 24 hours.
CREATE TABLE idempotency_keys (
    user_id      uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    key          text        NOT NULL,
    operation    text        NOT NULL, -- the key is good for one endpoint
    request_hash bytea       NOT NULL,
    status       smallint,   -- of the answer; null only inside the first request's transaction
    headers      jsonb,
    body         text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
