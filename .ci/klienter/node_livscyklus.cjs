// The whole life cycle of a dagtilbud with node-soap, a SOAP client that nobody here wrote.
//
// Usage: node_livscyklus.cjs FOLDER, where FOLDER is that of a running `dtr demo --dir FOLDER`.
// Loads every WSDL, modular and flat, and writes and reads over mutual TLS as Aarhus Kommune.

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const soap = require("soap");

const folder = process.argv[2];
const demo = JSON.parse(fs.readFileSync(path.join(folder, "demo.json"), "utf8"));
const pki = (file) => fs.readFileSync(path.join(folder, "pki", file));

async function client(service, version, flat, name, soap12) {
  const wsdl = `${demo.public_url}/${flat ? "wsdl/flat" : "wsdl"}/${service}-${version}.wsdl`;
  const made = await soap.createClientAsync(wsdl, { forceSoap12Headers: soap12 });
  made.setSecurity(new soap.ClientSSLSecurity(pki(`${name}.key`), pki(`${name}.pem`), pki("ca.pem"), {}));
  const port = made[service][`${service}${soap12 ? "Soap12" : "Soap11"}`];
  return (operation, message) =>
    new Promise((resolve, reject) =>
      port[operation](message, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
}

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function stored(answer) {
  assert.equal(answer.importSvar.status, "OK", JSON.stringify(answer));
  return list(answer.importSvar.resultat)[0].institutionsnummer;
}

function refused(answer, code) {
  assert.equal(answer.importSvar.status, "AFVIST", JSON.stringify(answer));
  assert.ok(list(answer.importSvar.fejl).some((error) => error.kode === code), JSON.stringify(answer));
}

const adresse = { vejNavn: "Ærøgade", husNummer: "7b", postNummer: "8000", byNavn: "Aarhus C" };

async function lifeCycle(version, flat, soap12) {
  const write = await client("ImportService", version, flat, "kommune", soap12);
  const read = await client("EksportService", version, flat, "aftager", soap12);
  assert.match((await write("HelloWorld", {})).HelloWorldResult, /^Hello /);
  const top = { daginstitutionsNavn: "Børnehuset Ålen & Co", ejerformKode: 1, lovgrundlagKode: 1, admKommuneKode: 751 };
  const dry = await write("InsertDaginstitution", { proeve: true, daginstitution: [top] });
  assert.equal(list(dry.importSvar.resultat)[0].institutionsnummer, undefined);
  const first = stored(await write("InsertDaginstitution", { daginstitution: [top] }));
  const second = stored(await write("InsertDaginstitution", { daginstitution: [top] }));
  const unit = { daginstitutionsNummer: first, enhedsNavn: "Rød stue", adresse, instType3: 6011, pNummer: "1000000002" };
  const unitNumber = stored(await write("InsertAnvisningsEnhed", { anvisningsenhed: [unit] }));
  const extra = { enhedsNummer: unitNumber, alternativAdresseNavn: "Legepladsen", adresse };
  const address = stored(await write("InsertAlternativAdresse", { alternativadresse: [extra] }));
  const { daginstitutionsNummer, ...rest } = unit;
  const update = { enhedsNummer: unitNumber, daginstitutionsNummer, ...rest };
  stored(await write("UpdateAnvisningsEnhed", { anvisningsenhed: [update] }));
  refused(await write("UpdateAnvisningsEnhed", { anvisningsenhed: [{ ...update, instType3: 9999 }] }), "DTR5001");
  refused(await write("DeleteDaginstitution", { daginstitution: [{ daginstitutionsNummer: first }] }), "DTR5006");
  const move = { enhedsNummer: unitNumber, nytDaginstitutionsNummer: second };
  stored(await write("MoveAnvisningsEnhed", { anvisningsenhed: [move] }));
  const tree = await read("GetDagtilbudByDagInstitutionsNummer", { daginstitutionsNummer: second });
  const found = list(list(tree.dagtilbudsRegister.daginstitution)[0].anvisningsenhed)[0];
  assert.equal(found.enhedsNavn, "Rød stue");
  assert.equal(found.adresse.husNummer, "7B");
  assert.equal(list(found.alternativadresse)[0].alternativAdresseNummer, address);
  stored(await write("DeleteAlternativAdresse", { alternativadresse: [{ alternativAdresseNummer: address }] }));
  stored(await write("DeleteAnvisningsEnhed", { anvisningsenhed: [{ enhedsNummer: unitNumber }] }));
  for (const number of [first, second]) {
    stored(await write("DeleteDaginstitution", { daginstitution: [{ daginstitutionsNummer: number }] }));
  }
  const closed = await read("GetAnvisningsEnhederByNummer", { enhedsNummer: unitNumber });
  assert.equal(list(closed.anvisningenhederExtend.anvisningsenhed)[0].aktivitetsstatus, "Nedlagt");
  return unitNumber;
}

async function fault() {
  const stranger = await client("ImportService", "v2", true, "aftager", false);
  await assert.rejects(
    stranger("DeleteDaginstitution", { daginstitution: [{ daginstitutionsNummer: "G30000" }] }),
    (error) => error.root.Envelope.Body.Fault.detail.fejlDetalje.kode === "DTR1016",
  );
}

(async () => {
  for (const version of ["v1", "v2"]) {
    for (const flat of [false, true]) {
      for (const soap12 of [false, true]) {
        const number = await lifeCycle(version, flat, soap12);
        console.log(`node-soap: ${version} ${flat ? "flat" : "modular"} ${soap12 ? "1.2" : "1.1"}: life cycle of ${number}`);
      }
    }
  }
  await fault();
  console.log("node-soap: faults");
})().catch((error) => {
  console.error(error.message || error);
  process.exit(1);
});
