-- Roles in a project (docs/adr/0039-a-lookup-authorizes.md). The owner of a project is a manager of it, whatever the column says: functions
-- of the version before write owners without it.
CREATE TYPE project_role AS ENUM ('viewer', 'member', 'manager');
ALTER TABLE memberships ADD COLUMN role project_role NOT NULL DEFAULT 'member';
UPDATE memberships m SET role = 'manager' FROM projects p WHERE p.id = m.project_id AND p.owner_id = m.user_id;

-- Who sees what: the projects that a person sees, and their role there. Administrators see all, most of them without a role. A single
-- SELECT, so that Postgres inlines it.
CREATE FUNCTION visible_projects(viewer uuid, sees_all boolean) RETURNS TABLE (project_id uuid, role project_role)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.id, CASE WHEN p.owner_id = viewer THEN 'manager'::project_role ELSE m.role END
    FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = viewer
    WHERE sees_all OR m.user_id IS NOT NULL
$$;

-- Who may be given tasks of a project: its members, but viewers only if they are administrators.
CREATE FUNCTION assignable_members(project uuid) RETURNS TABLE (user_id uuid)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.project_id = project AND (m.role <> 'viewer' OR u.role = 'admin')
$$;

-- The keys that tasks had before they moved to another project. They go on naming the task; the last that had a key has it. The text of the
-- key is kept and not the project, which may be deleted before the task.
CREATE TABLE former_keys (
    project_key text    NOT NULL,
    number      integer NOT NULL,
    task_id     uuid    NOT NULL REFERENCES tasks ON DELETE CASCADE,
    PRIMARY KEY (project_key, number)
);
CREATE INDEX former_keys_task ON former_keys (task_id); -- for the deletion of tasks

-- The task that has this id, or this key, or had it last. A single SELECT, so that Postgres inlines it.
CREATE FUNCTION named_task(id uuid, project_key text, number integer) RETURNS TABLE (task_id uuid)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT COALESCE(
        $1,
        (SELECT t.id FROM projects p JOIN tasks t ON t.project_id = p.id WHERE p.key = $2 AND t.number = $3),
        (SELECT f.task_id FROM former_keys f WHERE f.project_key = $2 AND f.number = $3))
$$;

-- Managers of a project get its reports, whatever their account is.
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
