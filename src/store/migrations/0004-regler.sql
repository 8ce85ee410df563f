-- What the rules of decisions §7 need beside the records: exact names, findings of the monthly run, A-numbers.

CREATE INDEX post_navn ON post (navn);

-- A finding stays one row from when it is first seen until it is resolved; found again later it is another.
CREATE TABLE fund (
    id         INTEGER PRIMARY KEY,
    kode       TEXT    NOT NULL,
    -- The record it is about; NULL for one about the kommune as such.
    nummer     TEXT,
    kommune    INTEGER NOT NULL,
    besked_da  TEXT    NOT NULL,
    besked_en  TEXT    NOT NULL,
    hjaelp_da  TEXT    NOT NULL,
    hjaelp_en  TEXT    NOT NULL,
    foerst_set INTEGER NOT NULL,
    sidst_set  INTEGER NOT NULL,
    loest      INTEGER
) STRICT;

CREATE UNIQUE INDEX fund_aabne   ON fund (kode, coalesce(nummer, ''), kommune) WHERE loest IS NULL;
CREATE INDEX        fund_kommune ON fund (kommune);

-- One row for each run.
CREATE TABLE kontrol (
    id      INTEGER PRIMARY KEY,
    begyndt INTEGER NOT NULL,
    poster  INTEGER NOT NULL,
    nye     INTEGER NOT NULL,
    aabne   INTEGER NOT NULL,
    loeste  INTEGER NOT NULL
) STRICT;

-- Numbers from before the register (A and five digits), with what is known of them. g_nummer is set once somebody has
-- confirmed which record goes on; the dates are those of the plan.
CREATE TABLE a_nummer (
    nummer      TEXT    PRIMARY KEY,
    navn        TEXT    NOT NULL,
    kommune     INTEGER,
    p_nummer    TEXT,
    vej_navn    TEXT,
    hus_nummer  TEXT,
    post_nummer TEXT,
    g_nummer    TEXT    REFERENCES post (nummer),
    afgjort     INTEGER CHECK ((afgjort IS NULL) = (g_nummer IS NULL)),
    aftaler_til TEXT,
    lukkes      TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX a_nummer_g ON a_nummer (g_nummer) WHERE g_nummer IS NOT NULL;

-- Candidates that somebody has looked at and refused.
CREATE TABLE a_nummer_afvist (
    a_nummer TEXT NOT NULL REFERENCES a_nummer (nummer),
    g_nummer TEXT NOT NULL REFERENCES post (nummer),
    PRIMARY KEY (a_nummer, g_nummer)
) STRICT, WITHOUT ROWID;
