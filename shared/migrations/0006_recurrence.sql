-- Where a task stands in the series that its recurrence makes. A task without a row is the first of its series, or in none: the first
-- gets its row when it is completed. The rule itself stays in tasks.recurrence, of the one task of the series that is still to do.
CREATE TABLE occurrences (
    task_id      uuid        PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
    starts_at    timestamptz NOT NULL, -- DTSTART: when the first was due
    number       integer     NOT NULL CHECK (number > 0), -- the first is 1: what COUNT counts
    scheduled_at timestamptz NOT NULL -- where the rule put it: due_at, unless somebody moved that
);
