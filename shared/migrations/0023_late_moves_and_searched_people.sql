-- While 0015 was being deployed, functions of the previous deployment still moved tasks out of an Inbox and did not mark the history of
-- these tasks as private. Does once more what 0015 does, for those tasks.
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
    WHERE c.task_id = l.task_id AND c.id < l.until AND (l.since IS NULL OR c.id > l.since) AND c.private_to IS NULL)
UPDATE activity a SET private_to = l.owner_id FROM left_inbox l
WHERE a.task_id = l.task_id AND a.id < l.until AND (l.since IS NULL OR a.id >= l.since) AND a.private_to IS NULL;
UPDATE activity a SET changes = (
    SELECT jsonb_agg(CASE WHEN c->>'field' IN ('project_id', 'parent_id', 'assignee_id') THEN c ELSE c || '{"from": null}' END ORDER BY place)
    FROM jsonb_array_elements(a.changes) WITH ORDINALITY AS change (c, place))
WHERE kind = 'moved' AND jsonb_array_length(changes) > 1 AND EXISTS (
    SELECT 1 FROM jsonb_array_elements(a.changes) c JOIN projects p ON p.id = (c->>'from')::uuid AND p.personal
    WHERE c->>'field' = 'project_id');

-- What the q of GET /v1/users is looked for in, kept, since folding 100,000 names for a letter that nobody has takes most of a second.
ALTER TABLE users ADD COLUMN searched text NOT NULL GENERATED ALWAYS AS (folded(name || ' ' || email)) STORED;
CREATE INDEX users_searched ON users USING gin (searched gin_trgm_ops);
DROP INDEX users_folded;

-- Whether a report is visible is asked once a report, not for each column that depends on it.
CREATE OR REPLACE VIEW readable_reports AS
SELECT r.id, r.user_id, r.kind, r.format, r.project_id, r.period_from, r.period_to, r.progress, r.created_at, r.finished_at,
       r.expires_at,
       CASE WHEN r.status = 'ready' AND NOT v.visible THEN 'failed' ELSE r.status END AS status,
       CASE WHEN r.status = 'ready' AND NOT v.visible
            THEN 'You may no longer see all that is in it. Ask for it again.' ELSE r.error END AS error
FROM reports r
JOIN users u ON u.id = r.user_id
CROSS JOIN LATERAL (
    SELECT u.role = 'admin' OR r.project_ids IS NOT NULL AND NOT EXISTS (
        SELECT unnest(r.project_ids)
        EXCEPT
        SELECT m.project_id FROM memberships m JOIN projects p ON p.id = m.project_id
        WHERE m.user_id = r.user_id AND (r.own_work OR u.role = 'manager' AND p.owner_id = r.user_id)
    ) AS visible OFFSET 0) v;

-- Who changes an account holds the administrators who are active, and then that account; who plans reminders shares all of them in this order.
DROP INDEX users_admins;
CREATE INDEX users_admins ON users (active DESC, id) WHERE role = 'admin';
