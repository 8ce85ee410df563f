// The life cycle of a dagtilbud with gSOAP, a SOAP client that nobody here wrote.
//
// Usage: livscyklus SERVICE_URL PKI BUSY CLOCK (services that answer with 429 and with 503). run.sh compiles it once for each version (VERSION) and SOAP form (DTR_FORM).
// The scenario is the same for every stack, see ../README.md.

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <list>
#include <string>
#include <vector>

#include "soapEksportServiceSoap11Proxy.h"
#include "soapImportServiceSoap11Proxy.h"
#include "ImportServiceSoap11.nsmap"

static std::string service_url, pki, busy, clock_url;
static const char *STACK = "gSOAP: " VERSION " ";

static void check(bool holds, const std::string &what, struct soap *soap = nullptr)
{
    if (holds) return;
    std::cerr << STACK << what << "\n";
    if (soap) soap_stream_fault(soap, std::cerr);
    std::exit(1);
}

// The header that says when to come again, which gSOAP leaves to its caller.
static std::string retry_after;
static int (*parse_header)(struct soap *, const char *, const char *);

static int heard(struct soap *soap, const char *name, const char *value)
{
    if (!soap_tag_cmp(name, "Retry-After")) retry_after = value;
    return parse_header(soap, name, value);
}

template <class Proxy>
static void connect(Proxy &proxy, const std::string &service, const std::string &name, const std::string &url = service_url)
{
    static std::list<std::string> kept;
    kept.push_back(url + "/" VERSION "/" + service);
    proxy.soap_endpoint = kept.back().c_str();
    struct soap *soap = proxy.soap;
    parse_header = soap->fparsehdr;
    soap->fparsehdr = heard;
    soap_set_omode(soap, SOAP_C_UTFSTRING);
    soap_set_imode(soap, SOAP_C_UTFSTRING);
    // One file with certificate and key, as gSOAP wants it.
    check(soap_ssl_client_context(soap, SOAP_SSL_REQUIRE_SERVER_AUTHENTICATION, (pki + "/" + name + ".begge.pem").c_str(),
              nullptr, (pki + "/ca.pem").c_str(), nullptr, nullptr) == SOAP_OK, "TLS", soap);
}

// An optional flag is a pointer in gSOAP, one with a default a plain bool: both are set alike.
static void flag(struct soap *soap, bool *&field, bool value) { field = soap_new_bool(soap); *field = value; }
[[maybe_unused]] static void flag(struct soap *, bool &field, bool value) { field = value; }

// The answer by reference: it is there once the call, another argument, was made.
static std::string stored(struct soap *soap, int status, imp__ImportSvar *const &answer)
{
    check(status == SOAP_OK, "a call", soap);
    if (answer->status != imp__Svarstatus__OK && !answer->fejl.empty()) std::cerr << answer->fejl[0]->beskedEn << "\n";
    check(answer->status == imp__Svarstatus__OK, "stored");
    return answer->resultat.at(0)->institutionsnummer ? *answer->resultat.at(0)->institutionsnummer : "";
}

// What generated code keeps a typed detail in: one place in SOAP 1.1, another in 1.2.
static const fejl__FejlDetalje *detail(struct soap *soap)
{
    if (!soap->fault) return nullptr;
    const SOAP_ENV__Detail *detail = soap->fault->detail ? soap->fault->detail : soap->fault->SOAP_ENV__Detail;
    return detail ? detail->fejl__fejlDetalje : nullptr;
}

static bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

// Behind 500: the fault, typed.
static void fault(struct soap *soap, int status, const std::string &code, const std::string &da, const std::string &en)
{
    check(status != SOAP_OK && soap->status == 500, "no fault " + code, soap);
    const fejl__FejlDetalje *seen = detail(soap);
    check(seen && seen->kode == code && has(seen->beskedDa, da) && has(seen->beskedEn, en), "fault " + code, soap);
}

// Another status: gSOAP reads no fault from it. The call returns the number, and the fault is text in the detail.
static void unread(struct soap *soap, int status, int due, const std::string &code, const std::string &da, const std::string &en)
{
    check(status == due && !detail(soap), "status of " + code, soap);
    const char *kept = soap_fault_detail(soap);
    const std::string text = kept ? kept : "";
    check(has(text, ">" + code + "<") && has(text, da) && has(text, en), "text of " + code, soap);
    check((due == 404) == retry_after.empty() && (due == 404 || std::stoi(retry_after) >= 1), "Retry-After of " + code, soap);
    retry_after.clear();
}

static typ__DaginstitutionInsert *top(struct soap *soap)
{
    typ__DaginstitutionInsert *top = soap_new_typ__DaginstitutionInsert(soap);
    top->daginstitutionsNavn = "Børnehuset \"Æblet & Pæren\"";
    top->ejerformKode = 1;
    top->lovgrundlagKode = 1;
    top->admKommuneKode = 751;
    return top;
}

static typ__Adresse *place(struct soap *soap)
{
    typ__Adresse *place = soap_new_typ__Adresse(soap);
    place->vejNavn = "Ålborgvej";
    place->husNummer = "12a";
    place->postNummer = "8000";
    return place;
}

static std::string insert_top(ImportServiceSoap11Proxy &write, _imp__InsertDaginstitutionResponse &answer)
{
    _imp__InsertDaginstitution call;
    call.daginstitution.push_back(top(write.soap));
    return stored(write.soap, write.InsertDaginstitution(&call, answer), answer.importSvar);
}

static std::string life_cycle(ImportServiceSoap11Proxy &write, EksportServiceSoap11Proxy &read)
{
    struct soap *soap = write.soap;
    {
        _imp__InsertDaginstitution call;
        _imp__InsertDaginstitutionResponse answer;
        flag(soap, call.proeve, true);
        call.daginstitution.push_back(top(soap));
        check(stored(soap, write.InsertDaginstitution(&call, answer), answer.importSvar).empty(), "a dry run issues no number");
        check(answer.importSvar->proeve, "a dry run");
    }
    _imp__InsertDaginstitutionResponse one, other;
    const std::string first = insert_top(write, one), second = insert_top(write, other);

    _imp__InsertAnvisningsEnhed insert;
    _imp__InsertAnvisningsEnhedResponse inserted;
    typ__AnvisningsenhedInsert *unit = soap_new_typ__AnvisningsenhedInsert(soap);
    unit->daginstitutionsNummer = first;
    unit->enhedsNavn = "Stuen på Åen";
    unit->adresse = place(soap);
    unit->instType3 = 6012;
    unit->pNummer = "1000000001";
    insert.anvisningsenhed.push_back(unit);
    const std::string number = stored(soap, write.InsertAnvisningsEnhed(&insert, inserted), inserted.importSvar);

    _imp__InsertAlternativAdresse extra;
    _imp__InsertAlternativAdresseResponse placed;
    typ__AlternativAdresseInsert *address = soap_new_typ__AlternativAdresseInsert(soap);
    address->enhedsNummer = number;
    address->alternativAdresseNavn = "Skovhytten";
    address->adresse = place(soap);
    extra.alternativadresse.push_back(address);
    const std::string spot = stored(soap, write.InsertAlternativAdresse(&extra, placed), placed.importSvar);

    _imp__UpdateAnvisningsEnhed update;
    _imp__UpdateAnvisningsEnhedResponse updated, refused;
    typ__AnvisningsenhedUpdate *now = soap_new_typ__AnvisningsenhedUpdate(soap);
    now->enhedsNummer = number;
    now->daginstitutionsNummer = first;
    now->enhedsNavn = "Stuen ved Åen";
    now->adresse = place(soap);
    now->instType3 = 6012;
    now->pNummer = "1000000001";
    update.anvisningsenhed.push_back(now);
    stored(soap, write.UpdateAnvisningsEnhed(&update, updated), updated.importSvar);
    now->instType3 = 9999;
    check(write.UpdateAnvisningsEnhed(&update, refused) == SOAP_OK, "a refusal", soap);
    check(refused.importSvar->status == imp__Svarstatus__AFVIST && refused.importSvar->fejl.at(0)->kode == "DTR5001", "a refusal");

    _imp__MoveAnvisningsEnhed move;
    _imp__MoveAnvisningsEnhedResponse moved;
    typ__AnvisningsenhedMove *to = soap_new_typ__AnvisningsenhedMove(soap);
    to->enhedsNummer = number;
    to->nytDaginstitutionsNummer = second;
    move.anvisningsenhed.push_back(to);
    stored(soap, write.MoveAnvisningsEnhed(&move, moved), moved.importSvar);

    _eks__GetDagtilbudByDagInstitutionsNummer ask;
    _eks__GetDagtilbudByDagInstitutionsNummerResponse tree;
    ask.daginstitutionsNummer = second;
    check(read.GetDagtilbudByDagInstitutionsNummer(&ask, tree) == SOAP_OK, "the tree", read.soap);
    check(tree.dagtilbudsRegister->daginstitution.at(0)->anvisningsenhed.at(0)->adresse->husNummer == "12A", "the tree");

    _imp__DeleteAlternativAdresse no_spot;
    _imp__DeleteAlternativAdresseResponse gone_spot;
    typ__AlternativAdresseDelete *spot_key = soap_new_typ__AlternativAdresseDelete(soap);
    spot_key->alternativAdresseNummer = spot;
    no_spot.alternativadresse.push_back(spot_key);
    stored(soap, write.DeleteAlternativAdresse(&no_spot, gone_spot), gone_spot.importSvar);
    _imp__DeleteAnvisningsEnhed no_unit;
    _imp__DeleteAnvisningsEnhedResponse gone_unit;
    typ__AnvisningsenhedDelete *unit_key = soap_new_typ__AnvisningsenhedDelete(soap);
    unit_key->enhedsNummer = number;
    no_unit.anvisningsenhed.push_back(unit_key);
    stored(soap, write.DeleteAnvisningsEnhed(&no_unit, gone_unit), gone_unit.importSvar);
    for (const std::string &closed : {first, second}) {
        _imp__DeleteDaginstitution no_top;
        _imp__DeleteDaginstitutionResponse gone_top;
        typ__DaginstitutionDelete *key = soap_new_typ__DaginstitutionDelete(soap);
        key->daginstitutionsNummer = closed;
        no_top.daginstitution.push_back(key);
        stored(soap, write.DeleteDaginstitution(&no_top, gone_top), gone_top.importSvar);
    }
    return number;
}

static void retry(ImportServiceSoap11Proxy &write)
{
    const std::string header = "Idempotency-Key: \"gsoap-" VERSION "-" DTR_FORM "-" + std::to_string(std::time(nullptr)) + "\"";
    _imp__InsertDaginstitutionResponse once, again;
    write.soap->http_extra_header = header.c_str();
    const std::string number = insert_top(write, once);
    write.soap->http_extra_header = header.c_str();
    check(insert_top(write, again) == number, "a retry by Idempotency-Key");
    check(once.importSvar->korrelationsId == again.importSvar->korrelationsId, "a retry by Idempotency-Key");
}

static int close_top(ImportServiceSoap11Proxy &write)
{
    _imp__DeleteDaginstitution call;
    _imp__DeleteDaginstitutionResponse answer;
    typ__DaginstitutionDelete *key = soap_new_typ__DaginstitutionDelete(write.soap);
    key->daginstitutionsNummer = "G30000";
    call.daginstitution.push_back(key);
    return write.DeleteDaginstitution(&call, answer);
}

static int schema(ImportServiceSoap11Proxy &write, const std::string &name)
{
    _imp__GetXMLSchema ask;
    _imp__GetXMLSchemaResponse schema;
    ask.skemanavn = name;
    return write.GetXMLSchema(&ask, schema);
}

static int hello(ImportServiceSoap11Proxy &write)
{
    _imp__HelloWorld ask;
    _imp__HelloWorldResponse answer;
    return write.HelloWorld(&ask, answer);
}

// Faults of every status: those of 500 had one of their own once.
static void faults(ImportServiceSoap11Proxy &write)
{
    ImportServiceSoap11Proxy stranger(DTR_MODE), lost(DTR_MODE), hasty(DTR_MODE), late(DTR_MODE);
    connect(stranger, "ImportService", "aftager");
    fault(stranger.soap, close_top(stranger), "DTR1016", "må ikke skrive", "may not write");
    fault(write.soap, schema(write, "Ukendt"), "DTR3015", "Ukendt", "Ukendt");
    fault(write.soap, schema(write, std::string(11 << 20, 'x')), "DTR1003", "Beskeden er større", "The message is larger");

    connect(lost, "Ukendt", "kommune");
    unread(lost.soap, hello(lost), 404, "DTR1001", "findes ikke her", "There is no path");
    connect(hasty, "ImportService", "kommune", busy);
    int status = SOAP_OK;
    for (int round = 0; round < 50 && status == SOAP_OK; round++) status = hello(hasty);
    unread(hasty.soap, status, 429, "DTR1018", "flere kald, end", "more calls than");
    connect(late, "ImportService", "kommune", clock_url);
    unread(late.soap, close_top(late), 503, "DTR1041", "stoler ikke på", "does not trust");
}

int main(int, char **arguments)
{
    service_url = arguments[1];
    pki = arguments[2];
    busy = arguments[3];
    clock_url = arguments[4];
    soap_ssl_init();
    ImportServiceSoap11Proxy write(DTR_MODE);
    EksportServiceSoap11Proxy read(DTR_MODE);
    connect(write, "ImportService", "kommune");
    connect(read, "EksportService", "aftager");
    std::cout << STACK << DTR_FORM << ": life cycle of " << life_cycle(write, read) << std::endl;
    retry(write);
    faults(write);
    std::cout << STACK << DTR_FORM << ": retry and typed faults" << std::endl;
#ifdef WITH_DATES
    _eks__GetDagtilbudPrDato ask;
    _eks__GetDagtilbudPrDatoResponse then;
    ask.tidspunkt = std::time(nullptr);
    check(read.GetDagtilbudPrDato(&ask, then) == SOAP_OK, "a time", read.soap);
    check(then.dagtilbudsRegister->sekvens > 0, "a time");
    std::cout << STACK << "dates" << std::endl;
#endif
    return 0;
}
