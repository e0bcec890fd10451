-- A summary also says what is due of what somebody created and nobody does: such as all that is in their Inbox.
CREATE INDEX tasks_creator_nobodys ON tasks (created_by)
    WHERE assignee_id IS NULL AND deleted_at IS NULL AND status IN ('todo', 'in_progress');
