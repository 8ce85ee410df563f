"""The whole life cycle of a dagtilbud with zeep, a SOAP client that nobody here wrote.

Usage: zeep_livscyklus.py FOLDER BUSY CLOCK, where FOLDER is that of a running `dtr demo --dir FOLDER`, and the others are
the services that answer with 429 and with 503 (`servere`).
Loads every WSDL, modular and flat, in both SOAP versions, and writes and reads over mutual TLS as Aarhus Kommune.
"""

import datetime
import json
import sys
import uuid
from pathlib import Path

import requests
import zeep
from lxml.builder import ElementMaker
from zeep.transports import Transport

folder = Path(sys.argv[1])
busy, clock = sys.argv[2:]
demo = json.loads((folder / "demo.json").read_text())
pki = folder / "pki"


def session(name):
    session = requests.Session()
    # Else a REQUESTS_CA_BUNDLE of the environment would take the place of our CA.
    session.trust_env = False
    session.verify = str(pki / "ca.pem")
    session.cert = (str(pki / f"{name}.pem"), str(pki / f"{name}.key"))
    return session


class Seen(Transport):
    """Keeps the last answer of HTTP, which zeep shows nobody."""

    def post(self, *arguments):
        self.last = super().post(*arguments)
        return self.last


def client(service, version, flat, name="kommune", port="Soap11"):
    path = "wsdl/flat" if flat else "wsdl"
    wsdl = f"{demo['public_url']}/{path}/{service}-{version}.wsdl"
    return zeep.Client(wsdl, transport=Seen(session=session(name)), service_name=service, port_name=service + port)


def stored(answer, count=1):
    assert answer.status == "OK", answer
    assert len(answer.resultat) == count, answer
    return answer.resultat[0].institutionsnummer


def refused(answer, code):
    assert answer.status == "AFVIST", answer
    error = next(error for error in answer.fejl if error.kode == code)
    assert error.beskedDa and error.beskedEn and error.afhjaelpning, error
    return error


ADDRESS = {"vejNavn": "Ålborgvej", "husNummer": "12a", "postNummer": "8000", "byNavn": "Aarhus C"}


def life_cycle(version, flat, port):
    service = client("ImportService", version, flat, port=port).service
    export = client("EksportService", version, flat, name="aftager", port=port).service
    assert service.HelloWorld().startswith("Hello ")
    assert "<xs:schema" in service.GetXMLSchema(f"Typer-{version}")
    assert service.ValidateXmlAgainstSchema(f"ImportService-{version}", "<rubbish").status == "AFVIST"

    top = {"daginstitutionsNavn": "Børnehuset \"Æblet & Pæren\"", "ejerformKode": 1, "lovgrundlagKode": 1,
           "admKommuneKode": 751}
    dry = service.InsertDaginstitution(proeve=True, daginstitution=[top])
    assert dry.status == "OK" and dry.proeve and dry.resultat[0].institutionsnummer is None, dry
    first = stored(service.InsertDaginstitution(daginstitution=[top]))
    second = stored(service.InsertDaginstitution(proeve=False, daginstitution=[{**top, "daginstitutionsNavn": "Nr. to"}]))

    unit = {"daginstitutionsNummer": first, "enhedsNavn": "Stuen på Åen", "adresse": ADDRESS, "instType3": 6012,
            "email": "stuen@example.dk", "pNummer": "1000000001"}
    unit_number = stored(service.InsertAnvisningsEnhed(anvisningsenhed=[unit]))
    extra = {"enhedsNummer": unit_number, "alternativAdresseNavn": "Skovhytten", "adresse": ADDRESS}
    address_number = stored(service.InsertAlternativAdresse(alternativadresse=[extra]))

    stored(service.UpdateAnvisningsEnhed(anvisningsenhed=[{**unit, "enhedsNummer": unit_number, "telefonNummer": "00000000"}]))
    bad = refused(service.UpdateAnvisningsEnhed(
        anvisningsenhed=[{**unit, "enhedsNummer": unit_number, "instType3": 9999}]), "DTR5001")
    assert bad.sti == "/UpdateAnvisningsEnhed/anvisningsenhed[1]/instType3", bad
    refused(service.DeleteDaginstitution(daginstitution=[{"daginstitutionsNummer": first}]), "DTR5006")

    stored(service.MoveAnvisningsEnhed(
        anvisningsenhed=[{"enhedsNummer": unit_number, "nytDaginstitutionsNummer": second}]))
    tree = export.GetDagtilbudByDagInstitutionsNummer(second)
    found = tree.daginstitution[0].anvisningsenhed[0]
    assert found.enhedsNummer == unit_number and found.enhedsNavn == "Stuen på Åen", found
    assert found.adresse.husNummer == "12A" and found.instType3_Tekst, found
    assert found.alternativadresse[0].alternativAdresseNummer == address_number, found
    assert [row.enhedsNummer for row in export.GetAnvisningsEnhederByNavn("PÅ ÅEN").anvisningsenhed].count(unit_number) == 1

    stored(service.DeleteAlternativAdresse(alternativadresse=[{"alternativAdresseNummer": address_number}]))
    closing = {"lukkeaarsag": "ophoert"} if version == "v2" else {}
    stored(service.DeleteAnvisningsEnhed(anvisningsenhed=[{"enhedsNummer": unit_number, **closing}]))
    for number in (first, second):
        stored(service.DeleteDaginstitution(daginstitution=[{"daginstitutionsNummer": number}]))
    refused(service.DeleteDaginstitution(daginstitution=[{"daginstitutionsNummer": first}]), "DTR5003")
    closed = export.GetAnvisningsEnhederByNummer(unit_number).anvisningsenhed[0]
    assert closed.aktivitetsstatus == "Nedlagt", closed
    return unit_number


def exports(flat, port, unit_number):
    export = client("EksportService", "v2", flat, name="aftager", port=port).service
    assert len(export.GetAllDagtilbud().daginstitution) >= 60
    assert len(export.GetAllAnvisningsEnheder().anvisningsenhed) >= 150
    assert len(export.GetAllAlternativAdresser(inkluderNedlagte=True).alternativadresse) >= 30
    assert len(export.GetKodetabeller().kodetabel) == 4
    history = export.GetHistorik(unit_number)
    assert [change.handling for change in history.aendring] == ["oprettet", "aendret", "flyttet", "nedlagt"], history
    assert all(change.aktoerCvrNummer == "55133018" for change in history.aendring), history
    page = export.GetAendringer(history.sekvens - 3, 2)
    assert [change.sekvens for change in page.aendring] == [history.sekvens - 2, history.sekvens - 1], page
    then = export.GetDagtilbudPrDato(history.aendring[0].tidspunkt)
    assert then.sekvens == history.aendring[0].sekvens, then.sekvens
    assert export.HentDataAftaler().epoke == then.epoke


ADDRESSING = ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing")


def retries(version, port):
    """The same MessageID, or the same Idempotency-Key, gets the stored answer."""
    top = {"daginstitutionsNavn": "Gentaget", "ejerformKode": 1, "lovgrundlagKode": 1, "admKommuneKode": 751}
    for space in (*ADDRESSING, None):
        made = client("ImportService", version, True, port=port)
        sent = str(uuid.uuid4())
        if space is None:
            made.transport.session.headers["Idempotency-Key"] = sent
            headers = []
        else:
            headers = [ElementMaker(namespace=space).MessageID(f"urn:uuid:{sent}")]
        once, again = (made.service.InsertDaginstitution(daginstitution=[top], _soapheaders=headers) for _ in range(2))
        assert stored(once) == stored(again) and once.korrelationsId == again.korrelationsId, (space, once, again)
        if space is not None:
            assert stored(made.service.InsertDaginstitution(daginstitution=[top])) != stored(once), space


def typed(fault, made):
    """What `detail` holds, as zeep's type of the schema."""
    element = made.get_element("{urn:dagtilbudsregister:fejl:v1}fejlDetalje")
    return element.parse(fault.detail[0], made.wsdl.types)


WORDS = {
    "DTR1001": ("findes ikke her", "There is no path"),
    "DTR1003": ("Beskeden er større", "The message is larger"),
    "DTR1016": ("må ikke skrive", "may not write"),
    "DTR1018": ("flere kald, end", "more calls than"),
    "DTR1041": ("stoler ikke på", "does not trust"),
    "DTR3015": ("Ukendt", "Ukendt"),
}


def fault(made, code, status, call, *arguments, **named):
    """Calls until there is a fault; says how long to wait."""
    for _ in range(50):
        try:
            call(*arguments, **named)
        except zeep.exceptions.Fault as error:
            detail = typed(error, made)
            break
    else:
        raise AssertionError(f"no fault {code}")
    assert detail.kode == code, detail
    da, en = WORDS[code]
    assert da in detail.beskedDa and en in detail.beskedEn and detail.beskedDa != detail.beskedEn, detail
    answer = made.transport.last
    assert answer.status_code == status, answer
    assert answer.headers["X-Korrelations-Id"] == detail.korrelationsId, detail
    return answer.headers.get("Retry-After")


def faults(version, port):
    def made(name="kommune", url=None, path="ImportService"):
        made = client("ImportService", version, True, name, port)
        service = made.service
        if url:
            service = made.create_service(service._binding.name, f"{url}/{version}/{path}")
        return made, service

    closing = {"daginstitution": [{"daginstitutionsNummer": "G30000"}]}
    stranger, service = made("aftager")
    assert fault(stranger, "DTR1016", 500, service.DeleteDaginstitution, **closing) is None
    own, service = made()
    assert fault(own, "DTR3015", 500, service.GetXMLSchema, "Ukendt") is None
    assert fault(own, "DTR1003", 500, service.GetXMLSchema, "x" * (11 << 20)) is None
    lost, service = made(url=demo["service_url"], path="Ukendt")
    assert fault(lost, "DTR1001", 404, service.HelloWorld) is None
    hasty, service = made(url=busy)
    assert int(fault(hasty, "DTR1018", 429, service.HelloWorld)) >= 1
    late, service = made(url=clock)
    assert int(fault(late, "DTR1041", 503, service.DeleteDaginstitution, **closing)) >= 1


def dates(port):
    """An instant with the offset of its zone is taken, and a day without one."""
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=1)))
    export = client("EksportService", "v2", True, name="aftager", port=port)
    sent = export.create_message(export.service, "GetDagtilbudPrDato", now)
    assert b"+01:00<" in zeep.helpers.etree.tostring(sent), zeep.helpers.etree.tostring(sent)
    assert export.service.GetDagtilbudPrDato(now).sekvens > 0
    top = {"daginstitutionsNavn": "Fra i dag", "ejerformKode": 1, "lovgrundlagKode": 1, "admKommuneKode": 751}
    write = client("ImportService", "v2", True, port=port).service
    stored(write.InsertDaginstitution(daginstitution=[{**top, "gyldigFra": datetime.date.today()}]))
    zoned = write.InsertDaginstitution(daginstitution=[{**top, "gyldigFra": f"{datetime.date.today()}+01:00"}])
    assert refused(zoned, "DTR3024") and len(zoned.fejl) == 1, zoned


def handshake():
    try:
        client("ImportService", "v2", True, name="udloebet").service.HelloWorld()
        raise AssertionError("an expired certificate gets no answer")
    except requests.exceptions.ConnectionError:
        pass


for version in ("v1", "v2"):
    for flat in (False, True):
        for port in ("Soap11", "Soap12"):
            number = life_cycle(version, flat, port)
            print(f"zeep: {version} {'flat' if flat else 'modular'} {port}: life cycle of {number}")
            if version == "v2":
                exports(flat, port, number)
    for port in ("Soap11", "Soap12"):
        retries(version, port)
        faults(version, port)
        print(f"zeep: {version} {port}: retries and typed faults")
for port in ("Soap11", "Soap12"):
    dates(port)
    print(f"zeep: {port}: dates")
handshake()
print("zeep: exports and the handshake")
