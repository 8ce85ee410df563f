-- Cheaper writes, with the same guarantees.

-- SQLite copies each page that a statement with a trigger touches, to take the statement back, if anything in it could fail
-- once it has begun: a number that is given, a function in a check, a trigger that aborts. So the rows that follow without
-- gap are numbered by SQLite, their checks call nothing, and their triggers, which stand before the one row of a statement,
-- fail. What NEW holds for a number that is not given is not defined, but equal to no row's.

DROP TRIGGER IF EXISTS aendring_kun_efter_hinanden;
CREATE TRIGGER aendring_kun_efter_hinanden BEFORE INSERT ON aendring
WHEN EXISTS (SELECT 1 FROM aendring WHERE sekvens = NEW.sekvens)
  OR NEW.sekvens > (SELECT coalesce(max(sekvens), 0) + 1 FROM aendring)
  OR NEW.tidspunkt <= (SELECT tidspunkt FROM aendring ORDER BY sekvens DESC LIMIT 1)
BEGIN SELECT RAISE(FAIL, 'aendring: sekvens must follow without gap and time must go forward'); END;

-- The length of a hash is checked when it is read.
CREATE TABLE kaede_ny (
    sekvens INTEGER PRIMARY KEY,
    hash    BLOB    NOT NULL
) STRICT;
INSERT INTO kaede_ny SELECT sekvens, hash FROM kaede ORDER BY sekvens;
DROP TABLE kaede;
ALTER TABLE kaede_ny RENAME TO kaede;

CREATE TRIGGER kaede_kun_efter_hinanden BEFORE INSERT ON kaede
WHEN EXISTS (SELECT 1 FROM kaede WHERE sekvens = NEW.sekvens)
  OR NEW.sekvens > (SELECT coalesce(max(sekvens), 0) + 1 FROM kaede)
BEGIN SELECT RAISE(FAIL, 'kaede: digests must follow without gap'); END;

CREATE TRIGGER kaede_aldrig_om BEFORE UPDATE ON kaede
BEGIN SELECT RAISE(ABORT, 'kaede is append-only'); END;

CREATE TRIGGER kaede_aldrig_vaek BEFORE DELETE ON kaede
BEGIN SELECT RAISE(ABORT, 'kaede is append-only'); END;

DROP TRIGGER revision_hoved_kun_efter_hinanden;
CREATE TABLE revision_ny (
    nr    INTEGER PRIMARY KEY,
    linje TEXT    NOT NULL,
    hash  BLOB    NOT NULL
) STRICT;
INSERT INTO revision_ny SELECT nr, linje, hash FROM revision ORDER BY nr;
DROP TABLE revision;
ALTER TABLE revision_ny RENAME TO revision;

CREATE TRIGGER revision_kun_efter_hinanden BEFORE INSERT ON revision
WHEN EXISTS (SELECT 1 FROM revision WHERE nr = NEW.nr)
  OR NEW.nr > (SELECT coalesce(max(nr), 0) + 1 FROM revision)
BEGIN SELECT RAISE(FAIL, 'revision: lines must follow without gap'); END;

CREATE TRIGGER revision_aldrig_om BEFORE UPDATE ON revision
BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;

CREATE TRIGGER revision_aldrig_vaek BEFORE DELETE ON revision
BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;

CREATE TRIGGER revision_hoved_kun_efter_hinanden BEFORE INSERT ON revision_hoved
WHEN EXISTS (SELECT 1 FROM revision_hoved WHERE dato >= NEW.dato OR nr > NEW.nr)
  OR NEW.hash IS NOT (SELECT hash FROM revision WHERE nr = NEW.nr)
BEGIN SELECT RAISE(ABORT, 'revision_hoved: days must follow, and heads be lines of the chain'); END;

-- A unit's parent is its root: only below it do the two differ.
DROP INDEX IF EXISTS post_rod;
CREATE INDEX post_rod ON post (rod) WHERE niveau = 3;
