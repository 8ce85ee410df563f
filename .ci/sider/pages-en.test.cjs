// Every page, in English.
require("./every_page.cjs").everyPage("en");
