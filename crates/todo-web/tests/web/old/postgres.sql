-- What todo-web 1.0.0 left on a server: pg_dump of its database, shortened.

CREATE TABLE _sqlx_migrations (
    version bigint PRIMARY KEY,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

CREATE TABLE items (
    id uuid PRIMARY KEY,
    text text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    completed_at timestamp with time zone,
    CONSTRAINT items_text_check CHECK (((char_length(text) >= 1) AND (char_length(text) <= 500)))
);

CREATE INDEX items_as_listed ON items USING btree (((completed_at IS NOT NULL)), COALESCE(completed_at, created_at) DESC, id);

INSERT INTO _sqlx_migrations VALUES (1, 'items', '2026-11-25 20:45:20.511532+00', true, '\x355702ebe216679cf13fe82d7778f5f1b39674fc1740655db6c04ece62142342287fec152c7a6bcf5ca0d6c1a94b8b36', 42638203);
INSERT INTO items VALUES ('b729b33e-1548-571f-becc-b6273f9b846e', 'from before', '2026-11-25 20:45:23.593942+00', NULL);
