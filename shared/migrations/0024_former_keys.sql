-- The keys that tasks had before they moved to another project (docs/adr/0039-lookups-authorize.md). They go on naming the task; the last
-- that had a key has it. The text of the key is kept and not the project, which may be deleted before the task.
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
