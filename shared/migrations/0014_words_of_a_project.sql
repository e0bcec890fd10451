-- A search finds the hits in its caller's projects by one index, and looks at no others (docs/adr/0022-a-search-looks-at-the-newest-first.md).
-- The project is an array because one search of the index takes several of its keys at once, which it does not for `project_id = ANY`.
DROP INDEX tasks_search;
CREATE INDEX tasks_search ON tasks USING gin (search, (ARRAY[project_id])) WHERE deleted_at IS NULL;
