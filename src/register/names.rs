//! The elements of messages and documents by name. The XSDs say what each may hold; here is only which is which.

/// Declares the enum with both directions of naming.
macro_rules! fields {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// A field of a record, an address or a call's parameters.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Field {
            /// The field of an element's local name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The element's local name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The element's name with the prefix of the types' namespace.
            pub const fn tag(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("t:", $name),)*
                }
            }

            /// As [`Self::tag`], for the element with the text of a code.
            pub const fn text_tag(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("t:", $name, "_Tekst"),)*
                }
            }
        }
    };
}

fields! {
    VejNavn = "vejNavn",
    VejKode = "vejKode",
    HusNummer = "husNummer",
    Etage = "etage",
    Doer = "doer",
    PostNummer = "postNummer",
    ByNavn = "byNavn",
    SupplerendeBynavn = "supplerendeBynavn",
    KommuneKode = "kommuneKode",
    DawaId = "dawaId",
    GeoBredde = "geoBredde",
    GeoLaengde = "geoLaengde",
    DaginstitutionsNummer = "daginstitutionsNummer",
    EnhedsNummer = "enhedsNummer",
    AlternativAdresseNummer = "alternativAdresseNummer",
    DaginstitutionsNavn = "daginstitutionsNavn",
    EnhedsNavn = "enhedsNavn",
    AlternativAdresseNavn = "alternativAdresseNavn",
    EjerformKode = "ejerformKode",
    LovgrundlagKode = "lovgrundlagKode",
    AdmKommuneKode = "admKommuneKode",
    InstType3 = "instType3",
    Email = "email",
    TelefonNummer = "telefonNummer",
    CvrNummer = "cvrNummer",
    PNummer = "pNummer",
    GyldigFra = "gyldigFra",
    Aktivitetsstatus = "aktivitetsstatus",
    Version = "version",
    Oprettet = "oprettet",
    SenestOpdateret = "senestOpdateret",
    Nedlagt = "nedlagt",
    Afloeser = "afloeser",
    AfloestAf = "afloestAf",
    Lukkeaarsag = "lukkeaarsag",
    SkolensInstitutionsnummer = "skolensInstitutionsnummer",
    NytDaginstitutionsNummer = "nytDaginstitutionsNummer",
    NytEnhedsNummer = "nytEnhedsNummer",
    Proeve = "proeve",
    Skemanavn = "skemanavn",
    Xml = "xml",
    Navn = "navn",
    InkluderNedlagte = "inkluderNedlagte",
    Institutionsnummer = "institutionsnummer",
    Tidspunkt = "tidspunkt",
    EfterSekvens = "efterSekvens",
    MaksAntal = "maksAntal",
}

impl Field {
    /// The name of the column with the text of a code.
    pub fn text_name(self) -> &'static str {
        self.text_tag().trim_start_matches("t:")
    }

    /// Whether it is the name of a record.
    pub const fn is_name(self) -> bool {
        matches!(
            self,
            Self::DaginstitutionsNavn | Self::EnhedsNavn | Self::AlternativAdresseNavn
        )
    }

    /// Whether it stands inside `adresse`.
    pub const fn in_address(self) -> bool {
        (self as u8) <= (Self::GeoLaengde as u8)
    }
}
