-- The chain of digests over the changes (decisions §9): the digest of each change covers the one before it. Filled for the
-- changes that are there by the migration, and with each change from then on.
CREATE TABLE kaede (
    sekvens INTEGER PRIMARY KEY,
    hash    BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER kaede_kun_efter_hinanden BEFORE INSERT ON kaede
WHEN NEW.sekvens IS NOT (SELECT coalesce(max(sekvens), 0) + 1 FROM kaede)
BEGIN SELECT RAISE(ABORT, 'kaede: digests must follow without gap'); END;

CREATE TRIGGER kaede_aldrig_om BEFORE UPDATE ON kaede
BEGIN SELECT RAISE(ABORT, 'kaede is append-only'); END;

CREATE TRIGGER kaede_aldrig_vaek BEFORE DELETE ON kaede
BEGIN SELECT RAISE(ABORT, 'kaede is append-only'); END;
