-- Projects, who belongs to them, their tasks, and what happened to each.

-- Every user owns exactly one personal project, the Inbox. Its key is IN<number>, which nobody can choose by hand.
CREATE SEQUENCE inbox_key_seq;

CREATE TABLE projects (
    id           uuid        PRIMARY KEY,
    key          text        NOT NULL,
    name         text        NOT NULL,
    description  text        NOT NULL DEFAULT '',
    owner_id     uuid        NOT NULL REFERENCES users,
    personal     boolean     NOT NULL DEFAULT false,
    task_counter integer     NOT NULL DEFAULT 0, -- the last number given to a task; its row lock orders creations
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    deleted_at   timestamptz, -- in the trash since
    CONSTRAINT projects_key_key UNIQUE (key)
);
CREATE UNIQUE INDEX projects_inbox ON projects (owner_id) WHERE personal;
CREATE INDEX projects_owner ON projects (owner_id);

-- The boundary of what a person sees.
CREATE TABLE memberships (
    project_id uuid        NOT NULL REFERENCES projects ON DELETE CASCADE,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    added_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id, project_id);

-- Declared in the order in which they sort.
CREATE TYPE task_status AS ENUM ('todo', 'in_progress', 'done', 'cancelled');
CREATE TYPE task_priority AS ENUM ('low', 'medium', 'high', 'urgent');

-- What a search finds in a text. 'simple' neither stems nor drops words: teams write in many languages, and a search is by prefix
-- anyway. Punctuation goes first, or the parser would keep an address or a path as one word that none of its parts finds.
CREATE FUNCTION search_words(string text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, translate(string, $$!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~$$, repeat(' ', 32)));

CREATE TABLE tasks (
    id           uuid          PRIMARY KEY,
    project_id   uuid          NOT NULL REFERENCES projects,
    number       integer       NOT NULL, -- with the project's key: WEB-42
    title        text          NOT NULL,
    description  text          NOT NULL DEFAULT '', -- Markdown
    status       task_status   NOT NULL DEFAULT 'todo',
    priority     task_priority NOT NULL DEFAULT 'medium',
    due_at       timestamptz,
    assignee_id  uuid,
    parent_id    uuid,
    labels       text[]        NOT NULL DEFAULT '{}',
    recurrence   jsonb, -- {rrule, time_zone}: RFC 5545
    created_by   uuid          NOT NULL REFERENCES users,
    completed_at timestamptz,
    version      bigint        NOT NULL DEFAULT 1,
    created_at   timestamptz   NOT NULL DEFAULT now(),
    updated_at   timestamptz   NOT NULL DEFAULT now(),
    deleted_at   timestamptz, -- in the trash since; what was deleted together has the same instant
    search       tsvector      NOT NULL GENERATED ALWAYS AS (
        setweight(search_words(title), 'A') || setweight(search_words(description), 'B')
    ) STORED,
    CONSTRAINT tasks_number_key UNIQUE (project_id, number),
    CONSTRAINT tasks_project_id_id_key UNIQUE (project_id, id), -- what tasks_parent_in_project refers to
    CONSTRAINT tasks_assignee_is_member FOREIGN KEY (project_id, assignee_id) REFERENCES memberships (project_id, user_id),
    CONSTRAINT tasks_parent_in_project FOREIGN KEY (project_id, parent_id) REFERENCES tasks (project_id, id)
        ON DELETE SET NULL (parent_id),
    CONSTRAINT tasks_parent_is_another CHECK (parent_id <> id)
);
-- One index for each way a list is asked for; each ends in (created_at, id), the order of the pages.
CREATE INDEX tasks_recent           ON tasks (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tasks_project_recent   ON tasks (project_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tasks_project_status   ON tasks (project_id, status, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tasks_project_due      ON tasks (project_id, COALESCE(due_at, 'infinity'), id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_assignee_recent  ON tasks (assignee_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tasks_assignee_due     ON tasks (assignee_id, COALESCE(due_at, 'infinity'), id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_creator_recent   ON tasks (created_by, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX tasks_parent           ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_project_assignee ON tasks (project_id, assignee_id) WHERE assignee_id IS NOT NULL; -- for tasks_assignee_is_member
CREATE INDEX tasks_project_trash    ON tasks (project_id, created_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_labels           ON tasks USING gin (labels) WHERE deleted_at IS NULL;
CREATE INDEX tasks_search           ON tasks USING gin (search) WHERE deleted_at IS NULL;

CREATE TABLE watchers (
    task_id  uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id  uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id, user_id)
);

CREATE TABLE comments (
    id         uuid        PRIMARY KEY,
    task_id    uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    author_id  uuid        NOT NULL REFERENCES users,
    body       text        NOT NULL, -- Markdown
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX comments_task ON comments (task_id, id);

-- Written in the transaction of the change it describes, never changed afterwards.
CREATE TABLE activity (
    id         uuid        PRIMARY KEY,
    task_id    uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    actor_id   uuid        NOT NULL REFERENCES users,
    kind       text        NOT NULL,
    changes    jsonb       NOT NULL, -- [{field, from, to}]
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX activity_task ON activity (task_id, id);
