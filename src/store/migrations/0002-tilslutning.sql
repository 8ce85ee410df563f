-- Systems and agreements (decisions §8), each with every version it has had.

CREATE TABLE system (
    id       INTEGER PRIMARY KEY CHECK (id >= 1),
    navn     TEXT    NOT NULL,
    ejer     TEXT    NOT NULL REFERENCES organisation (cvr),
    oprettet INTEGER NOT NULL,
    lukket   INTEGER
) STRICT;

-- A certificate, by the identity that stays when it is renewed, acts as one system at most.
CREATE TABLE system_certifikat (
    identitet TEXT    PRIMARY KEY,
    system    INTEGER NOT NULL REFERENCES system (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX system_certifikat_system ON system_certifikat (system);

-- tidspunkt is when the version was written; certifikater are separated by a space, NULL for none.
CREATE TABLE system_historik (
    id           INTEGER PRIMARY KEY,
    tidspunkt    INTEGER NOT NULL,
    system       INTEGER NOT NULL,
    navn         TEXT    NOT NULL,
    ejer         TEXT    NOT NULL,
    certifikater TEXT,
    oprettet     INTEGER NOT NULL,
    lukket       INTEGER
) STRICT;

CREATE TABLE aftale (
    id         INTEGER PRIMARY KEY CHECK (id >= 1),
    system     INTEGER NOT NULL REFERENCES system (id),
    -- Who gave it: a kommune or a private owner.
    kommune    INTEGER,
    ejer       TEXT CHECK ((ejer IS NULL) <> (kommune IS NULL)),
    tjeneste   TEXT    NOT NULL CHECK (tjeneste = 'import' OR tjeneste = 'eksport'),
    omfang     TEXT    NOT NULL CHECK (omfang = 'alle' OR omfang = 'pNumre' OR omfang = 'institutionsnumre'),
    -- First and last day, Danish ones.
    fra        TEXT    NOT NULL,
    til        TEXT,
    overlap    INTEGER NOT NULL CHECK (overlap IN (0, 1)),
    oprettet   INTEGER NOT NULL,
    lukket     INTEGER,
    aarsag     TEXT CHECK ((aarsag IS NULL) = (lukket IS NULL)),
    afloeser   INTEGER REFERENCES aftale (id)
) STRICT;

CREATE INDEX aftale_system  ON aftale (system) WHERE lukket IS NULL;
CREATE INDEX aftale_kommune ON aftale (kommune) WHERE kommune IS NOT NULL;
CREATE INDEX aftale_ejer    ON aftale (ejer) WHERE ejer IS NOT NULL;

-- The numbers that an agreement names; none for one about everything.
CREATE TABLE aftale_omfang (
    aftale INTEGER NOT NULL REFERENCES aftale (id),
    nummer TEXT    NOT NULL,
    PRIMARY KEY (aftale, nummer)
) STRICT, WITHOUT ROWID;

CREATE INDEX aftale_omfang_nummer ON aftale_omfang (nummer);

CREATE TABLE aftale_historik (
    id        INTEGER PRIMARY KEY,
    tidspunkt INTEGER NOT NULL,
    aftale    INTEGER NOT NULL,
    system    INTEGER NOT NULL,
    kommune   INTEGER,
    ejer      TEXT,
    tjeneste  TEXT    NOT NULL,
    omfang    TEXT    NOT NULL,
    numre     TEXT,
    fra       TEXT    NOT NULL,
    til       TEXT,
    overlap   INTEGER NOT NULL,
    oprettet  INTEGER NOT NULL,
    lukket    INTEGER,
    aarsag    TEXT,
    afloeser  INTEGER
) STRICT;

CREATE TRIGGER system_aldrig_vaek BEFORE DELETE ON system
BEGIN SELECT RAISE(ABORT, 'a system is closed, never deleted'); END;

CREATE TRIGGER aftale_aldrig_vaek BEFORE DELETE ON aftale
BEGIN SELECT RAISE(ABORT, 'an agreement is ended, never deleted'); END;

-- What an agreement covers never changes: another agreement takes its place.
CREATE TRIGGER aftale_omfang_aldrig_om BEFORE UPDATE ON aftale_omfang
BEGIN SELECT RAISE(ABORT, 'aftale_omfang is append-only'); END;

CREATE TRIGGER aftale_omfang_aldrig_vaek BEFORE DELETE ON aftale_omfang
BEGIN SELECT RAISE(ABORT, 'aftale_omfang is append-only'); END;

CREATE TRIGGER system_historik_aldrig_om BEFORE UPDATE ON system_historik
BEGIN SELECT RAISE(ABORT, 'system_historik is append-only'); END;

CREATE TRIGGER system_historik_aldrig_vaek BEFORE DELETE ON system_historik
BEGIN SELECT RAISE(ABORT, 'system_historik is append-only'); END;

CREATE TRIGGER aftale_historik_aldrig_om BEFORE UPDATE ON aftale_historik
BEGIN SELECT RAISE(ABORT, 'aftale_historik is append-only'); END;

CREATE TRIGGER aftale_historik_aldrig_vaek BEFORE DELETE ON aftale_historik
BEGIN SELECT RAISE(ABORT, 'aftale_historik is append-only'); END;
