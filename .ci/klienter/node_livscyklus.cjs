// The whole life cycle of a dagtilbud with node-soap, a SOAP client that nobody here wrote.
//
// Usage: node_livscyklus.cjs FOLDER BUSY CLOCK, where FOLDER is that of a running `dtr demo --dir FOLDER`, and the others
// are the services that answer with 429 and with 503 (`servere`).
// Loads every WSDL, modular and flat, and writes and reads over mutual TLS as Aarhus Kommune.

const assert = require("node:assert");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const soap = require("soap");

const [folder, busy, clock] = process.argv.slice(2);
const demo = JSON.parse(fs.readFileSync(path.join(folder, "demo.json"), "utf8"));
const pki = (file) => fs.readFileSync(path.join(folder, "pki", file));

// `extra` may hold an address (url, path), a header of SOAP (soapHeader) and headers of HTTP (headers).
async function client(service, version, flat, name, soap12, extra = {}) {
  const wsdl = `${demo.public_url}/${flat ? "wsdl/flat" : "wsdl"}/${service}-${version}.wsdl`;
  const made = await soap.createClientAsync(wsdl, { forceSoap12Headers: soap12 });
  made.setSecurity(new soap.ClientSSLSecurity(pki(`${name}.key`), pki(`${name}.pem`), pki("ca.pem"), {}));
  if (extra.url) made.setEndpoint(`${extra.url}/${version}/${extra.path || service}`);
  if (extra.soapHeader) made.addSoapHeader(extra.soapHeader);
  for (const [name, value] of Object.entries(extra.headers || {})) made.addHttpHeader(name, value);
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
  const second = stored(await write("InsertDaginstitution", { proeve: false, daginstitution: [top] }));
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

const ADDRESSING = ["http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing"];

// The same MessageID, or the same Idempotency-Key, gets the stored answer.
async function retries(version, soap12) {
  const daginstitution = [{ daginstitutionsNavn: "Gentaget", ejerformKode: 1, lovgrundlagKode: 1, admKommuneKode: 751 }];
  const id = () => crypto.randomUUID();
  const ways = ADDRESSING.map((space) => ({ soapHeader: `<wsa:MessageID xmlns:wsa="${space}">urn:uuid:${id()}</wsa:MessageID>` }));
  ways.push({ headers: { "Idempotency-Key": id() } });
  const other = stored(await (await client("ImportService", version, true, "kommune", soap12))("InsertDaginstitution", { daginstitution }));
  for (const way of ways) {
    const write = await client("ImportService", version, true, "kommune", soap12, way);
    const once = await write("InsertDaginstitution", { daginstitution });
    const again = await write("InsertDaginstitution", { daginstitution });
    assert.equal(stored(once), stored(again), JSON.stringify(way));
    assert.equal(once.importSvar.korrelationsId, again.importSvar.korrelationsId);
    assert.notEqual(stored(once), other);
  }
}

const WORDS = {
  DTR1001: ["findes ikke her", "There is no path"],
  DTR1003: ["Beskeden er større", "The message is larger"],
  DTR1016: ["må ikke skrive", "may not write"],
  DTR1018: ["flere kald, end", "more calls than"],
  DTR1041: ["stoler ikke på", "does not trust"],
  DTR3015: ["Ukendt", "Ukendt"],
};

// Calls until there is a fault; tells how long to wait.
async function fault(kode, status, call, operation, message) {
  for (let round = 0; round < 50; round += 1) {
    const error = await call(operation, message).then(() => undefined, (error) => error);
    if (error === undefined) continue;
    const detail = error.root.Envelope.Body.Fault.detail || error.root.Envelope.Body.Fault.Detail;
    const { fejlDetalje } = detail;
    assert.equal(fejlDetalje.kode, kode);
    const [da, en] = WORDS[kode];
    assert.ok(fejlDetalje.beskedDa.includes(da) && fejlDetalje.beskedEn.includes(en), JSON.stringify(fejlDetalje));
    assert.equal(error.response.status, status);
    assert.equal(error.response.headers["x-korrelations-id"], fejlDetalje.korrelationsId);
    return error.response.headers["retry-after"];
  }
  assert.fail(`no fault ${kode}`);
}

async function faults(version, soap12) {
  const made = (name, extra) => client("ImportService", version, true, name, soap12, extra);
  const closing = ["DeleteDaginstitution", { daginstitution: [{ daginstitutionsNummer: "G30000" }] }];
  const own = await made("kommune");
  assert.equal(await fault("DTR1016", 500, await made("aftager"), ...closing), undefined);
  assert.equal(await fault("DTR3015", 500, own, "GetXMLSchema", { skemanavn: "Ukendt" }), undefined);
  assert.equal(await fault("DTR1003", 500, own, "GetXMLSchema", { skemanavn: "x".repeat(11 << 20) }), undefined);
  const lost = await made("kommune", { url: demo.service_url, path: "Ukendt" });
  assert.equal(await fault("DTR1001", 404, lost, "HelloWorld", {}), undefined);
  assert.ok((await fault("DTR1018", 429, await made("kommune", { url: busy }), "HelloWorld", {})) >= 1);
  assert.ok((await fault("DTR1041", 503, await made("kommune", { url: clock }), ...closing)) >= 1);
}

// An instant in UTC or with an offset is taken, and a day without a zone. A Date itself node-soap writes as nothing.
async function dates(soap12) {
  const read = await client("EksportService", "v2", true, "aftager", soap12);
  const write = await client("ImportService", "v2", true, "kommune", soap12);
  for (const tidspunkt of [new Date().toISOString(), "2099-01-01T00:00:00+01:00"]) {
    const then = await read("GetDagtilbudPrDato", { tidspunkt });
    assert.ok(then.dagtilbudsRegister.sekvens > 0, JSON.stringify(tidspunkt));
  }
  const top = { daginstitutionsNavn: "Fra i dag", ejerformKode: 1, lovgrundlagKode: 1, admKommuneKode: 751 };
  const today = new Date().toISOString().slice(0, 10);
  stored(await write("InsertDaginstitution", { daginstitution: [{ ...top, gyldigFra: today }] }));
  refused(await write("InsertDaginstitution", { daginstitution: [{ ...top, gyldigFra: `${today}+01:00` }] }), "DTR3024");
}

(async () => {
  for (const version of ["v1", "v2"]) {
    for (const flat of [false, true]) {
      for (const soap12 of [false, true]) {
        const number = await lifeCycle(version, flat, soap12);
        console.log(`node-soap: ${version} ${flat ? "flat" : "modular"} ${soap12 ? "1.2" : "1.1"}: life cycle of ${number}`);
      }
    }
    for (const soap12 of [false, true]) {
      await retries(version, soap12);
      await faults(version, soap12);
      console.log(`node-soap: ${version} ${soap12 ? "1.2" : "1.1"}: retries and typed faults`);
    }
  }
  for (const soap12 of [false, true]) {
    await dates(soap12);
    console.log(`node-soap: ${soap12 ? "1.2" : "1.1"}: dates`);
  }
})().catch((error) => {
  console.error(error.message || error);
  process.exit(1);
});
