-- Administrators (kontrakt §8): certificates, by the identity that stays when they are renewed, that persons sign in with.
-- rettigheder are separated by a space.
CREATE TABLE administrator (
    identitet   TEXT    PRIMARY KEY,
    cvr         TEXT    NOT NULL REFERENCES organisation (cvr),
    rettigheder TEXT    NOT NULL CHECK (rettigheder <> ''),
    oprettet    INTEGER NOT NULL,
    lukket      INTEGER
) STRICT, WITHOUT ROWID;

-- Every version of each; tidspunkt is when it was written.
CREATE TABLE administrator_historik (
    id          INTEGER PRIMARY KEY,
    tidspunkt   INTEGER NOT NULL,
    identitet   TEXT    NOT NULL,
    cvr         TEXT    NOT NULL,
    rettigheder TEXT    NOT NULL,
    oprettet    INTEGER NOT NULL,
    lukket      INTEGER
) STRICT;

CREATE TRIGGER administrator_aldrig_vaek BEFORE DELETE ON administrator
BEGIN SELECT RAISE(ABORT, 'an administrator is taken off the list, never deleted'); END;

CREATE TRIGGER administrator_historik_aldrig_om BEFORE UPDATE ON administrator_historik
BEGIN SELECT RAISE(ABORT, 'administrator_historik is append-only'); END;

CREATE TRIGGER administrator_historik_aldrig_vaek BEFORE DELETE ON administrator_historik
BEGIN SELECT RAISE(ABORT, 'administrator_historik is append-only'); END;
