-- Who was told that a comment, or the description of a task, mentions them: once, however often the text is edited.
CREATE TABLE mentions (
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    text_id uuid NOT NULL, -- the comment; or the task, whose description it is
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (task_id, text_id, user_id)
);

INSERT INTO mentions (task_id, text_id, user_id)
SELECT DISTINCT n.task_id, (n.data->>'comment_id')::uuid, n.user_id
FROM notifications n JOIN tasks t ON t.id = n.task_id
WHERE n.kind = 'mentioned' AND n.data ? 'comment_id';
