"""One file a revision, numbered; the newest is `schema.HEAD`."""
