-- What somebody has to do, by deadline. What is done piles up, and would have to be passed over.
CREATE INDEX tasks_assignee_open ON tasks (assignee_id, COALESCE(due_at, 'infinity'), id)
    WHERE deleted_at IS NULL AND status IN ('todo', 'in_progress');
