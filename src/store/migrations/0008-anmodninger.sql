-- Requests for agreements, each with every version it has had; and apart from them, to be forgotten: who persons are, what they
-- wrote, and the secret addresses at which organisations are told what waits for them.

CREATE TABLE anmodning (
    id             INTEGER PRIMARY KEY CHECK (id >= 1),
    system         INTEGER NOT NULL REFERENCES system (id),
    -- Who is asked: a kommune or a private owner.
    kommune        INTEGER,
    ejer           TEXT CHECK ((ejer IS NULL) <> (kommune IS NULL)),
    tjeneste       TEXT    NOT NULL CHECK (tjeneste = 'import' OR tjeneste = 'eksport'),
    omfang         TEXT    NOT NULL CHECK (omfang = 'alle' OR omfang = 'pNumre' OR omfang = 'institutionsnumre'),
    -- First and last day, Danish ones.
    fra            TEXT    NOT NULL,
    til            TEXT,
    oprettet       INTEGER NOT NULL,
    stand          TEXT    NOT NULL CHECK (stand = 'VENTER' OR stand = 'GODKENDT' OR stand = 'AFVIST' OR stand = 'TRUKKET'),
    -- The agreement that an approved one became. Its end is its own.
    aftale         INTEGER UNIQUE REFERENCES aftale (id) CHECK ((aftale IS NULL) = (stand <> 'GODKENDT')),
    -- When it was settled, by which organisation (NULL: at the register's own machine), and by which person, a pseudonym.
    afgjort        INTEGER CHECK ((afgjort IS NULL) = (stand = 'VENTER')),
    afgjort_cvr    TEXT    CHECK (afgjort_cvr IS NULL OR afgjort IS NOT NULL),
    afgjort_person TEXT    CHECK (afgjort_person IS NULL OR afgjort IS NOT NULL)
) STRICT;

CREATE INDEX anmodning_system  ON anmodning (system);
CREATE INDEX anmodning_kommune ON anmodning (kommune) WHERE kommune IS NOT NULL;
CREATE INDEX anmodning_ejer    ON anmodning (ejer) WHERE ejer IS NOT NULL;
CREATE INDEX anmodning_venter  ON anmodning (id) WHERE stand = 'VENTER';

-- The numbers that a request names; none for one about everything.
CREATE TABLE anmodning_omfang (
    anmodning INTEGER NOT NULL REFERENCES anmodning (id),
    nummer    TEXT    NOT NULL,
    PRIMARY KEY (anmodning, nummer)
) STRICT, WITHOUT ROWID;

-- tidspunkt is when the version was written.
CREATE TABLE anmodning_historik (
    id             INTEGER PRIMARY KEY,
    tidspunkt      INTEGER NOT NULL,
    anmodning      INTEGER NOT NULL,
    system         INTEGER NOT NULL,
    kommune        INTEGER,
    ejer           TEXT,
    tjeneste       TEXT    NOT NULL,
    omfang         TEXT    NOT NULL,
    numre          TEXT,
    fra            TEXT    NOT NULL,
    til            TEXT,
    oprettet       INTEGER NOT NULL,
    stand          TEXT    NOT NULL,
    aftale         INTEGER,
    afgjort        INTEGER,
    afgjort_cvr    TEXT,
    afgjort_person TEXT
) STRICT;

CREATE TRIGGER anmodning_aldrig_vaek BEFORE DELETE ON anmodning
BEGIN SELECT RAISE(ABORT, 'a request is settled, never deleted'); END;

CREATE TRIGGER anmodning_afgoeres_en_gang BEFORE UPDATE ON anmodning WHEN OLD.stand <> 'VENTER'
BEGIN SELECT RAISE(ABORT, 'a request is settled once'); END;

CREATE TRIGGER anmodning_omfang_aldrig_om BEFORE UPDATE ON anmodning_omfang
BEGIN SELECT RAISE(ABORT, 'anmodning_omfang is append-only'); END;

CREATE TRIGGER anmodning_omfang_aldrig_vaek BEFORE DELETE ON anmodning_omfang
BEGIN SELECT RAISE(ABORT, 'anmodning_omfang is append-only'); END;

CREATE TRIGGER anmodning_historik_aldrig_om BEFORE UPDATE ON anmodning_historik
BEGIN SELECT RAISE(ABORT, 'anmodning_historik is append-only'); END;

CREATE TRIGGER anmodning_historik_aldrig_vaek BEFORE DELETE ON anmodning_historik
BEGIN SELECT RAISE(ABORT, 'anmodning_historik is append-only'); END;

-- What was written beside a request or the end of an agreement. Forgotten; nothing else names it.
CREATE TABLE kommentar (
    id        INTEGER PRIMARY KEY,
    anmodning INTEGER REFERENCES anmodning (id),
    aftale    INTEGER REFERENCES aftale (id) CHECK ((anmodning IS NULL) <> (aftale IS NULL)),
    tidspunkt INTEGER NOT NULL,
    cvr       TEXT,
    person    TEXT,
    tekst     TEXT    NOT NULL
) STRICT;

CREATE INDEX kommentar_anmodning ON kommentar (anmodning) WHERE anmodning IS NOT NULL;
CREATE INDEX kommentar_aftale    ON kommentar (aftale) WHERE aftale IS NOT NULL;
CREATE INDEX kommentar_tidspunkt ON kommentar (tidspunkt);

-- Who a pseudonym is. Forgotten when the person has not been seen for long.
CREATE TABLE person (
    pseudonym TEXT    PRIMARY KEY,
    navn      TEXT    NOT NULL,
    cvr       TEXT    NOT NULL,
    sidst_set INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX person_sidst_set ON person (sidst_set);

-- The SHA-256 of the secret in an organisation's address for notices; one at a time.
CREATE TABLE varsel (
    cvr      TEXT    PRIMARY KEY REFERENCES organisation (cvr),
    hash     BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    oprettet INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
