-- A list of tasks is put together from an index alone (docs/adr/0029-a-request-has-bounds.md): what it may be filtered and sorted by is in it, so
-- that tasks which do not fit are passed over without being read.

-- Numbers within titles are compared as numbers: "Task 2" is before "Task 10". What differs in any other way is never equal.
CREATE COLLATION natural_order (provider = icu, locale = 'und-u-kn-true');

DROP INDEX tasks_project_recent;
CREATE INDEX tasks_project_recent ON tasks (project_id, created_at DESC, id DESC)
    INCLUDE (title, status, priority, due_at, assignee_id, created_by, updated_at) WHERE deleted_at IS NULL;
DROP INDEX tasks_project_trash;
CREATE INDEX tasks_project_trash ON tasks (project_id, created_at DESC, id DESC)
    INCLUDE (title, status, priority, due_at, assignee_id, created_by, updated_at) WHERE deleted_at IS NOT NULL;
