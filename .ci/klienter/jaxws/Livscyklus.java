// The life cycle of a dagtilbud with JAX-WS RI, a SOAP client that nobody here wrote.
//
// VERSION stands for v1 or v2: run.sh writes it in, since generated classes of two versions have two packages.
// The scenario is the same for every stack, see ../README.md.

package klient;

import com.sun.xml.ws.api.message.Headers;
import com.sun.xml.ws.developer.WSBindingProvider;
import dtr.VERSION.eksport.DagtilbudsRegister;
import dtr.VERSION.eksport.EksportService;
import dtr.VERSION.eksport.EksportServicePortType;
import dtr.VERSION.imports.*;
import java.io.FileInputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.namespace.QName;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.handler.MessageContext;

public final class LivscyklusVERSION {
    private static final String STACK = "JAX-WS RI: VERSION ";
    private static final String[] ADDRESSING = {
        "http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing"
    };

    private final String folder;
    private final String demo;
    /** The services that answer with 429 and with 503. */
    private String busy;
    private String clock;

    LivscyklusVERSION(String folder) throws Exception {
        this.folder = folder;
        this.demo = new String(Files.readAllBytes(Paths.get(folder, "demo.json")), "UTF-8");
    }

    public static void main(String[] arguments) throws Exception {
        LivscyklusVERSION run = new LivscyklusVERSION(arguments[0]);
        run.busy = arguments[1];
        run.clock = arguments[2];
        for (boolean soap12 : new boolean[] {false, true}) {
            String form = soap12 ? "1.2" : "1.1";
            System.out.println(STACK + form + ": life cycle of " + run.lifeCycle(soap12));
            run.retries(soap12);
            run.faults(soap12);
            System.out.println(STACK + form + ": retries and typed faults");
        }
    }

    String address(String which) {
        Matcher found = Pattern.compile("\"" + which + "\":\"([^\"]+)\"").matcher(demo);
        check(found.find(), "demo.json", demo);
        return found.group(1);
    }

    /** Mutual TLS with the files that the demo writes for old importers: NAME.p12. */
    private SSLSocketFactory tls(String name) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(new FileInputStream(folder + "/pki/" + name + ".p12"), "eksempel".toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, "eksempel".toCharArray());
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("ca",
            CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(folder + "/pki/ca.pem")));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private <T> T ready(T port, String service, String name) throws Exception {
        Map<String, Object> context = ((BindingProvider) port).getRequestContext();
        context.put("com.sun.xml.ws.transport.https.client.SSLSocketFactory", tls(name));
        context.put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, address("service_url") + "/VERSION/" + service);
        return port;
    }

    ImportServicePortType writer(String name, boolean soap12) throws Exception {
        ImportService service = new ImportService(new URL(address("public_url") + "/wsdl/ImportService-VERSION.wsdl"));
        ImportServicePortType port = soap12 ? service.getImportServiceSoap12() : service.getImportServiceSoap11();
        return ready(port, "ImportService", name);
    }

    EksportServicePortType reader(boolean soap12) throws Exception {
        EksportService service = new EksportService(new URL(address("public_url") + "/wsdl/EksportService-VERSION.wsdl"));
        EksportServicePortType port = soap12 ? service.getEksportServiceSoap12() : service.getEksportServiceSoap11();
        return ready(port, "EksportService", "aftager");
    }

    static DaginstitutionInsert top() {
        DaginstitutionInsert top = new DaginstitutionInsert();
        top.setDaginstitutionsNavn("Børnehuset \"Æblet & Pæren\"");
        top.setEjerformKode(1);
        top.setLovgrundlagKode(1);
        top.setAdmKommuneKode(751);
        return top;
    }

    static Adresse place() {
        Adresse place = new Adresse();
        place.setVejNavn("Ålborgvej");
        place.setHusNummer("12a");
        place.setPostNummer("8000");
        return place;
    }

    private String lifeCycle(boolean soap12) throws Exception {
        ImportServicePortType write = writer("kommune", soap12);
        ImportSvar dry = write.insertDaginstitution(true, Arrays.asList(top()));
        check(dry.getStatus() == Svarstatus.OK && dry.isProeve() && dry.getResultat().get(0).getInstitutionsnummer() == null,
            "a dry run", dry);
        String first = stored(write.insertDaginstitution(null, Arrays.asList(top())));
        String second = stored(write.insertDaginstitution(false, Arrays.asList(top())));

        AnvisningsenhedInsert unit = new AnvisningsenhedInsert();
        unit.setDaginstitutionsNummer(first);
        unit.setEnhedsNavn("Stuen på Åen");
        unit.setAdresse(place());
        unit.setInstType3(6012);
        unit.setPNummer("1000000001");
        String number = stored(write.insertAnvisningsEnhed(null, Arrays.asList(unit)));
        AlternativAdresseInsert extra = new AlternativAdresseInsert();
        extra.setEnhedsNummer(number);
        extra.setAlternativAdresseNavn("Skovhytten");
        extra.setAdresse(place());
        String address = stored(write.insertAlternativAdresse(null, Arrays.asList(extra)));

        AnvisningsenhedUpdate update = new AnvisningsenhedUpdate();
        update.setEnhedsNummer(number);
        update.setDaginstitutionsNummer(first);
        update.setEnhedsNavn("Stuen ved Åen");
        update.setAdresse(place());
        update.setInstType3(6012);
        update.setPNummer("1000000001");
        stored(write.updateAnvisningsEnhed(null, Arrays.asList(update)));
        update.setInstType3(9999);
        ImportSvar bad = write.updateAnvisningsEnhed(null, Arrays.asList(update));
        check(bad.getStatus() == Svarstatus.AFVIST && bad.getFejl().get(0).getKode().equals("DTR5001"), "a refusal", bad);

        AnvisningsenhedMove move = new AnvisningsenhedMove();
        move.setEnhedsNummer(number);
        move.setNytDaginstitutionsNummer(second);
        stored(write.moveAnvisningsEnhed(null, Arrays.asList(move)));
        DagtilbudsRegister tree = reader(soap12).getDagtilbudByDagInstitutionsNummer(second);
        check(tree.getDaginstitution().get(0).getAnvisningsenhed().get(0).getAdresse().getHusNummer().equals("12A"),
            "the tree", tree);

        AlternativAdresseDelete noAddress = new AlternativAdresseDelete();
        noAddress.setAlternativAdresseNummer(address);
        stored(write.deleteAlternativAdresse(null, Arrays.asList(noAddress)));
        AnvisningsenhedDelete noUnit = new AnvisningsenhedDelete();
        noUnit.setEnhedsNummer(number);
        stored(write.deleteAnvisningsEnhed(null, Arrays.asList(noUnit)));
        for (String closed : new String[] {first, second}) {
            stored(write.deleteDaginstitution(null, Arrays.asList(closing(closed))));
        }
        return number;
    }

    private static DaginstitutionDelete closing(String number) {
        DaginstitutionDelete closing = new DaginstitutionDelete();
        closing.setDaginstitutionsNummer(number);
        return closing;
    }

    /** The same MessageID in either namespace, or the same Idempotency-Key: the same answer. */
    private void retries(boolean soap12) throws Exception {
        for (String namespace : ADDRESSING) {
            ImportServicePortType write = writer("kommune", soap12);
            ((WSBindingProvider) write).setOutboundHeaders(
                Headers.create(new QName(namespace, "MessageID"), "urn:uuid:" + UUID.randomUUID()));
            twice(write, namespace);
        }
        ImportServicePortType write = writer("kommune", soap12);
        ((BindingProvider) write).getRequestContext().put(MessageContext.HTTP_REQUEST_HEADERS,
            Collections.singletonMap("Idempotency-Key", Arrays.asList(UUID.randomUUID().toString())));
        twice(write, "Idempotency-Key");
    }

    private static void twice(ImportServicePortType write, String way) throws Exception {
        ImportSvar once = write.insertDaginstitution(null, Arrays.asList(top()));
        ImportSvar again = write.insertDaginstitution(null, Arrays.asList(top()));
        check(stored(once).equals(stored(again)) && once.getKorrelationsId().equals(again.getKorrelationsId()),
            "a retry by " + way, again);
    }

    private interface Call {
        Object make() throws Exception;
    }

    /** Faults of every status: those of 500 had one of their own once. */
    private void faults(boolean soap12) throws Exception {
        ImportServicePortType stranger = writer("aftager", soap12);
        fault("DTR1016", stranger, () -> stranger.deleteDaginstitution(null, Arrays.asList(closing("G30000"))));
        ImportServicePortType write = writer("kommune", soap12);
        fault("DTR3015", write, () -> write.getXMLSchema("Ukendt"));
        char[] large = new char[11 << 20];
        Arrays.fill(large, 'x');
        fault("DTR1003", write, () -> write.getXMLSchema(new String(large)));
        ImportServicePortType lost = at(address("service_url") + "/VERSION/Ukendt", soap12);
        fault("DTR1001", lost, () -> lost.helloWorld());
        ImportServicePortType hasty = at(busy + "/VERSION/ImportService", soap12);
        fault("DTR1018", hasty, () -> hasty.helloWorld());
        ImportServicePortType late = at(clock + "/VERSION/ImportService", soap12);
        fault("DTR1041", late, () -> late.deleteDaginstitution(null, Arrays.asList(closing("G30000"))));
    }

    private ImportServicePortType at(String url, boolean soap12) throws Exception {
        ImportServicePortType port = writer("kommune", soap12);
        ((BindingProvider) port).getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, url);
        return port;
    }

    /** Status, part of the Danish and of the English text, by code. */
    private static final Map<String, String[]> FAULTS = new HashMap<>();

    static {
        FAULTS.put("DTR1001", new String[] {"404", "findes ikke her", "There is no path"});
        FAULTS.put("DTR1003", new String[] {"500", "Beskeden er større", "The message is larger"});
        FAULTS.put("DTR1016", new String[] {"500", "må ikke skrive", "may not write"});
        FAULTS.put("DTR1018", new String[] {"429", "flere kald, end", "more calls than"});
        FAULTS.put("DTR1041", new String[] {"503", "stoler ikke på", "does not trust"});
        FAULTS.put("DTR3015", new String[] {"500", "Ukendt", "Ukendt"});
    }

    /** Calls until there is a fault. JAX-WS RI reads none but behind 500; of the rest it has the status and the headers. */
    private static void fault(String code, Object port, Call call) throws Exception {
        String[] due = FAULTS.get(code);
        boolean read = due[0].equals("500");
        for (int round = 0; round < 50; round++) {
            try {
                call.make();
                continue;
            } catch (Tjenestefejl fault) {
                FejlDetalje seen = fault.getFaultInfo();
                check(read && seen.getKode().equals(code) && seen.getBeskedDa().contains(due[1])
                    && seen.getBeskedEn().contains(due[2]), "fault " + code,
                    seen.getKode() + " " + seen.getBeskedDa() + " " + seen.getBeskedEn());
            } catch (WebServiceException status) {
                check(!read && status.getMessage().contains("status code " + due[0]), "status of " + code, status);
            }
            Map<String, Object> context = ((BindingProvider) port).getResponseContext();
            check(due[0].equals("" + context.get(MessageContext.HTTP_RESPONSE_CODE)), "status of " + code, context);
            String headers = "" + context.get(MessageContext.HTTP_RESPONSE_HEADERS);
            boolean again = due[0].equals("429") || due[0].equals("503");
            check(again == Pattern.compile("(?i)retry-after=\\[[1-9]").matcher(headers).find(), "Retry-After", headers);
            return;
        }
        check(false, "no fault " + code, "");
    }

    static String stored(ImportSvar answer) {
        check(answer.getStatus() == Svarstatus.OK, "stored", answer.getFejl().isEmpty() ? "" : answer.getFejl().get(0).getBeskedEn());
        List<Resultat> results = answer.getResultat();
        return results.get(0).getInstitutionsnummer();
    }

    static void check(boolean holds, String what, Object seen) {
        if (!holds) {
            System.err.println(STACK + what + ": " + seen);
            System.exit(1);
        }
    }
}
