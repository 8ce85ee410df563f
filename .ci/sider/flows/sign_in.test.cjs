// A clerk comes for a page of their own, signs in, is brought to it, and signs out: then it is shown no more, nor by going back.

const assert = require("node:assert");
const { test } = require("node:test");
const { Hand, WAYS, browsing } = require("../site.cjs");

const open = browsing();

for (const { name, options, byKeyboard } of WAYS) {
  test(`signing in and out, ${name}`, async () => {
    const page = await open({ ...options, javaScriptEnabled: false });
    const hand = new Hand(page, byKeyboard);
    const main = page.locator("main");
    await page.goto("/en");
    await hand.follow(page.getByRole("link", { name: "My page" }));
    assert.equal(new URL(page.url()).pathname, "/en/mit/login");

    await hand.follow(page.getByRole("button", { name: "Karen Kontor" }));
    assert.equal(new URL(page.url()).pathname, "/en/mit");
    assert.match(await main.textContent(), /Karen Kontor[^]*Aarhus Kommune/);

    await hand.follow(page.getByRole("button", { name: "Sign out", exact: true }));
    assert.doesNotMatch(await main.textContent(), /Karen Kontor/);
    await page.goBack();
    assert.doesNotMatch(await main.locator("dl").allTextContents().then(String), /Karen Kontor/);
    await page.goto("/en/mit");
    assert.equal(new URL(page.url()).pathname, "/en/mit/login");
  });
}
