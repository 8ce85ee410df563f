"""The life cycle of a dagtilbud with suds, a SOAP client that nobody here wrote.

Usage: suds_livscyklus.py FOLDER BUSY CLOCK, where FOLDER is that of a running `dtr demo --dir FOLDER`, and the others are
the services that answer with 429 and with 503 (`servere`).
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
busy, clock = sys.argv[2:]
demo = json.loads((folder / "demo.json").read_text())
pki = folder / "pki"
ADDRESSING = ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing")


class MutualTls(suds.transport.https.HttpAuthenticated):
    def __init__(self, name):
        super().__init__()
        self.context = ssl.create_default_context(cafile=str(pki / "ca.pem"))
        self.context.load_cert_chain(pki / f"{name}.pem", pki / f"{name}.key")
        self.readable = False

    def send(self, request):
        try:
            return super().send(request)
        except suds.transport.TransportError as error:
            self.status, self.headers = error.httpcode, error.fp.headers
            # suds looks for a fault behind 200 and 500 alone: two lines that a caller may have too.
            if self.readable:
                error.httpcode = 500
            raise

    def u2handlers(self):
        return [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.context)]


def client(*arguments, **named):
    return connect(*arguments, **named).service


def connect(service, version, name="kommune", headers=None, soapheaders=(), url=None, path=None):
    made = suds.client.Client(f"{demo['public_url']}/wsdl/soap11/{service}-{version}.wsdl", transport=MutualTls(name),
                              cache=None, headers=headers or {}, soapheaders=soapheaders, timeout=60)
    made.set_options(location=f"{url or demo['service_url']}/{version}/{path or service}", port=service + "Soap11")
    return made


def stored(answer):
    assert answer.status == "OK", answer
    return answer.resultat[0].institutionsnummer if hasattr(answer.resultat[0], "institutionsnummer") else None


WORDS = {
    "DTR1001": ("findes ikke her", "There is no path"),
    "DTR1003": ("Beskeden er større", "The message is larger"),
    "DTR1016": ("må ikke skrive", "may not write"),
    "DTR1018": ("flere kald, end", "more calls than"),
    "DTR1041": ("stoler ikke på", "does not trust"),
    "DTR3015": ("Ukendt", "Ukendt"),
}


def failed(call, *arguments, **named):
    """The exception of a call that is made until it fails."""
    for _ in range(50):
        try:
            call(*arguments, **named)
        except Exception as error:
            return error
    raise AssertionError("no fault")


def fault(code, call, *arguments, **named):
    error = failed(call, *arguments, **named)
    assert isinstance(error, suds.WebFault), error
    detail = error.fault.detail.fejlDetalje
    da, en = WORDS[code]
    assert detail.kode == code and da in detail.beskedDa and en in detail.beskedEn, error.fault


def unreadable(code, status, made, call, *arguments):
    """A status that suds reads no fault from: it tells the number. Once the transport says 500, the fault is there."""
    transport = made.options.transport
    error = failed(call, *arguments)
    assert not isinstance(error, suds.WebFault) and error.args[0][0] == status, error
    transport.readable = True
    fault(code, call, *arguments)
    assert transport.status == status
    return transport.headers["Retry-After"]


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
    lost = connect("ImportService", version, path="Ukendt")
    assert unreadable("DTR1001", 404, lost, lost.service.HelloWorld) is None
    hasty = connect("ImportService", version, url=busy)
    assert int(unreadable("DTR1018", 429, hasty, hasty.service.HelloWorld)) >= 1
    late = connect("ImportService", version, url=clock)
    assert int(unreadable("DTR1041", 503, late, late.service.InsertDaginstitution, None, TOP)) >= 1


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
