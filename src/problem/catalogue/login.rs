//! `DTR106x` and `DTR107x`: signing in, and what persons may do. None says more of a refused login than the person can use: the
//! log has the rest.

use crate::problem::Fault;

entries! { Transport;
    LOGIN_FINDES_IKKE = "DTR1060", Fejl, Fault::Refused(404),
        "Man kan ikke logge ind her på den måde.",
        "Nobody can sign in here in that way.",
        "Brug en af de måder, som loginsiden viser; viser den ingen, har registerets drift ikke sat login op.",
        "Use one of the ways that the sign-in page shows; where it shows none, the register's operator has set up none.";
    LOGIN_UDLOEBET = "DTR1061", Fejl, Fault::Refused(400),
        "Dette login er udløbet, er brugt, eller blev begyndt i en anden browser.",
        "This sign-in has expired, was used, or was begun in another browser.",
        "Begynd forfra på loginsiden, i den samme browser hele vejen, og med cookies slået til.",
        "Begin again on the sign-in page, in the same browser all the way, with cookies turned on.";
    LOGIN_AFBRUDT = "DTR1062", Fejl, Fault::Refused(403),
        "Logintjenesten har ikke logget dig ind.",
        "The login service has not signed you in.",
        "Prøv igen. Bliver det ved, så spørg den, der giver medarbejdere adgang i din organisation.",
        "Try again. If it persists, ask whoever gives employees access in your organisation.";
    LOGIN_UTILGAENGELIG = "DTR1063", Fejl, Fault::Unavailable(503),
        "Logintjenesten svarer ikke, eller den svarer noget uventet.",
        "The login service does not answer, or answers something unexpected.",
        "Vent {sekunder} sekunder, og prøv igen; bliver det ved, så giv registerets drift besked.",
        "Wait {sekunder} seconds and try again; if it persists, tell the register's operator.";
    LOGIN_UBEVIST = "DTR1064", Fejl, Fault::Refused(403),
        "Svaret fra logintjenesten beviser ikke, hvem du er.",
        "The login service's answer does not prove who you are.",
        "Begynd forfra på loginsiden; bliver det ved, så giv registerets drift besked.",
        "Begin again on the sign-in page; if it persists, tell the register's operator.";
    LOGIN_SIKRING = "DTR1065", Fejl, Fault::Refused(403),
        "Dit login har ikke det sikringsniveau, som kræves her.",
        "Your sign-in does not have the level of assurance that is required here.",
        "Log ind igen med et stærkere middel, som MitID-app eller kodeviser til erhverv.",
        "Sign in again with a stronger means, such as the MitID app or code display for businesses.";
    LOGIN_UDEN_ORGANISATION = "DTR1066", Fejl, Fault::Refused(403),
        "Dit login nævner ingen organisation (CVR-nummer).",
        "Your sign-in names no organisation (CVR number).",
        "Log ind som medarbejder i din organisation, ikke som privatperson.",
        "Sign in as an employee of your organisation, not as a private person.";
    LOGIN_PRIVILEGIER = "DTR1067", Fejl, Fault::Refused(403),
        "Dit logins rettigheder kan ikke læses.",
        "The privileges of your sign-in cannot be read.",
        "Giv registerets drift besked: logintjenesten og registeret er ikke sat ens op.",
        "Tell the register's operator: the login service and the register are not set up alike.";
    LOGIN_FOR_OFTE = "DTR1068", Fejl, Fault::Unavailable(429),
        "Der er begyndt for mange logins fra jeres adresse.",
        "Too many sign-ins were begun from your address.",
        "Vent {sekunder} sekunder, og prøv igen.",
        "Wait {sekunder} seconds and try again.";
    LOGIN_KRAEVES = "DTR1069", Fejl, Fault::Refused(403),
        "Siden er for dem, der er logget ind, og dit login er slut.",
        "The page is for those who have signed in, and your session is over.",
        "Log ind igen.",
        "Sign in again.";
    FORMULAR_FORAELDET = "DTR1070", Fejl, Fault::Refused(403),
        "Formularen hører ikke til dit login.",
        "The form does not belong to your session.",
        "Intet er gemt. Hent siden igen, og send formularen fra den.",
        "Nothing was stored. Fetch the page again, and send the form from there.";
    PERSON_UDEN_RET = "DTR1071", Fejl, Fault::Refused(403),
        "Dine rettigheder når ikke hertil.",
        "Your rights do not reach this.",
        "Se på /mit, hvad du har ret til og hvorfor. Flere rettigheder giver din organisations brugeradministrator.",
        "See at /mit what you have a right to, and why. Your organisation's user administrator gives more rights.";
    CERTIFIKAT_IKKE_ADMINISTRATOR = "DTR1073", Fejl, Fault::Refused(403),
        "Certifikatet er ikke opført som administrator for sin organisation.",
        "The certificate is not listed as an administrator of its organisation.",
        "Få registerets drift til at opføre det (dtr org administrator); et systems certifikat kan ikke opføres.",
        "Have the register's operator list it (dtr org administrator); a system's certificate cannot be listed.";
    ENGANGSKODE = "DTR1074", Fejl, Fault::Refused(403),
        "Engangskoden er forkert, brugt eller udløbet.",
        "The one-time code is wrong, used or expired.",
        "Skriv koden, som den står, inden to minutter; eller begynd forfra på loginsiden.",
        "Write the code as it stands, within two minutes; or begin again on the sign-in page.";
}
