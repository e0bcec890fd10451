-- What the job clean-up finds its rows by: each index begins with what is oldest, and holds only what may go one day.

-- Subtasks are mostly younger than their parents, and so go first.
CREATE INDEX tasks_trash             ON tasks (deleted_at, id DESC) WHERE deleted_at IS NOT NULL;
CREATE INDEX projects_trash          ON projects (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX one_time_tokens_expired ON one_time_tokens (expires_at);
CREATE INDEX sessions_over           ON sessions (LEAST(revoked_at, expires_at));
CREATE INDEX outbox_handled          ON outbox (handled_at) WHERE handled_at IS NOT NULL;
CREATE INDEX emails_done             ON emails (COALESCE(sent_at, failed_at)) WHERE COALESCE(sent_at, failed_at) IS NOT NULL;
CREATE INDEX login_failures_last     ON login_failures (last_failed_at);
CREATE INDEX notifications_read      ON notifications (created_at) WHERE read_at IS NOT NULL;
