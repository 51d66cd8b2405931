-- What todo-web 1.0.0 left in a file: sqlite3's .dump of it.

CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'items','2026-11-25 20:45:20',1,X'F7FC9D29D125548B471C3B9DAF6EE2F207554659C70F4B00883AF52806EDEF290CB6CB7446EEF4411B0DE6DB3C20D16F',2744331);
CREATE TABLE items (
    id TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    completed_at TEXT
) STRICT;
INSERT INTO items VALUES('b729b33e-1548-571f-becc-b6273f9b846e','from before','2026-11-25T20:45:23.497Z',NULL);
CREATE INDEX items_as_listed ON items ((completed_at IS NOT NULL), (coalesce(completed_at, created_at)) DESC, id);
