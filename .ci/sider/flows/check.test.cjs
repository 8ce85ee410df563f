// A vendor pastes a message, reads of its errors, mends it, and goes back to what was pasted.

const assert = require("node:assert");
const { test } = require("node:test");
const { Hand, WAYS, browsing } = require("../site.cjs");
const { MESSAGE } = require("../pages.cjs");

const open = browsing();

for (const { name, options, byKeyboard } of WAYS) {
  test(`a message is checked, mended, and checked again, ${name}`, async () => {
    const page = await open({ ...options, javaScriptEnabled: false });
    const hand = new Hand(page, byKeyboard);
    const message = page.getByLabel("The message");
    const check = page.getByRole("button", { name: "Check the message" });
    await page.goto("/en/valider");
    await hand.fill(message, MESSAGE);
    await hand.follow(check);

    const errors = page.locator(".fundet > li");
    assert.match(await errors.first().textContent(), /DTR\d{4}[^]*line 4/);
    // What was sent is shown, not carried out.
    assert.equal(await message.inputValue(), MESSAGE);

    await hand.follow(errors.first().getByRole("link"));
    assert.match(new URL(page.url()).pathname, /^\/en\/fejlkoder\/DTR\d{4}$/);
    await page.goBack();
    await errors.first().waitFor();

    const mended = MESSAGE.replace("mange", "1").replace("</lovgrundlagKode>", "</lovgrundlagKode>\n    <admKommuneKode>751</admKommuneKode>");
    await hand.fill(message, mended);
    await hand.follow(check);
    assert.match(await page.locator("main").textContent(), /No errors found/);
    assert.equal(await errors.count(), 0);
  });
}
