-- Roles in a project (docs/adr/0039-lookups-authorize.md). The owner is a manager, whatever the column says: functions of the version
-- before write owners without it. So no row is rewritten here, while every request waits for the table.
CREATE TYPE project_role AS ENUM ('viewer', 'member', 'manager');
ALTER TABLE memberships ADD COLUMN role project_role NOT NULL DEFAULT 'member';

-- Who sees what: the projects that a person sees, and their role there. Administrators see all, most of them without a role. A single
-- SELECT, so that Postgres inlines it.
CREATE FUNCTION visible_projects(viewer uuid, sees_all boolean) RETURNS TABLE (project_id uuid, role project_role)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.id, CASE WHEN p.owner_id = viewer THEN 'manager'::project_role ELSE m.role END
    FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = viewer
    WHERE sees_all OR m.user_id IS NOT NULL
$$;

-- Who may be assigned tasks of a project: its members, but viewers only if they are administrators.
CREATE FUNCTION assignable_members(project uuid) RETURNS TABLE (user_id uuid)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.user_id FROM memberships m JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id
    WHERE m.project_id = project AND (m.role <> 'viewer' OR p.owner_id = m.user_id OR u.role = 'admin')
$$;
