-- 1,000 people, 1,000 projects with twenty members each, so that everybody belongs to twenty; and so many tasks in them, over two
-- years, as bench.tasks says. One in six is open. And a crowd of 10,000 people in one project more, for whom nobody's address is
-- confirmed: they get notifications and no mails.

-- Of a person, a session, a project, one of the crowd: the kind, from 1, and the number.
CREATE FUNCTION pg_temp.id(kind int, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN (lpad(to_hex(kind), 16, '0') || lpad(to_hex(number), 16, '0'))::uuid;

-- Rows go in faster without indexes, and indexes are made faster from rows.
SET maintenance_work_mem = '1GB';
CREATE TEMPORARY TABLE laid_aside AS
SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('tasks', 'activity') AND indexdef NOT LIKE '%UNIQUE%';
DO $$ DECLARE i record; BEGIN FOR i IN TABLE laid_aside LOOP EXECUTE 'DROP INDEX ' || i.indexname; END LOOP; END $$;
SET session_replication_role = replica; -- the rows fit together: no need to check each

INSERT INTO users (id, email, name, password_hash, role, email_verified_at)
SELECT pg_temp.id(1, n), n || '@example.com', 'Person ' || n, '', CASE WHEN n = 0 THEN 'admin' ELSE 'manager' END::user_role, now()
FROM generate_series(0, 999) n;
INSERT INTO sessions (id, user_id, user_agent, ip_address, expires_at)
SELECT pg_temp.id(2, n), pg_temp.id(1, n), 'bench', '127.0.0.1', now() + interval '10 years' FROM generate_series(0, 999) n;
INSERT INTO projects (id, key, name, owner_id)
SELECT pg_temp.id(3, n), 'P' || n, 'Project ' || n, pg_temp.id(1, n) FROM generate_series(0, 999) n;
INSERT INTO memberships (project_id, user_id)
SELECT pg_temp.id(3, p), pg_temp.id(1, (p + 50 * m) % 1000) FROM generate_series(0, 999) p, generate_series(0, 19) m;

INSERT INTO users (id, email, name, password_hash)
SELECT pg_temp.id(4, n), 'c' || n || '@example.com', 'One of many ' || n, '' FROM generate_series(0, 9999) n;
INSERT INTO projects (id, key, name, owner_id) VALUES (pg_temp.id(3, 1000), 'CROWD', 'Crowd', pg_temp.id(1, 0));
INSERT INTO memberships (project_id, user_id)
SELECT pg_temp.id(3, 1000), pg_temp.id(4, n) FROM generate_series(0, 9999) n UNION ALL SELECT pg_temp.id(3, 1000), pg_temp.id(1, 0);

-- Ids begin with the time, as those of the application do. Words: some that are everywhere, one that every 997th task has, and one that
-- 200 tasks share, all of which the same twenty people see.
INSERT INTO tasks (id, project_id, number, title, description, status, priority, due_at, assignee_id, labels, created_by, created_at,
                   updated_at, started_at, completed_at)
SELECT (lpad(to_hex((extract(epoch FROM made_at) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 20, '0'))::uuid,
       pg_temp.id(3, p), n / 1000, 'Task ' || n || ' common' || lpad((n % 997)::text, 3, '0') || ' shared' || lpad(((n / 1000 - 1) / 10 * 50 + n % 50)::text, 8, '0'),
       'Somebody wrote down what has to be done here, in two sentences. It concerns topic' || n % 991 || ' and part' || n % 499 || '.',
       status::task_status, (enum_range(NULL::task_priority))[1 + n % 4],
       CASE WHEN n % 3 > 0 THEN now() + (r - 0.5) * interval '2 years' END,
       CASE WHEN n % 10 > 0 THEN pg_temp.id(1, (p + 50 * (n / 1000 % 20)) % 1000) END,
       CASE WHEN n % 10 = 0 THEN ARRAY['label' || n % 200] ELSE '{}' END,
       pg_temp.id(1, (p + 50 * (n / 7000 % 20)) % 1000), made_at, made_at, made_at,
       CASE WHEN status = 'done' THEN made_at + interval '3 days' END
FROM (SELECT n, n % 1000 AS p, r, now() - (total - n) * (interval '2 years' / total) AS made_at,
             (ARRAY['todo', 'done', 'done', 'done', 'done', 'cancelled'])[1 + floor(6 * r)] AS status
      FROM (SELECT n, ((n * 7919) % 10007) / 10007.0 AS r, current_setting('bench.tasks')::bigint AS total
            FROM generate_series(1000, current_setting('bench.tasks')::bigint + 999) n) numbered) made;
INSERT INTO activity (id, task_id, actor_id, kind, changes, created_at)
SELECT id, id, created_by, 'created', '[]', created_at FROM tasks;
UPDATE projects SET task_counter = current_setting('bench.tasks')::bigint / 1000 WHERE key <> 'CROWD';

SET session_replication_role = DEFAULT;
DO $$ DECLARE i record; BEGIN FOR i IN TABLE laid_aside LOOP EXECUTE i.indexdef; END LOOP; END $$;
