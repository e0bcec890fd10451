-- As in 0005, but knows an offset of no time also where it is written other than PT0M: P0D is not a moment before the deadline that
-- has passed.
CREATE OR REPLACE FUNCTION first_reminder(due_at timestamptz, offsets text[], set_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN CASE
        WHEN due_at <= set_at THEN set_at
        WHEN cardinality(offsets) > 0 AND next_reminder(due_at, offsets, set_at) = due_at
             AND NOT EXISTS (SELECT FROM unnest(offsets) o WHERE o::interval = interval '0') THEN set_at
        ELSE next_reminder(due_at, offsets, set_at)
    END;
