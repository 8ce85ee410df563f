// Every kind of page that the site has, with what the demo holds. A page that is added to `src/site/place.rs` is added here;
// `links.test.cjs` fails for a page that is of no kind.

const { LANGUAGES, inLanguage } = require("./site.cjs");

// path: in Danish. kind: what paths of this kind look like, without the language. status: 200 unless told.
const PAGES = [
  { name: "front", path: "/", kind: /^\/$/ },
  { name: "institution", path: "/institution/G30271", kind: /^\/institution\/[AG]\d+$/ },
  { name: "institution with a large tree", path: "/institution/G30001" },
  { name: "closed institution", path: "/institution/G30270" },
  { name: "institution as it stood", path: "/institution/G30271?pr=271" },
  { name: "error codes", path: "/fejlkoder", kind: /^\/fejlkoder$/ },
  { name: "error codes found by a word", path: "/fejlkoder?q=kommune" },
  { name: "error code", path: "/fejlkoder/DTR5001", kind: /^\/fejlkoder\/DTR\d{4}$/ },
  { name: "check a message", path: "/valider", kind: /^\/valider$/ },
  { name: "contract", path: "/kontrakt", kind: /^\/kontrakt$/ },
  { name: "data", path: "/data", kind: /^\/data$/ },
  { name: "manual", path: "/dokumentation", kind: /^\/dokumentation$/ },
  { name: "chapter with tables", path: "/dokumentation/drift", kind: /^\/dokumentation\/[a-z]+$/ },
  { name: "long chapter", path: "/dokumentation/kontrakt" },
  { name: "chapter with listings", path: "/dokumentation/leverandoer" },
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

module.exports = { EVERY, PAGES, kindOf, of };
