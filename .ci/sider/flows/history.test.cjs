// A citizen reads what has become of an institution, goes to how it stood before, and keeps the address of that.

const assert = require("node:assert");
const { test } = require("node:test");
const { Hand, WAYS, browsing } = require("../site.cjs");

const open = browsing();

for (const { name, options, byKeyboard } of WAYS) {
  test(`history, as of a change, and back, ${name}`, async () => {
    const page = await open({ ...options, javaScriptEnabled: false });
    const hand = new Hand(page, byKeyboard);
    const heading = page.locator("h1");
    await page.goto("/institution/G30271");
    assert.equal(await heading.textContent(), "Børnehuset Æblehaven");
    const facts = page.locator("dl.fakta").first();
    assert.match(await facts.textContent(), /Bregneskovens Dagtilbud/);

    // The oldest change stands last.
    await hand.follow(page.locator(".historik li").last().getByRole("link"));
    const then = page.url();
    assert.match(then, /\?pr=\d+$/);
    assert.match(await page.locator(".note").first().textContent(), /Sådan stod der/);
    assert.match(await facts.textContent(), /Dagtilbud Æblehaven/);
    assert.doesNotMatch(await facts.textContent(), /Bregneskovens/);

    // The permanent link shows the same facts.
    const before = await facts.textContent();
    await hand.follow(page.getByRole("link", { name: /^\?pr=/ }));
    assert.equal(await facts.textContent(), before);

    // That was the same address again: one step back.
    await page.goBack();
    assert.match(await facts.textContent(), /Bregneskovens Dagtilbud/);

    await hand.follow(page.getByRole("link", { name: "In English" }));
    assert.equal(new URL(page.url()).pathname, "/en/institution/G30271");
    assert.equal(await heading.textContent(), "Børnehuset Æblehaven");
  });
}
