// Every link of every page leads somewhere: the answer is good, and has the part that the link names. And every page that
// is linked to is of a kind that `pages.cjs` has, so that no kind stays untested.

const assert = require("node:assert");
const { test } = require("node:test");
const { SITE, browsing, visited } = require("./site.cjs");
const { EVERY, kindOf } = require("./pages.cjs");

const open = browsing();

test("links lead to what is there", async () => {
  const links = new Map();
  const anybodys = await open({ javaScriptEnabled: false });
  for (const entry of EVERY) {
    const { path } = entry;
    const page = entry.as ? await open({ javaScriptEnabled: false }) : anybodys;
    await visited(page, entry);
    // Of those to the page itself, its status is no matter here.
    const within = await page.$$eval("a[href^='#']", (all) => all.map((one) => one.getAttribute("href").slice(1)));
    for (const part of within) assert.ok(await page.$(`[id="${decodeURIComponent(part)}"]`), `${path} has no #${part}`);
    const found = await page.$$eval("[href]:not([href^='#'])", (all) =>
      // In a drawing, href is no text.
      all.map((one) => new URL(one.getAttribute("href"), document.baseURI).href),
    );
    for (const to of found) if (!links.has(to)) links.set(to, path);
  }
  const answers = new Map();
  const wrong = [];
  for (const [to, from] of links) {
    const [address, part] = to.split("#");
    if (!address.startsWith(`${SITE}/`) && address !== SITE) continue;
    // What lies behind the sign-in is for who has signed in, and so many strangers would be held off.
    if (/^(\/en)?\/mit\/(?!login)/.test(new URL(address).pathname)) continue;
    if (!answers.has(address)) {
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      const isPage = answer.headers.get("content-type").startsWith("text/html");
      answers.set(address, { status: answer.status, at: answer.url, html: isPage ? await answer.text() : null });
      if (!isPage) await answer.body.cancel();
    }
    const { status, at, html } = answers.get(address);
    if (status !== 200) wrong.push(`${from} links to ${to}: ${status}`);
    else if (part && html !== null && !html.includes(` id="${decodeURIComponent(part)}"`)) {
      wrong.push(`${from} links to ${to}: no such part`);
    }
    if (html !== null && !kindOf(new URL(at).pathname)) wrong.push(`${to} is of no kind in pages.cjs`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(links.size > 100, `${links.size} links`);
});
