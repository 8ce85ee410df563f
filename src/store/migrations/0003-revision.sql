-- The heads of the audit chain that were published: the first of each day (UTC). Append-only like the chain itself, and
-- each is the hash of a line of it. tidspunkt is when that line was written.
CREATE TABLE revision_hoved (
    dato      TEXT    PRIMARY KEY,
    nr        INTEGER NOT NULL,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    tidspunkt INTEGER,
    epoke     BLOB    NOT NULL CHECK (length(epoke) = 16),
    sekvens   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER revision_hoved_kun_efter_hinanden BEFORE INSERT ON revision_hoved
WHEN EXISTS (SELECT 1 FROM revision_hoved WHERE dato >= NEW.dato OR nr > NEW.nr)
  OR NEW.hash IS NOT (SELECT hash FROM revision WHERE nr = NEW.nr)
BEGIN SELECT RAISE(ABORT, 'revision_hoved: days must follow, and heads be lines of the chain'); END;

CREATE TRIGGER revision_hoved_aldrig_om BEFORE UPDATE ON revision_hoved
BEGIN SELECT RAISE(ABORT, 'revision_hoved is append-only'); END;

CREATE TRIGGER revision_hoved_aldrig_vaek BEFORE DELETE ON revision_hoved
BEGIN SELECT RAISE(ABORT, 'revision_hoved is append-only'); END;
