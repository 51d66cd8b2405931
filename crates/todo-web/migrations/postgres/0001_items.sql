CREATE TABLE items (
    id uuid PRIMARY KEY,
    text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz
);

-- The order of the page: open items first, in each part the newest first.
CREATE INDEX items_as_listed ON items ((completed_at IS NOT NULL), (coalesce(completed_at, created_at)) DESC, id);
