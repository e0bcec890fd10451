-- When somebody gets the next daily summary. A row for everybody whose preferences want one.
CREATE TABLE summaries (
    user_id  uuid        PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    fire_at  timestamptz NOT NULL,
    sent_at  timestamptz NOT NULL DEFAULT now(), -- what is told begins there
    last_seq bigint      NOT NULL DEFAULT 0      -- the newest notification that the last one looked at
);
CREATE INDEX summaries_fire ON summaries (fire_at);

-- Whom it is past for today, it is for tomorrow.
INSERT INTO summaries (user_id, fire_at, last_seq)
SELECT u.id, CASE WHEN today > now() THEN today ELSE today + interval '1 day' END, COALESCE(i.last_seq, 0)
FROM users u LEFT JOIN inboxes i ON i.user_id = u.id LEFT JOIN notification_preferences p ON p.user_id = u.id
     CROSS JOIN LATERAL (
         SELECT ((now() AT TIME ZONE u.time_zone)::date + CASE WHEN p.user_id IS NULL THEN time '08:00' ELSE p.daily_summary_at END)
                AT TIME ZONE u.time_zone) AS t (today)
WHERE today IS NOT NULL;

-- "Done by my team since yesterday" asks for what was completed in a project.
CREATE INDEX tasks_project_completed ON tasks (project_id, completed_at) WHERE completed_at IS NOT NULL AND deleted_at IS NULL;

-- Where what the mail of a summary tells begins.
ALTER TABLE emails
    ADD COLUMN since     timestamptz,
    ADD COLUMN since_seq bigint;
