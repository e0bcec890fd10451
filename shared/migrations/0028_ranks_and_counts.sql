-- The order of a project's tasks by hand (docs/adr/0045-ranks-and-counts.md). NULL: the rank of the number, behind all that came before. So no row is
-- rewritten here, and a creation writes none.
ALTER TABLE tasks ADD COLUMN rank text COLLATE "C";
CREATE INDEX tasks_project_rank ON tasks (project_id, (COALESCE(rank, lpad(number::text, 10, '0')) COLLATE "C"), id);

-- How many tasks in use have a label. What deletes or restores a whole project changes nothing here: nobody sees the labels meanwhile.
ALTER TABLE labels ADD COLUMN count integer NOT NULL DEFAULT 0;

CREATE FUNCTION count_labels(project uuid, given text[], by integer) RETURNS void LANGUAGE sql AS $$
    UPDATE labels SET count = count + by
    WHERE project_id = project AND folded = ANY (ARRAY (SELECT fold(label) FROM unnest(given) AS label))
$$;

-- Whoever writes labels holds the project alone, or created the task and has counted it: nobody waits here.
CREATE FUNCTION count_labels_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_used boolean := TG_OP <> 'INSERT' AND OLD.deleted_at IS NULL;
    is_used  boolean := TG_OP <> 'DELETE' AND NEW.deleted_at IS NULL;
BEGIN
    IF was_used <> is_used AND TG_OP = 'UPDATE'
       AND (SELECT deleted_at IS NOT NULL FROM projects WHERE id = NEW.project_id) THEN
        RETURN NULL; -- with its project
    END IF;
    IF was_used THEN
        PERFORM count_labels(OLD.project_id, OLD.labels, -1);
    END IF;
    IF is_used THEN
        PERFORM count_labels(NEW.project_id, NEW.labels, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tasks_labels_counted_in_new AFTER INSERT ON tasks FOR EACH ROW
    WHEN (NEW.labels <> '{}') EXECUTE FUNCTION count_labels_of_task();
CREATE TRIGGER tasks_labels_counted_in_changed AFTER UPDATE OF labels, project_id, deleted_at ON tasks FOR EACH ROW
    WHEN ((OLD.labels <> '{}' OR NEW.labels <> '{}')
          AND (OLD.labels IS DISTINCT FROM NEW.labels OR OLD.project_id <> NEW.project_id OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)))
    EXECUTE FUNCTION count_labels_of_task();
CREATE TRIGGER tasks_labels_counted_in_deleted AFTER DELETE ON tasks FOR EACH ROW
    WHEN (OLD.labels <> '{}' AND OLD.deleted_at IS NULL) EXECUTE FUNCTION count_labels_of_task();

UPDATE labels l SET count = used.count
FROM (SELECT t.project_id, label, count(*) FROM tasks t JOIN projects p ON p.id = t.project_id, unnest(t.labels) AS label
      WHERE t.deleted_at IS NULL OR t.deleted_at = p.deleted_at GROUP BY 1, 2) used
WHERE l.project_id = used.project_id AND l.label = used.label;

-- What is to do in a project, and until when: to be counted from the index alone.
CREATE INDEX tasks_project_open ON tasks (project_id, due_at) WHERE deleted_at IS NULL AND status IN ('todo', 'in_progress');
