-- Texts that were written before they were put into one Unicode form (NFC).
UPDATE users SET name = normalize(name) WHERE name IS NOT NORMALIZED;
UPDATE projects SET name = normalize(name), description = normalize(description)
WHERE name IS NOT NORMALIZED OR description IS NOT NORMALIZED;
UPDATE tasks SET title = normalize(title), description = normalize(description)
WHERE title IS NOT NORMALIZED OR description IS NOT NORMALIZED;
UPDATE tasks SET labels = (
    SELECT array_agg(label ORDER BY place)
    FROM (SELECT normalize(label), min(place) FROM unnest(labels) WITH ORDINALITY AS given (label, place) GROUP BY 1) AS each (label, place))
WHERE EXISTS (SELECT FROM unnest(labels) AS label WHERE label IS NOT NORMALIZED);
UPDATE comments SET body = normalize(body) WHERE body IS NOT NORMALIZED;
