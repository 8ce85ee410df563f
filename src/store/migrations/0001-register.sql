-- The register: an append-only history, and what is derived from it.
--
-- Instants are milliseconds since 1970-01-01T00:00:00Z, dates are YYYY-MM-DD, identifiers (UUID) and hashes are bytes,
-- numbers with leading zeros are text. Absent is NULL, never an empty text.
--
-- The checks use no IN: a list makes SQLite build a table of its own for each row that is written.

-- Every version of every record. A field that the record's level lacks is NULL.
CREATE TABLE aendring (
    sekvens           INTEGER PRIMARY KEY,
    tidspunkt         INTEGER NOT NULL,
    handling          TEXT    NOT NULL CHECK (handling = 'oprettet' OR handling = 'aendret'
                                              OR handling = 'flyttet' OR handling = 'nedlagt'),
    ophav_cvr         TEXT,
    ophav_navn        TEXT    NOT NULL,
    operation         TEXT    NOT NULL,
    korrelations_id   BLOB    NOT NULL,
    sagsnummer        TEXT,
    -- The supervising kommune at the time: of a daginstitution its own field, below it that of its daginstitution.
    adm_kommune       INTEGER NOT NULL,
    -- 1 daginstitution, 2 anvisningsenhed, 3 alternativ adresse.
    niveau            INTEGER NOT NULL CHECK (niveau BETWEEN 1 AND 3),
    nummer            TEXT    NOT NULL,
    version           INTEGER NOT NULL CHECK (version >= 1),
    oprettet          INTEGER NOT NULL,
    nedlagt           INTEGER,
    lukkeaarsag       TEXT,
    skolens_nummer    TEXT,
    -- Lineage: numbers, separated by a space.
    afloeser          TEXT,
    afloest_af        TEXT,
    foraelder         TEXT CHECK ((foraelder IS NULL) = (niveau = 1)),
    navn              TEXT    NOT NULL,
    ejerform          INTEGER,
    lovgrundlag       INTEGER,
    inst_type         INTEGER,
    email             TEXT,
    telefon           TEXT,
    cvr               TEXT,
    p_nummer          TEXT,
    gyldig_fra        TEXT,
    vej_navn          TEXT,
    vej_kode          TEXT,
    hus_nummer        TEXT,
    etage             TEXT,
    doer              TEXT,
    post_nummer       TEXT,
    by_navn           TEXT,
    supplerende_bynavn TEXT,
    kommune_kode      INTEGER,
    dawa_id           TEXT,
    geo_bredde        TEXT,
    geo_laengde       TEXT
) STRICT;

-- The rowid, and so the order of the versions, is part of every index.
CREATE INDEX aendring_nummer ON aendring (nummer);

CREATE TRIGGER aendring_kun_efter_hinanden BEFORE INSERT ON aendring
WHEN NEW.sekvens IS NOT (SELECT coalesce(max(sekvens), 0) + 1 FROM aendring)
  OR NEW.tidspunkt <= (SELECT tidspunkt FROM aendring WHERE sekvens = NEW.sekvens - 1)
BEGIN SELECT RAISE(ABORT, 'aendring: sekvens must follow without gap and time must go forward'); END;

CREATE TRIGGER aendring_aldrig_om BEFORE UPDATE ON aendring
BEGIN SELECT RAISE(ABORT, 'aendring is append-only'); END;

CREATE TRIGGER aendring_aldrig_vaek BEFORE DELETE ON aendring
BEGIN SELECT RAISE(ABORT, 'aendring is append-only'); END;

-- The current state: a pointer into the history for each record, with what records are searched by.
CREATE TABLE post (
    nummer      TEXT    PRIMARY KEY,
    sekvens     INTEGER NOT NULL REFERENCES aendring (sekvens),
    niveau      INTEGER NOT NULL CHECK (niveau BETWEEN 1 AND 3),
    foraelder   TEXT    REFERENCES post (nummer) CHECK ((foraelder IS NULL) = (niveau = 1)),
    -- The daginstitution that the record belongs to; its own number for a daginstitution.
    rod         TEXT    NOT NULL REFERENCES post (nummer),
    aktiv       INTEGER NOT NULL CHECK (aktiv IN (0, 1)),
    -- Of a daginstitution alone: everything under it has its kommune through rod.
    adm_kommune INTEGER CHECK ((adm_kommune IS NOT NULL) = (niveau = 1)),
    -- The name in Unicode lower case.
    navn        TEXT    NOT NULL,
    p_nummer    TEXT,
    cvr         TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX post_foraelder   ON post (foraelder, aktiv) WHERE foraelder IS NOT NULL;
CREATE INDEX post_rod         ON post (rod);
CREATE INDEX post_adm_kommune ON post (adm_kommune) WHERE adm_kommune IS NOT NULL;
CREATE INDEX post_p_nummer    ON post (p_nummer) WHERE p_nummer IS NOT NULL;
CREATE INDEX post_cvr         ON post (cvr) WHERE cvr IS NOT NULL;

CREATE TRIGGER post_aldrig_vaek BEFORE DELETE ON post
BEGIN SELECT RAISE(ABORT, 'a record is closed, never deleted'); END;

-- Answers of stored writes, by caller and MessageID; forgotten after 90 days. The id grows with time.
CREATE TABLE svar (
    id            INTEGER PRIMARY KEY,
    kalder        TEXT    NOT NULL,
    message_id    TEXT    NOT NULL,
    fingeraftryk  BLOB    NOT NULL CHECK (length(fingeraftryk) = 32),
    tidspunkt     INTEGER NOT NULL,
    konvolut      BLOB    NOT NULL,
    UNIQUE (kalder, message_id)
) STRICT;

CREATE TABLE organisation (
    cvr      TEXT    PRIMARY KEY,
    navn     TEXT    NOT NULL,
    art      TEXT    NOT NULL,
    kommune  INTEGER,
    oprettet INTEGER NOT NULL,
    lukket   INTEGER
) STRICT, WITHOUT ROWID;

-- Every version of every organisation; tidspunkt is when it was written.
CREATE TABLE organisation_historik (
    id        INTEGER PRIMARY KEY,
    tidspunkt INTEGER NOT NULL,
    cvr       TEXT    NOT NULL,
    navn      TEXT    NOT NULL,
    art       TEXT    NOT NULL,
    kommune   INTEGER,
    oprettet  INTEGER NOT NULL,
    lukket    INTEGER
) STRICT;

CREATE TRIGGER organisation_historik_aldrig_om BEFORE UPDATE ON organisation_historik
BEGIN SELECT RAISE(ABORT, 'organisation_historik is append-only'); END;

CREATE TRIGGER organisation_historik_aldrig_vaek BEFORE DELETE ON organisation_historik
BEGIN SELECT RAISE(ABORT, 'organisation_historik is append-only'); END;

-- The audit chain: each hash covers the line and the hash before it. The last row is the head.
CREATE TABLE revision (
    nr    INTEGER PRIMARY KEY,
    linje TEXT    NOT NULL,
    hash  BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER revision_kun_efter_hinanden BEFORE INSERT ON revision
WHEN NEW.nr IS NOT (SELECT coalesce(max(nr), 0) + 1 FROM revision)
BEGIN SELECT RAISE(ABORT, 'revision: lines must follow without gap'); END;

CREATE TRIGGER revision_aldrig_om BEFORE UPDATE ON revision
BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;

CREATE TRIGGER revision_aldrig_vaek BEFORE DELETE ON revision
BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;

-- The one row of what the register knows of itself: the line of history, and the last institution number issued
-- (NULL before the first).
CREATE TABLE tilstand (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    epoke   BLOB    NOT NULL CHECK (length(epoke) = 16),
    taeller TEXT
) STRICT;
