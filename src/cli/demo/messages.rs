//! The messages of the demonstration: made up, in the form that a vendor would send. Record content is in the types'
//! namespace, which is the default one; the operation and its records are in the service's.

/// The element of a write around its records.
fn operation(name: &str, records: &str) -> String {
    format!(
        "    <i:{name}\n        xmlns:i=\"urn:dagtilbudsregister:import:v2\"\n        xmlns=\"urn:dagtilbudsregister:typer:v2\">\n{records}    </i:{name}>\n"
    )
}

/// A new daginstitution in Aarhus.
pub(super) fn insert_daginstitution(navn: &str, dry_run: bool) -> String {
    let proeve = if dry_run {
        "      <i:proeve>true</i:proeve>\n"
    } else {
        ""
    };
    let record = format!(
        "{proeve}      <i:daginstitution>
        <daginstitutionsNavn>{navn}</daginstitutionsNavn>
        <ejerformKode>1</ejerformKode>
        <lovgrundlagKode>1</lovgrundlagKode>
        <admKommuneKode>751</admKommuneKode>
      </i:daginstitution>\n"
    );
    operation("InsertDaginstitution", &record)
}

/// A unit under a daginstitution.
pub(super) fn insert_enhed(daginstitution: &str) -> String {
    let record = format!(
        "      <i:anvisningsenhed>
        <daginstitutionsNummer>{daginstitution}</daginstitutionsNummer>
        <enhedsNavn>Børnehuset Æblehaven</enhedsNavn>
        <adresse>
          <vejNavn>Bøgeskrænten</vejNavn>
          <husNummer>27b</husNummer>
          <postNummer>8270</postNummer>
        </adresse>
        <instType3>6012</instType3>
        <email>aeblehaven@aarhus.example</email>
        <pNummer>1975199001</pNummer>
      </i:anvisningsenhed>\n"
    );
    operation("InsertAnvisningsEnhed", &record)
}

/// An alternative address of a unit.
pub(super) fn insert_adresse(enhed: &str) -> String {
    let record = format!(
        "      <i:alternativadresse>
        <enhedsNummer>{enhed}</enhedsNummer>
        <alternativAdresseNavn>Æblehavens skovplads</alternativAdresseNavn>
        <adresse>
          <vejNavn>Rævekrogen</vejNavn>
          <husNummer>40</husNummer>
          <postNummer>8270</postNummer>
        </adresse>
      </i:alternativadresse>\n"
    );
    operation("InsertAlternativAdresse", &record)
}

/// The whole record of a daginstitution anew, if it is still at version 1.
pub(super) fn update_daginstitution(number: &str) -> String {
    let record = format!(
        "      <i:daginstitution forventetVersion=\"1\">
        <daginstitutionsNummer>{number}</daginstitutionsNummer>
        <daginstitutionsNavn>Dagtilbud Æblehaven &amp; Mose</daginstitutionsNavn>
        <ejerformKode>1</ejerformKode>
        <lovgrundlagKode>1</lovgrundlagKode>
        <admKommuneKode>751</admKommuneKode>
      </i:daginstitution>\n"
    );
    operation("UpdateDaginstitution", &record)
}

/// Two units with five errors: of the schema, of the code tables, of the register and of the caller's rights.
pub(super) fn refused_enheder(daginstitution: &str, foreign: &str) -> String {
    let record = format!(
        "      <i:anvisningsenhed>
        <daginstitutionsNummer>{daginstitution}</daginstitutionsNummer>
        <enhedsNavn>Børnehuset Mosen</enhedsNavn>
        <adresse>
          <vejNavn>Rævekrogen</vejNavn>
          <husNummer>0</husNummer>
          <postNummer>827</postNummer>
        </adresse>
        <instType3>9999</instType3>
        <pNummer>1975199002</pNummer>
      </i:anvisningsenhed>
      <i:anvisningsenhed>
        <daginstitutionsNummer>{foreign}</daginstitutionsNummer>
        <enhedsNavn>Børnehuset Fjordblik</enhedsNavn>
        <adresse>
          <vejNavn>Rævekrogen</vejNavn>
          <husNummer>2</husNummer>
          <postNummer>8270</postNummer>
        </adresse>
        <instType3>6012</instType3>
      </i:anvisningsenhed>\n"
    );
    operation("InsertAnvisningsEnhed", &record)
}

/// A unit under another daginstitution.
pub(super) fn move_enhed(enhed: &str, to: &str) -> String {
    let record = format!(
        "      <i:anvisningsenhed forventetVersion=\"1\">
        <enhedsNummer>{enhed}</enhedsNummer>
        <nytDaginstitutionsNummer>{to}</nytDaginstitutionsNummer>
      </i:anvisningsenhed>\n"
    );
    operation("MoveAnvisningsEnhed", &record)
}

/// The logical close of a daginstitution that was merged into another.
pub(super) fn delete_daginstitution(number: &str, successor: &str) -> String {
    let record = format!(
        "      <i:daginstitution forventetVersion=\"2\">
        <daginstitutionsNummer>{number}</daginstitutionsNummer>
        <lukkeaarsag>sammenlagt</lukkeaarsag>
        <afloestAf>{successor}</afloestAf>
      </i:daginstitution>\n"
    );
    operation("DeleteDaginstitution", &record)
}

/// An operation of the EksportService with one parameter.
pub(super) fn export(name: &str, parameter: &str, value: &str) -> String {
    format!(
        "    <{name}\n        xmlns=\"urn:dagtilbudsregister:eksport:v2\">\n      <{parameter}>{value}</{parameter}>\n    </{name}>\n"
    )
}
