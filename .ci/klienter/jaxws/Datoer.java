// Dates as Java makes them: a GregorianCalendar carries the offset of its zone into both xs:dateTime and xs:date.

package klient;

import dtr.v2.eksport.DagtilbudsRegister;
import dtr.v2.imports.DaginstitutionInsert;
import dtr.v2.imports.ImportServicePortType;
import dtr.v2.imports.ImportSvar;
import dtr.v2.imports.Svarstatus;
import java.util.Arrays;
import java.util.GregorianCalendar;
import java.util.TimeZone;
import javax.xml.datatype.DatatypeConstants;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;

public final class Datoer {
    public static void main(String[] arguments) throws Exception {
        Livscyklusv2 run = new Livscyklusv2(arguments[0]);
        GregorianCalendar now = new GregorianCalendar(TimeZone.getTimeZone("Europe/Copenhagen"));
        XMLGregorianCalendar instant = DatatypeFactory.newInstance().newXMLGregorianCalendar(now);
        DagtilbudsRegister then = run.reader(false).getDagtilbudPrDato(instant, null);
        Livscyklusv2.check(then.getSekvens() > 0, "a time with an offset", instant);

        XMLGregorianCalendar day = DatatypeFactory.newInstance().newXMLGregorianCalendar(now);
        day.setTime(DatatypeConstants.FIELD_UNDEFINED, DatatypeConstants.FIELD_UNDEFINED, DatatypeConstants.FIELD_UNDEFINED,
            DatatypeConstants.FIELD_UNDEFINED);
        DaginstitutionInsert top = Livscyklusv2.top();
        top.setGyldigFra(day);
        ImportServicePortType write = run.writer("kommune", false);
        ImportSvar zoned = write.insertDaginstitution(null, Arrays.asList(top));
        Livscyklusv2.check(zoned.getStatus() == Svarstatus.AFVIST && zoned.getFejl().size() == 1
            && zoned.getFejl().get(0).getAfhjaelpning().contains("Java"), "a date with a zone, " + day, zoned.getFejl());
        // What the refusal advises.
        day.setTimezone(DatatypeConstants.FIELD_UNDEFINED);
        Livscyklusv2.stored(write.insertDaginstitution(null, Arrays.asList(top)));
        System.out.println("JAX-WS RI: dates");
    }
}
