// What holds for each page, whatever it shows. `pages-da.test.cjs` and `pages-en.test.cjs` run it side by side.

const assert = require("node:assert");
const { test } = require("node:test");
const axe = require("axe-core");
const { DESKTOP, browsing, oneOfEachGroup, stops, visited, watched } = require("./site.cjs");
const pages = require("./pages.cjs");

const RULES = ["wcag2a", "wcag2aa", "wcag21aa"];
const LARGEST = 100_000;
// In CSS pixels: the least that WCAG asks for, a telephone, and a screen at 200 %.
const WIDTHS = [320, 390, DESKTOP.width / 2];

async function accessible(page, when) {
  const { violations } = await page.evaluate((rules) => axe.run({ runOnly: rules, resultTypes: ["violations"] }), RULES);
  const told = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.slice(0, 3).map((node) => `${node.html.slice(0, 200)}: ${node.failureSummary}`) }));
  assert.deepEqual(told, [], `axe, ${when}`);
}

async function fits(page, when) {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= room) return [];
    const inside = (element) => element.closest(".rul,pre") && !element.matches(".rul,pre");
    const over = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > room && !inside(element),
    );
    return ["scrolls", ...over.slice(-3).map((element) => element.outerHTML.slice(0, 200))];
  });
  assert.deepEqual(wide, [], `it scrolls sideways ${when}`);
}

// Tab reaches every stop in the order of the document, each in view and marked.
async function walked(page) {
  await page.evaluate(`globalThis.walk = (${oneOfEachGroup})((${stops})())`);
  const count = await page.evaluate("walk.length");
  for (let at = 0; at < count; at++) {
    await page.keyboard.press("Tab");
    const wrong = await page.evaluate((at) => {
      const here = document.activeElement;
      const told = (one) => one?.outerHTML.slice(0, 160);
      if (here !== walk[at]) return `stop ${at} is ${told(here)}, not ${told(walk[at])}`;
      const style = getComputedStyle(here);
      const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const box = here.getBoundingClientRect();
      const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
      return marked && inView && box.width > 0 ? null : `not seen to have the focus: ${told(here)}`;
    }, at);
    assert.equal(wrong, null);
  }
}

async function skipped(page) {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.getAttribute('href')"), "#indhold");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const leftBehind = await page.evaluate(() => {
    const here = document.activeElement;
    const main = document.getElementById("indhold");
    return here === document.body || main.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_PRECEDING;
  });
  assert.ok(!leftBehind, "the link to the content leads elsewhere");
}

async function printed(page) {
  await page.emulateMedia({ media: "print" });
  const shown = await page.evaluate(() => {
    const all = [...document.querySelectorAll("nav,footer,form,.spring,.sprog")];
    return all.filter((one) => one.checkVisibility()).map((one) => one.tagName);
  });
  assert.deepEqual(shown, [], "printed");
  assert.ok(await page.locator("h1").isVisible());
  await page.emulateMedia({ media: "screen" });
}

async function hasNoScript(page) {
  const found = await page.evaluate(() => {
    const data = "application/ld+json";
    const scripts = [...document.scripts].filter((script) => script.type !== data);
    const bound = [...document.querySelectorAll("*")].filter((one) =>
      [...one.attributes].some(({ name, value }) => name.startsWith("on") || /^\s*javascript:/i.test(value)),
    );
    return [...scripts, ...bound].map((one) => one.outerHTML);
  });
  assert.deepEqual(found, [], "script");
}

function everyPage(language) {
  const open = browsing();
  for (const entry of pages.of(language)) {
    const { name, status, pictures, posts, shows } = entry;
    test(name, async () => {
      const page = await open();
      const seen = watched(page);
      const answer = await visited(page, entry);
      assert.equal(answer.status(), status);
      const html = await page.content();
      const size = posts ? Buffer.byteLength(html) : (await answer.body()).length;
      assert.ok(size <= LARGEST, `${size} bytes`);
      assert.ok(!shows || shows.test(html), `it does not show ${shows}`);
      assert.equal(await page.getAttribute("html", "lang"), language);
      assert.equal(await page.locator("h1").count(), 1);

      const own = seen.requests.slice(seen.requests.lastIndexOf(page.url()) + 1);
      const beside = own.map((url) => new URL(url).pathname);
      const loaded = pictures ? beside.filter((one) => !one.startsWith("/dokumentation/")) : beside;
      assert.deepEqual(loaded, ["/stil.css"], "what it loads");
      await hasNoScript(page);

      await skipped(page);
      // Tab starts at the top only in a page that is loaded anew.
      await page.goto("about:blank");
      await visited(page, entry);
      await walked(page);
      // What is folded in is looked at too.
      await page.$$eval("details", (all) => all.forEach((one) => one.setAttribute("open", "")));
      await page.evaluate(axe.source);
      await accessible(page, "at a desk, light");
      // Text alone made twice as large.
      await page.evaluate("document.documentElement.style.fontSize = '200%'");
      await fits(page, "with text of 200 %");
      await page.evaluate("document.documentElement.style.fontSize = ''");
      await printed(page);
      await page.emulateMedia({ colorScheme: "dark" });
      for (const width of [...WIDTHS].reverse()) {
        await page.setViewportSize({ width, height: 700 });
        await fits(page, `at ${width} px`);
      }
      await accessible(page, "at 320 px, dark");
      assert.deepEqual(seen.complaints, []);
      await page.context().close();
    });
  }
}

module.exports = { everyPage };
