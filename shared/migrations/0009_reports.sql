-- Reports that people ask for, and those that managers get each week.

CREATE TYPE report_kind AS ENUM ('workload', 'completion', 'overdue', 'activity');
CREATE TYPE report_format AS ENUM ('json', 'csv', 'xlsx');
CREATE TYPE report_status AS ENUM ('queued', 'running', 'ready', 'failed');

CREATE TABLE reports (
    id            uuid          PRIMARY KEY,
    user_id       uuid          NOT NULL REFERENCES users ON DELETE CASCADE, -- who asked: nobody else gets it
    kind          report_kind   NOT NULL,
    format        report_format NOT NULL,
    project_id    uuid          REFERENCES projects ON DELETE CASCADE,
    period_from   timestamptz   NOT NULL,
    period_to     timestamptz   NOT NULL,
    -- What the asker might see when they asked. What they may no longer see when it is made is left out as well.
    project_ids   uuid[],                  -- null: every project
    own_work      boolean       NOT NULL,  -- only what is theirs in them
    status        report_status NOT NULL DEFAULT 'queued',
    progress      smallint      NOT NULL DEFAULT 0, -- percent
    attempts      smallint      NOT NULL DEFAULT 0,
    claimed_until timestamptz,             -- somebody makes it, and gives up by then at the latest
    error         text,
    created_at    timestamptz   NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    expires_at    timestamptz,             -- of a finished one: when it is deleted, with its file
    CONSTRAINT reports_period CHECK (period_from < period_to)
);
CREATE INDEX reports_user ON reports (user_id, id);
CREATE INDEX reports_project ON reports (project_id) WHERE project_id IS NOT NULL; -- for the foreign key
CREATE INDEX reports_expired ON reports (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE report_subscriptions (
    id         uuid          PRIMARY KEY,
    user_id    uuid          NOT NULL REFERENCES users ON DELETE CASCADE,
    kind       report_kind   NOT NULL,
    format     report_format NOT NULL,
    project_id uuid          REFERENCES projects ON DELETE CASCADE,
    weekday    smallint      NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1 is Monday
    at         time          NOT NULL, -- a local time, in the person's time zone
    fire_at    timestamptz   NOT NULL, -- the next moment
    created_at timestamptz   NOT NULL DEFAULT now()
);
CREATE INDEX report_subscriptions_user ON report_subscriptions (user_id, id);
CREATE INDEX report_subscriptions_project ON report_subscriptions (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX report_subscriptions_fire ON report_subscriptions (fire_at);

ALTER TABLE outbox
    DROP CONSTRAINT outbox_queue_check,
    ADD CONSTRAINT outbox_queue_check CHECK (queue IN ('events', 'emails', 'reports'));

-- When somebody first began a task: cycle time counts from there, lead time from created_at.
ALTER TABLE tasks ADD COLUMN started_at timestamptz;
UPDATE tasks t SET started_at = begun.at
FROM (SELECT task_id, min(created_at) AS at FROM activity
      WHERE changes @> '[{"field": "status", "to": "in_progress"}]' GROUP BY task_id) begun
WHERE t.id = begun.task_id;
UPDATE tasks SET started_at = created_at WHERE status = 'in_progress' AND started_at IS NULL;
