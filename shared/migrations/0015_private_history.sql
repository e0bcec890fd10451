-- What was said of a task while it was in an Inbox stays its owner's when the task moves on: such a comment or entry is shown to nobody
-- else. It names a person without a foreign key, so that the large tables need not be read to add it.
ALTER TABLE comments ADD COLUMN private_to uuid;
ALTER TABLE activity ADD COLUMN private_to uuid;

-- Of tasks that have moved on: whatever is older than a move out of an Inbox, and younger than the move before it.
WITH moved AS (
    SELECT a.id, a.task_id, (c->>'from')::uuid AS project_id,
           lag(a.id) OVER (PARTITION BY a.task_id ORDER BY a.id) AS since
    FROM activity a CROSS JOIN LATERAL jsonb_array_elements(a.changes) c
    WHERE a.kind = 'moved' AND c->>'field' = 'project_id'),
left_inbox AS (
    SELECT m.task_id, m.id AS until, p.owner_id, m.since
    FROM moved m JOIN projects p ON p.id = m.project_id AND p.personal),
said AS (
    UPDATE comments c SET private_to = l.owner_id FROM left_inbox l
    WHERE c.task_id = l.task_id AND c.id < l.until AND (l.since IS NULL OR c.id > l.since))
UPDATE activity a SET private_to = l.owner_id FROM left_inbox l
WHERE a.task_id = l.task_id AND a.id < l.until AND (l.since IS NULL OR a.id >= l.since);

-- What else such a move changed is shown, but not what it was in the Inbox.
UPDATE activity a SET changes = (
    SELECT jsonb_agg(CASE WHEN c->>'field' IN ('project_id', 'parent_id', 'assignee_id') THEN c ELSE c || '{"from": null}' END ORDER BY place)
    FROM jsonb_array_elements(a.changes) WITH ORDINALITY AS change (c, place))
WHERE kind = 'moved' AND jsonb_array_length(changes) > 1 AND EXISTS (
    SELECT 1 FROM jsonb_array_elements(a.changes) c JOIN projects p ON p.id = (c->>'from')::uuid AND p.personal
    WHERE c->>'field' = 'project_id');

-- What somebody watches: they cease to when they are no administrator any more.
CREATE INDEX watchers_user ON watchers (user_id);
