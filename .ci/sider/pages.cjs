// Every kind of page that the site has, with what the demo holds. A page that is added to `src/site/place.rs` is added here;
// `links.test.cjs` fails for a page that is of no kind.

const { LANGUAGES, inLanguage } = require("./site.cjs");

// A message with two errors, as somebody would paste it.
const MESSAGE = `<i:InsertDaginstitution xmlns:i="urn:dagtilbudsregister:import:v2" xmlns="urn:dagtilbudsregister:typer:v2">
  <i:daginstitution>
    <daginstitutionsNavn>Dagtilbud &lt;Æblehaven&gt; &amp; Mose</daginstitutionsNavn>
    <ejerformKode>mange</ejerformKode>
    <lovgrundlagKode>1</lovgrundlagKode>
  </i:daginstitution>
</i:InsertDaginstitution>
`;

// path: in Danish. kind: what paths of this kind look like, without the language. status: 200 unless told. posts: what the
// page's first form is sent with. pictures: it loads some of the manual's.
// as: which of the demo's persons sees it. shows: what stands there, so that no page is taken for another.
const PAGES = [
  { name: "front", path: "/", kind: /^\/$/ },
  { name: "hits", path: "/?q=aeblehaven", shows: /G30270[^]*Bregneskovens/ },
  { name: "a page of many hits", path: "/?q=b%C3%B8rnehuset", shows: /rel="next"/ },
  { name: "hits of chosen filters", path: "/?kommune=751&status=nedlagt", shows: /G30270/ },
  { name: "no hits", path: "/?q=zzzz", shows: /role="status"/ },
  { name: "institution", path: "/institution/G30271", kind: /^\/institution\/[AG]\d+$/ },
  { name: "institution with a large tree", path: "/institution/G30001" },
  { name: "closed institution", path: "/institution/G30270" },
  { name: "institution as it stood", path: "/institution/G30271?pr=271" },
  { name: "kommune", path: "/kommune/751", kind: /^\/kommune\/\d+$/, shows: /<svg[^]*<table/ },
  { name: "kommune without any", path: "/kommune/825" },
  { name: "map", path: "/kort", kind: /^\/kort$/, shows: /<svg/ },
  { name: "figures", path: "/tal", kind: /^\/tal$/, shows: /<svg[^]*<table/ },
  { name: "code tables", path: "/kodetabeller", kind: /^\/kodetabeller$/ },
  { name: "error codes", path: "/fejlkoder", kind: /^\/fejlkoder$/ },
  { name: "found error codes", path: "/fejlkoder?q=dato" },
  { name: "error code", path: "/fejlkoder/DTR3019", kind: /^\/fejlkoder\/DTR\d+$/ },
  { name: "code of a warning", path: "/fejlkoder/DTR5101" },
  { name: "check a message", path: "/valider", kind: /^\/valider$/ },
  { name: "report of a message", path: "/valider", posts: { besked: MESSAGE }, shows: /DTR\d{4}/ },
  { name: "contract", path: "/kontrakt", kind: /^\/kontrakt$/ },
  { name: "sign-in", path: "/mit/login", kind: /^\/mit\/login$/ },
  { name: "my page", path: "/mit", kind: /^\/mit$/, as: "kommune", shows: /Karen Kontor/ },
  { name: "my page without rights", path: "/mit", as: "ingen", shows: /Ingrid Ingen/ },
  { name: "my units", path: "/mit/enheder", as: "kommune", shows: /Rævelygten/ },
  { name: "my findings", path: "/mit/fund", as: "kommune", shows: /class="mine"/ },
  { name: "my changes", path: "/mit/aendringer", as: "kommune", shows: /Æblehaven/ },
  { name: "my calls", path: "/mit/kald", as: "kommune", shows: /class="mine"/ },
  { name: "my certificates", path: "/mit/certifikater", as: "kommune", shows: /class="mine"/ },
  { name: "console", path: "/mit/drift", as: "operatoer", shows: /class="mine"/ },
  { name: "console: organisations", path: "/mit/drift/organisationer", as: "operatoer", shows: /class="mine"/ },
  { name: "console: systems", path: "/mit/drift/systemer", as: "operatoer", shows: /class="mine"/ },
  { name: "console: calls", path: "/mit/drift/kald", as: "operatoer", shows: /class="mine"/ },
  { name: "my agreements", path: "/mit/aftaler", as: "kommune", shows: /class="mine"/ },
  { name: "console: agreements", path: "/mit/drift/aftaler", as: "operatoer", shows: /class="mine"/ },
  { name: "corrections", path: "/mit/ret", as: "kommune", shows: /class="mine"/ },
  { name: "contact data", path: "/mit/ret/G30076", as: "kommune", shows: /class="mine"/ },
  { name: "data", path: "/data", kind: /^\/data$/ },
  { name: "manual", path: "/dokumentation", kind: /^\/dokumentation$/, pictures: true },
  { name: "chapter with tables", path: "/dokumentation/drift", kind: /^\/dokumentation\/[a-z]+$/ },
  { name: "long chapter", path: "/dokumentation/kontrakt" },
  { name: "chapter with listings", path: "/dokumentation/leverandoer" },
  { name: "chapter with pictures", path: "/dokumentation/sider", pictures: true, shows: /<img/ },
  { name: "about", path: "/om", kind: /^\/om$/ },
  { name: "accessibility", path: "/tilgaengelighed", kind: /^\/tilgaengelighed$/ },
  { name: "no such page", path: "/findes-ikke", status: 404 },
  { name: "no such institution", path: "/institution/G99999", status: 404 },
  { name: "a moment that is none", path: "/institution/G30271?pr=igaar", status: 400 },
];

const inLanguages = (pages) =>
  pages.flatMap((page) =>
    LANGUAGES.map((language) => ({
      status: 200,
      ...page,
      language,
      path: inLanguage(language, page.path),
      name: `${page.name} (${language})`,
    })),
  );

const EVERY = inLanguages(PAGES);
const of = (language) => EVERY.filter((page) => page.language === language);
const kindOf = (path) => PAGES.find(({ kind }) => kind && kind.test(path.replace(/^\/en(?=\/|$)/, "") || "/"));

module.exports = { EVERY, MESSAGE, PAGES, kindOf, of };
