-- The feed of a project (docs/adr/0043-the-feed-of-a-project.md): its changes, numbered without gaps in the order of their commits.
ALTER TABLE projects ADD COLUMN change_counter bigint NOT NULL DEFAULT 0;

CREATE TABLE project_changes (
    project_id uuid        NOT NULL REFERENCES projects ON DELETE CASCADE,
    n          bigint      NOT NULL,
    event      text        NOT NULL,
    actor_id   uuid        NOT NULL,
    task_id    uuid,   -- not a reference: the change stays when the task is deleted for good
    comment_id uuid,
    task_ids   uuid[], -- of a change of several tasks
    private_to uuid,   -- who alone may see the comment: it was written in their Inbox
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- of the statement, so that it grows with n
    PRIMARY KEY (project_id, n)
);
CREATE INDEX project_changes_created ON project_changes (created_at);

-- An event of the outbox with one more change of a feed.
CREATE FUNCTION in_feed(event jsonb, project_id uuid, n bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_set(event, '{feed}', event->'feed' || jsonb_build_object('project_id', project_id, 'n', n))
$$;
