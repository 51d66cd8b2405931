CREATE TABLE items (
    id TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    completed_at TEXT
) STRICT;

-- The order of the page: open items first, in each part the newest first.
CREATE INDEX items_as_listed ON items ((completed_at IS NOT NULL), (coalesce(completed_at, created_at)) DESC, id);
