-- Reports as their asker may read them now. The row says of what a report is; its file is given only while its asker may have all of
-- that: every project as an administrator, projects that they own as a manager, and their own work in projects that they belong to.
CREATE VIEW readable_reports AS
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
    ) AS visible) v;
