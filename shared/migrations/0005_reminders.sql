-- Who is next reminded of which task. One row a task and person, planned in the transaction of each change that matters, so that
-- a run of send-reminders costs what is due and not what is stored; several moments that are past are one reminder.
CREATE TABLE reminders (
    task_id uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    due_at  timestamptz NOT NULL, -- the deadline that it was planned for
    fire_at timestamptz,          -- the next moment; null when all has been said
    PRIMARY KEY (task_id, user_id)
);
CREATE INDEX reminders_fire ON reminders (fire_at) WHERE fire_at IS NOT NULL;
CREATE INDEX reminders_user ON reminders (user_id);

-- The first moment after another at which somebody is reminded of a deadline: before it by one of the offsets (ISO 8601 durations),
-- or when it passes.
CREATE FUNCTION next_reminder(due_at timestamptz, offsets text[], after timestamptz) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN (SELECT min(moment)
            FROM (SELECT due_at - o::interval FROM unnest(offsets) o UNION ALL SELECT due_at) AS m (moment)
            WHERE moment > after);

-- The first moment when a deadline is set. If the deadline is past, or only that is left, it is now: once, and not once an offset.
CREATE FUNCTION first_reminder(due_at timestamptz, offsets text[], set_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN CASE
        WHEN due_at <= set_at THEN set_at
        WHEN cardinality(offsets) > 0 AND next_reminder(due_at, offsets, set_at) = due_at
             AND NOT 'PT0M' = ANY(offsets) THEN set_at
        ELSE next_reminder(due_at, offsets, set_at)
    END;
