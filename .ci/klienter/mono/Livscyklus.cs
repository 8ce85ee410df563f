// The life cycle of a dagtilbud with the proxies of wsdl.exe, as Mono makes and runs them: ASMX clients of .NET.
//
// Usage: mono Livscyklus.exe FOLDER FORM BUSY CLOCK (services that answer with 429 and with 503), with classes generated from VERSION's WSDLs; run.sh compiles it once for each form.
// The scenario is the same for every stack, see ../README.md.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using System.Web.Services.Protocols;
using Imports;

// A call with a header of HTTP, for stacks that can't easily set one of SOAP.
class Writer : ImportService
{
    public string IdempotencyKey;

    protected override WebRequest GetWebRequest(Uri uri)
    {
        var request = base.GetWebRequest(uri);
        if (IdempotencyKey != null) request.Headers["Idempotency-Key"] = IdempotencyKey;
        return request;
    }
}

static class Livscyklus
{
    static string folder, service, stack, busy, clock;

    static void Check(bool holds, string what, object seen = null)
    {
        if (holds) return;
        Console.Error.WriteLine("{0}: {1}: {2}", stack, what, seen);
        Environment.Exit(1);
    }

    static string Address(string which)
    {
        return Regex.Match(File.ReadAllText(folder + "/demo.json"), "\"" + which + "\":\"([^\"]+)\"").Groups[1].Value;
    }

    // Mutual TLS with the file that the demo writes for old importers.
    static T Connect<T>(T proxy, string name, string part) where T : SoapHttpClientProtocol
    {
        proxy.Url = service + "/VERSION/" + part;
        proxy.ClientCertificates.Add(new X509Certificate2(folder + "/pki/" + name + ".p12", "eksempel"));
        proxy.Timeout = 60000;
        // Else a connection is used again that another certificate opened.
        proxy.ConnectionGroupName = name;
        return proxy;
    }

    static string Stored(ImportSvar answer)
    {
        Check(answer.status == Svarstatus.OK, "stored", answer.fejl == null ? null : answer.fejl[0].beskedEn);
        return answer.resultat[0].institutionsnummer;
    }

    static readonly Dictionary<string, string[]> Words = new Dictionary<string, string[]>
    {
        { "DTR1001", new[] { "findes ikke her", "There is no path" } },
        { "DTR1016", new[] { "må ikke skrive", "may not write" } },
        { "DTR1018", new[] { "flere kald, end", "more calls than" } },
        { "DTR1041", new[] { "stoler ikke på", "does not trust" } },
        { "DTR3015", new[] { "Ukendt", "Ukendt" } },
    };

    // Behind 500: the fault, typed by its schema.
    static void Fault(string code, Action call)
    {
        try
        {
            call();
        }
        catch (SoapException fault)
        {
            var detail = fault.Detail == null ? null : fault.Detail.InnerXml;
            Check(detail != null && detail.Contains(">" + code + "<") && Words[code].All(detail.Contains), "fault " + code, fault);
            return;
        }
        Check(false, "no fault " + code);
    }

    // Another status: Mono reads no fault from it, but has the answer, with its headers and with the fault as text.
    static void Status(int status, string code, Action call)
    {
        for (var round = 0; round < 50; round++)
        {
            try
            {
                call();
                continue;
            }
            catch (WebException error)
            {
                var answer = error.Response as HttpWebResponse;
                Check(answer != null && (int)answer.StatusCode == status, "status of " + code, error);
                var text = new StreamReader(answer.GetResponseStream()).ReadToEnd();
                Check(text.Contains(">" + code + "<") && Words[code].All(text.Contains), "fault " + code, text);
                var again = answer.Headers["Retry-After"];
                Check(status == 404 ? again == null : int.Parse(again) >= 1, "Retry-After of " + code, again);
            }
            return;
        }
        Check(false, "no fault " + code);
    }

    static DaginstitutionInsert Top()
    {
        return new DaginstitutionInsert
        {
            daginstitutionsNavn = "Børnehuset \"Æblet & Pæren\"", ejerformKode = 1, lovgrundlagKode = 1, admKommuneKode = 751
        };
    }

    static Adresse Place()
    {
        return new Adresse { vejNavn = "Ålborgvej", husNummer = "12a", postNummer = "8000" };
    }

    static string LifeCycle()
    {
        var write = Connect(new Writer(), "kommune", "ImportService");
        // The trap: a flag that is set without its "Specified" twin would not be sent, and the dry run be a write.
        // With a default in the schema there is no twin, and this compiles.
        var dry = write.InsertDaginstitution(true, new[] { Top() });
        Check(dry.proeve && dry.resultat[0].institutionsnummer == null, "a dry run is one");
        var first = Stored(write.InsertDaginstitution(false, new[] { Top() }));
        var second = Stored(write.InsertDaginstitution(false, new[] { Top() }));
        var unit = Stored(write.InsertAnvisningsEnhed(false, new[] { new AnvisningsenhedInsert
        {
            daginstitutionsNummer = first, enhedsNavn = "Stuen på Åen", adresse = Place(), instType3 = 6012, pNummer = "1000000001"
        } }));
        var address = Stored(write.InsertAlternativAdresse(false, new[] { new AlternativAdresseInsert
        {
            enhedsNummer = unit, alternativAdresseNavn = "Skovhytten", adresse = Place()
        } }));
        var update = new AnvisningsenhedUpdate
        {
            enhedsNummer = unit, daginstitutionsNummer = first, enhedsNavn = "Stuen ved Åen", adresse = Place(),
            instType3 = 6012, pNummer = "1000000001"
        };
        // forventetVersion keeps its twin: a version that is not "specified" is not sent, and v2 warns of it.
        update.forventetVersion = 1;
        var unguarded = write.UpdateAnvisningsEnhed(false, new[] { update });
        Stored(unguarded);
        if ("VERSION" == "v2") Check(unguarded.fejl != null && unguarded.fejl.Any(f => f.beskedEn.Contains("forventetVersion")),
            "an update without forventetVersion is warned of");
        update.forventetVersionSpecified = true;
        var late = write.UpdateAnvisningsEnhed(false, new[] { update });
        Check(late.status == Svarstatus.AFVIST && late.fejl[0].kode == "DTR5009", "an old version is refused");
        Stored(write.MoveAnvisningsEnhed(false, new[] { new AnvisningsenhedMove
        {
            enhedsNummer = unit, nytDaginstitutionsNummer = second
        } }));
        var read = Connect(new Eksport.EksportService(), "aftager", "EksportService");
        var tree = read.GetDagtilbudByDagInstitutionsNummer(second);
        Check(tree.daginstitution[0].anvisningsenhed[0].adresse.husNummer == "12A", "the tree");
        Stored(write.DeleteAlternativAdresse(false, new[] { new AlternativAdresseDelete { alternativAdresseNummer = address } }));
        Stored(write.DeleteAnvisningsEnhed(false, new[] { new AnvisningsenhedDelete { enhedsNummer = unit } }));
        foreach (var closed in new[] { first, second })
            Stored(write.DeleteDaginstitution(false, new[] { new DaginstitutionDelete { daginstitutionsNummer = closed } }));
        return unit;
    }

    static void Retry()
    {
        var write = Connect(new Writer { IdempotencyKey = Guid.NewGuid().ToString() }, "kommune", "ImportService");
        var once = write.InsertDaginstitution(false, new[] { Top() });
        var again = write.InsertDaginstitution(false, new[] { Top() });
        Check(Stored(once) == Stored(again) && once.korrelationsId == again.korrelationsId, "a retry by Idempotency-Key");
    }

    // Faults of every status: those of 500 had one of their own once.
    static void Faults()
    {
        var stranger = Connect(new Writer(), "aftager", "ImportService");
        Fault("DTR1016", () => stranger.DeleteDaginstitution(false, new[] { new DaginstitutionDelete { daginstitutionsNummer = "G30000" } }));
        var write = Connect(new Writer(), "kommune", "ImportService");
        Fault("DTR3015", () => write.GetXMLSchema("Ukendt"));
        // Not DTR1003, the message that is too large: Mono gives up on an answer that comes before it has sent all.
        var closing = new[] { new DaginstitutionDelete { daginstitutionsNummer = "G30000" } };
        Status(404, "DTR1001", () => At(service + "/VERSION/Ukendt").HelloWorld());
        Status(429, "DTR1018", () => At(busy + "/VERSION/ImportService").HelloWorld());
        Status(503, "DTR1041", () => At(clock + "/VERSION/ImportService").DeleteDaginstitution(false, closing));
    }

    static Writer At(string url)
    {
        var writer = Connect(new Writer(), "kommune", "ImportService");
        writer.Url = url;
        return writer;
    }

#if V2
    static void Dates()
    {
        var read = Connect(new Eksport.EksportService(), "aftager", "EksportService");
        Check(read.GetDagtilbudPrDato(DateTime.Now, false).sekvens > 0, "a local time");
        var write = Connect(new Writer(), "kommune", "ImportService");
        var top = Top();
        top.gyldigFra = DateTime.Today;
        top.gyldigFraSpecified = true;
        Stored(write.InsertDaginstitution(false, new[] { top }));
        Console.WriteLine("{0}: dates", stack);
    }
#endif

    static void Main(string[] arguments)
    {
        folder = arguments[0];
        stack = "Mono wsdl.exe: VERSION " + arguments[1];
        service = Address("service_url");
        busy = arguments[2];
        clock = arguments[3];
        var ca = new X509Certificate2(folder + "/pki/ca.pem");
        ServicePointManager.Expect100Continue = false;
        ServicePointManager.ServerCertificateValidationCallback = (sender, certificate, chain, errors) =>
            new X509Certificate2(certificate).Issuer == ca.Subject;
        Console.WriteLine("{0}: life cycle of {1}", stack, LifeCycle());
        Retry();
        Faults();
        Console.WriteLine("{0}: retry and typed faults", stack);
#if V2
        Dates();
#endif
    }
}
