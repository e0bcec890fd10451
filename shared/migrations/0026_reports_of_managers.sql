-- Managers of a project get its reports, whatever their account is. In a migration of its own: requests lock the view before the tables.
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
        SELECT s.project_id FROM visible_projects(r.user_id, false) s WHERE r.own_work OR s.role = 'manager'
    ) AS visible) v;

-- Replaced by `attempts` in 0017.
DROP TABLE login_failures;
