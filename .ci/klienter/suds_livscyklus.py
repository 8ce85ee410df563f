"""The life cycle of a dagtilbud with suds, a SOAP client that nobody here wrote.

Usage: suds_livscyklus.py FOLDER, where FOLDER is that of a running `dtr demo --dir FOLDER`.
suds speaks SOAP 1.1. The scenario is the same for every stack, see README.md.
"""

import datetime
import json
import ssl
import sys
import urllib.request
import uuid
from pathlib import Path

import suds
import suds.client
import suds.transport.https
from suds.sax.element import Element

folder = Path(sys.argv[1])
demo = json.loads((folder / "demo.json").read_text())
pki = folder / "pki"
ADDRESSING = ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing")


class MutualTls(suds.transport.https.HttpAuthenticated):
    def __init__(self, name):
        super().__init__()
        self.context = ssl.create_default_context(cafile=str(pki / "ca.pem"))
        self.context.load_cert_chain(pki / f"{name}.pem", pki / f"{name}.key")

    def u2handlers(self):
        return [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.context)]


def client(service, version, name="kommune", headers=None, soapheaders=()):
    made = suds.client.Client(f"{demo['public_url']}/wsdl/soap11/{service}-{version}.wsdl", transport=MutualTls(name),
                              cache=None, headers=headers or {}, soapheaders=soapheaders, timeout=60)
    made.set_options(location=f"{demo['service_url']}/{version}/{service}", port=service + "Soap11")
    return made.service


def stored(answer):
    assert answer.status == "OK", answer
    return answer.resultat[0].institutionsnummer if hasattr(answer.resultat[0], "institutionsnummer") else None


def fault(code, call, *arguments, **named):
    try:
        answer = call(*arguments, **named)
    except suds.WebFault as error:
        assert error.fault.detail.fejlDetalje.kode == code, error.fault
        return
    raise AssertionError(answer)


TOP = {"daginstitutionsNavn": "Børnehuset \"Æblet & Pæren\"", "ejerformKode": 1, "lovgrundlagKode": 1, "admKommuneKode": 751}
ADDRESS = {"vejNavn": "Ålborgvej", "husNummer": "12a", "postNummer": "8000"}


def life_cycle(version):
    write = client("ImportService", version)
    dry = write.InsertDaginstitution(proeve=True, daginstitution=[TOP])
    assert dry.proeve and stored(dry) is None, dry
    first = stored(write.InsertDaginstitution(daginstitution=[TOP]))
    second = stored(write.InsertDaginstitution(proeve=False, daginstitution=[TOP]))
    unit = {"daginstitutionsNummer": first, "enhedsNavn": "Stuen på Åen", "adresse": ADDRESS, "instType3": 6012,
            "pNummer": "1000000001"}
    number = stored(write.InsertAnvisningsEnhed(anvisningsenhed=[unit]))
    extra = {"enhedsNummer": number, "alternativAdresseNavn": "Skovhytten", "adresse": ADDRESS}
    address = stored(write.InsertAlternativAdresse(alternativadresse=[extra]))
    stored(write.UpdateAnvisningsEnhed(anvisningsenhed=[{**unit, "enhedsNummer": number}]))
    bad = write.UpdateAnvisningsEnhed(anvisningsenhed=[{**unit, "enhedsNummer": number, "instType3": 9999}])
    assert bad.status == "AFVIST" and bad.fejl[0].kode == "DTR5001", bad
    stored(write.MoveAnvisningsEnhed(anvisningsenhed=[{"enhedsNummer": number, "nytDaginstitutionsNummer": second}]))
    tree = client("EksportService", version, "aftager").GetDagtilbudByDagInstitutionsNummer(second)
    assert tree.daginstitution[0].anvisningsenhed[0].adresse.husNummer == "12A", tree
    stored(write.DeleteAlternativAdresse(alternativadresse=[{"alternativAdresseNummer": address}]))
    stored(write.DeleteAnvisningsEnhed(anvisningsenhed=[{"enhedsNummer": number}]))
    for closed in (first, second):
        stored(write.DeleteDaginstitution(daginstitution=[{"daginstitutionsNummer": closed}]))
    return number


def retries(version):
    ways = [{"soapheaders": Element("MessageID", ns=("wsa", space)).setText(f"urn:uuid:{uuid.uuid4()}")} for space in ADDRESSING]
    ways.append({"headers": {"Idempotency-Key": str(uuid.uuid4())}})
    for way in ways:
        write = client("ImportService", version, **way)
        once, again = (write.InsertDaginstitution(daginstitution=[TOP]) for _ in range(2))
        assert stored(once) == stored(again) and once.korrelationsId == again.korrelationsId, (way, once, again)


def faults(version):
    stranger = client("ImportService", version, "aftager")
    fault("DTR1016", stranger.DeleteDaginstitution, daginstitution=[{"daginstitutionsNummer": "G30000"}])
    write = client("ImportService", version)
    fault("DTR3015", write.GetXMLSchema, "Ukendt")
    fault("DTR1003", write.GetXMLSchema, "x" * (11 << 20))


def dates():
    zone = datetime.timezone(datetime.timedelta(hours=1))
    then = client("EksportService", "v2", "aftager").GetDagtilbudPrDato(datetime.datetime.now(zone).isoformat())
    assert int(then.sekvens) > 0, then
    stored(client("ImportService", "v2").InsertDaginstitution(daginstitution=[{**TOP, "gyldigFra": datetime.date.today()}]))


for version in ("v1", "v2"):
    print(f"suds: {version}: life cycle of {life_cycle(version)}")
    retries(version)
    faults(version)
    print(f"suds: {version}: retries and typed faults")
dates()
print("suds: dates")
