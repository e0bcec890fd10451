-- Who is told what: inboxes, what is in them, what each person wants, and mails that gather what happened to a task.

-- One row a person. Its lock orders what comes into the inbox: notifications become visible in the order of their seq, without
-- gaps; unread_count is kept under the same lock, and so is which mail is still open to gather more.
CREATE TABLE inboxes (
    user_id      uuid    PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    last_seq     bigint  NOT NULL DEFAULT 0,
    unread_count integer NOT NULL DEFAULT 0,
    held_seq     bigint  -- the first notification whose push quiet hours hold back
);

-- Titles and texts are kept as they were when it happened. Tasks, projects and actors are named without a foreign key: what was
-- told stays told when they go. Whether the reader may still see them is asked anew at each reading.
CREATE TABLE notifications (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    seq        bigint      NOT NULL, -- counts a person's notifications from 1
    event_id   uuid        NOT NULL, -- the outbox row that told of the change
    kind       text        NOT NULL,
    task_id    uuid,
    project_id uuid,
    actor_id   uuid,
    title      text        NOT NULL,
    body       text        NOT NULL,
    data       jsonb       NOT NULL DEFAULT '{}',
    push       text        NOT NULL CHECK (push IN ('now', 'held', 'off')), -- held by quiet hours, or not wanted
    email_id   uuid        REFERENCES emails ON DELETE SET NULL, -- the mail that tells of it
    read_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notifications_seq_key UNIQUE (user_id, seq),
    CONSTRAINT notifications_event_key UNIQUE (event_id, user_id) -- a change is told once, however often its message comes
);
CREATE INDEX notifications_unread ON notifications (user_id, seq) WHERE read_at IS NULL;
CREATE INDEX notifications_email ON notifications (email_id) WHERE email_id IS NOT NULL;

-- Notifications as their person may read them now: of a task or project that they may no longer see only the place and kind remain.
CREATE VIEW readable_notifications AS
SELECT n.id, n.user_id, n.seq, n.event_id, n.kind, n.push, n.email_id, n.read_at, n.created_at, v.visible,
       CASE WHEN v.visible THEN n.task_id END AS task_id,
       CASE WHEN v.visible THEN p.key || '-' || t.number END AS task_key,
       CASE WHEN v.visible THEN COALESCE(t.project_id, n.project_id) END AS project_id,
       CASE WHEN v.visible THEN n.actor_id END AS actor_id,
       CASE WHEN v.visible THEN n.title ELSE 'Something that you may no longer see' END AS title,
       CASE WHEN v.visible THEN n.body ELSE '' END AS body,
       CASE WHEN v.visible THEN n.data ELSE '{}' END AS data
FROM notifications n
JOIN users u ON u.id = n.user_id
LEFT JOIN tasks t ON t.id = n.task_id
LEFT JOIN projects p ON p.id = t.project_id
CROSS JOIN LATERAL (
    SELECT u.role = 'admin' OR COALESCE(t.project_id, n.project_id) IS NULL OR EXISTS (
        SELECT 1 FROM memberships m WHERE m.user_id = n.user_id AND m.project_id = COALESCE(t.project_id, n.project_id)
    ) AS visible) v;

-- What a person chose; nobody without a row chose anything. Kinds that are not in it are as by default, which the code knows.
CREATE TABLE notification_preferences (
    user_id          uuid     PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    kinds            jsonb    NOT NULL DEFAULT '{}', -- {kind: {push, email}}
    quiet_from       time,    -- local times, in the person's time zone
    quiet_to         time,
    daily_summary_at time,
    reminder_offsets text[]   NOT NULL, -- ISO 8601 durations before the deadline
    version          bigint   NOT NULL DEFAULT 1,
    CONSTRAINT notification_preferences_quiet CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);

-- A mail about a task gathers what happens until it is sent. Then it is sealed, and says the same at every try.
ALTER TABLE emails
    ADD COLUMN task_id   uuid,
    ADD COLUMN sealed_at timestamptz;
CREATE UNIQUE INDEX emails_gathering ON emails (user_id, task_id) WHERE task_id IS NOT NULL AND sealed_at IS NULL;

-- Permanent refusals by the mail server, counted since the last mail that was accepted: an address that keeps refusing gets no
-- notifications any more until it is confirmed anew.
ALTER TABLE users
    ADD COLUMN email_refusals   smallint NOT NULL DEFAULT 0,
    ADD COLUMN email_refusal    text,
    ADD COLUMN email_refused_at timestamptz;

-- A message may be meant for later; and it is finished when its consumer says so, not when the queue took it: what a queue lost
-- is sent again.
ALTER TABLE outbox
    ADD COLUMN due_at     timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN sends      smallint    NOT NULL DEFAULT 0,
    ADD COLUMN handled_at timestamptz;
UPDATE outbox SET handled_at = now() WHERE queue = 'events' OR sent_at IS NOT NULL; -- what was before this is not told
DROP INDEX outbox_unsent;
CREATE INDEX outbox_open ON outbox (queue, due_at) WHERE handled_at IS NULL;
