-- Inbox states, reasons, muted tasks and watched projects (docs/adr/0044-states-of-notifications.md).

-- A notification is in the inbox, archived, or snoozed. `inboxes.unread_count` counts the unread ones of the inbox.
ALTER TABLE notifications
    ADD COLUMN reason        text, -- why the person receives it; functions of the version before write none
    ADD COLUMN archived_at   timestamptz,
    ADD COLUMN snoozed_until timestamptz,
    ADD CONSTRAINT notifications_state CHECK (archived_at IS NULL OR (read_at IS NOT NULL AND snoozed_until IS NULL));

CREATE INDEX notifications_inbox    ON notifications (user_id, seq) WHERE archived_at IS NULL AND snoozed_until IS NULL;
CREATE INDEX notifications_archived ON notifications (user_id, seq) WHERE archived_at IS NOT NULL;
CREATE INDEX notifications_snoozed  ON notifications (user_id, seq) WHERE snoozed_until IS NOT NULL;
-- As in 0004_notifications.sql, with the new columns at the end.
CREATE OR REPLACE VIEW readable_notifications AS
SELECT n.id, n.user_id, n.seq, n.event_id, n.kind, n.push, n.email_id, n.read_at, n.created_at, v.visible,
       CASE WHEN v.visible THEN n.task_id END AS task_id,
       CASE WHEN v.visible THEN p.key || '-' || t.number END AS task_key,
       CASE WHEN v.visible THEN COALESCE(t.project_id, n.project_id) END AS project_id,
       CASE WHEN v.visible THEN n.actor_id END AS actor_id,
       CASE WHEN v.visible THEN n.title ELSE 'Something that you may no longer see' END AS title,
       CASE WHEN v.visible THEN n.body ELSE '' END AS body,
       CASE WHEN v.visible THEN n.data ELSE '{}' END AS data,
       n.archived_at, n.snoozed_until,
       CASE WHEN v.visible THEN n.reason END AS reason
FROM notifications n
JOIN users u ON u.id = n.user_id
LEFT JOIN tasks t ON t.id = n.task_id
LEFT JOIN projects p ON p.id = t.project_id
CROSS JOIN LATERAL (
    SELECT u.role = 'admin' OR COALESCE(t.project_id, n.project_id) IS NULL OR EXISTS (
        SELECT 1 FROM memberships m WHERE m.user_id = n.user_id AND m.project_id = COALESCE(t.project_id, n.project_id)
    ) AS visible) v;

-- Who wants to hear no more of a task. A row of someone who no longer sees the task has no effect.
CREATE TABLE task_mutes (
    task_id  uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id  uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    muted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id, user_id)
);
CREATE INDEX task_mutes_user ON task_mutes (user_id);

-- Who is told of everything that happens to the tasks of a project.
CREATE TABLE project_watchers (
    project_id uuid        NOT NULL REFERENCES projects ON DELETE CASCADE,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    added_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_watchers_user ON project_watchers (user_id);
