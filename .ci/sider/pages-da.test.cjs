// Every page, in Danish.
require("./every_page.cjs").everyPage("da");
