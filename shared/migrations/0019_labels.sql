-- Labels are compared without case, and shown as they were first written in their project (docs/adr/0030-labels-without-case.md).

-- What is the same but for case has the same folded form, in the letters of Unicode whatever the database's locale. By way of upper case:
-- ß is ss, ς is σ, ı is i; İ is not i. Nothing else folds labels: what compares them asks this function.
CREATE FUNCTION fold(string text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(upper(string COLLATE "und-x-icu") COLLATE "und-x-icu");

CREATE TABLE labels (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    folded     text NOT NULL,
    label      text NOT NULL, -- as it was first written
    PRIMARY KEY (project_id, folded)
);
CREATE INDEX labels_folded ON labels (folded); -- for those who see all projects

-- Labels as their project writes them, each once. What is new there is written down as it is given. Each statement in here sees what others
-- have committed by then: of two who write the same label at once the second waits for the first, and takes its spelling.
CREATE FUNCTION spelled(project uuid, given text[]) RETURNS text[] LANGUAGE plpgsql STRICT AS $$
DECLARE
    result  text[] := '{}';
    one     text;
    written text;
BEGIN
    FOREACH one IN ARRAY given LOOP
        SELECT label INTO written FROM labels WHERE project_id = project AND folded = fold(one);
        IF NOT FOUND THEN
            -- All that are new, in one order, so that two who write the same do not wait for one another.
            INSERT INTO labels (project_id, folded, label)
            SELECT DISTINCT ON (fold(u.label)) project, fold(u.label), u.label
            FROM unnest(given) WITH ORDINALITY AS u (label, place) ORDER BY fold(u.label), u.place
            ON CONFLICT DO NOTHING;
            SELECT label INTO STRICT written FROM labels WHERE project_id = project AND folded = fold(one);
        END IF;
        IF written <> ALL (result) THEN
            result := result || written;
        END IF;
    END LOOP;
    RETURN result;
END $$;

-- Whatever writes a task writes its labels so: also the functions of the deployment before, and what moves a task to another project.
CREATE FUNCTION spell_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.labels := spelled(NEW.project_id, NEW.labels);
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_labels_of_new BEFORE INSERT ON tasks FOR EACH ROW
    WHEN (NEW.labels <> '{}') EXECUTE FUNCTION spell_labels();
CREATE TRIGGER tasks_labels_of_changed BEFORE UPDATE OF labels, project_id ON tasks FOR EACH ROW
    WHEN (NEW.labels <> '{}' AND (NEW.labels IS DISTINCT FROM OLD.labels OR NEW.project_id IS DISTINCT FROM OLD.project_id))
    EXECUTE FUNCTION spell_labels();

-- What there is, as the oldest task has it.
CREATE TEMPORARY TABLE written ON COMMIT DROP AS
SELECT project_id, l.label, fold(l.label) AS folded, min(created_at) AS first, min(l.place) AS place
FROM tasks, unnest(labels) WITH ORDINALITY AS l (label, place) GROUP BY 1, 2;
INSERT INTO labels (project_id, folded, label)
SELECT DISTINCT ON (project_id, folded) project_id, folded, label FROM written ORDER BY project_id, folded, first, place, label;
UPDATE tasks t SET labels = spelled(t.project_id, t.labels), version = version + 1
FROM (SELECT w.project_id, array_agg(w.label) AS labels FROM written w JOIN labels l USING (project_id, folded)
      WHERE w.label <> l.label GROUP BY 1) other
WHERE t.project_id = other.project_id AND t.labels && other.labels;

-- The tasks of some projects with some labels, in the trash or not: what is in other projects is passed over, as in tasks_search.
DROP INDEX tasks_labels;
CREATE INDEX tasks_labels ON tasks USING gin (labels, (ARRAY[project_id])) WHERE labels <> '{}';
