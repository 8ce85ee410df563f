// A citizen finds an institution that has closed, its successor, and what the register said before; then goes back.

const assert = require("node:assert");
const { test } = require("node:test");
const { Hand, WAYS, browsing } = require("../site.cjs");

const open = browsing();

for (const { name, options, byKeyboard } of WAYS) {
  test(`search, institution, history, as of a date, and back, ${name}`, async () => {
    const page = await open({ ...options, javaScriptEnabled: false });
    const hand = new Hand(page, byKeyboard);
    const words = page.getByRole("searchbox");
    const heading = page.locator("h1");
    await page.goto("/");

    // Typed without Danish letters.
    await hand.fill(words, "aeblehaven");
    await hand.follow(page.getByRole("search").getByRole("button"));
    assert.equal(new URL(page.url()).searchParams.get("q"), "aeblehaven");
    const closed = page.locator(".træffere li").filter({ hasText: "G30270" });
    assert.match(await closed.textContent(), /nedlagt[^]*Bregneskovens Dagtilbud/);

    await hand.follow(closed.getByRole("link", { name: "Dagtilbud Æblehaven" }));
    assert.match(await heading.textContent(), /^Dagtilbud Æblehaven/);
    const history = page.locator(".historik li");
    assert.match(await history.first().textContent(), /edlagt/);

    // As of the change that opened it.
    await hand.follow(history.last().getByRole("link"));
    assert.match(await page.locator(".note").first().textContent(), /Sådan stod der/);
    assert.equal(await page.locator(".under .mærke").textContent(), "Åben");
    const then = page.url();

    // The same address, asked for later by somebody else.
    const other = await open({ ...options, javaScriptEnabled: false });
    await other.goto(then);
    assert.equal(await other.locator("main").innerHTML(), await page.locator("main").innerHTML());

    // As of a day.
    await page.goto(`${then.split("?")[0]}?pr=2999-01-01`);
    assert.equal(await page.locator(".under .mærke").textContent(), "Nedlagt");
    await page.goBack();
    await page.goBack();
    await page.goBack();
    assert.equal(await words.inputValue(), "aeblehaven");
    await closed.waitFor();
    await page.goBack();
    assert.equal(new URL(page.url()).search, "");
  });

  test(`search with filters, from page to page, ${name}`, async () => {
    const page = await open({ ...options, javaScriptEnabled: false });
    const hand = new Hand(page, byKeyboard);
    await page.goto("/en?q=b%C3%B8rnehuset");
    const first = await page.locator(".træffere").innerHTML();
    await hand.follow(page.getByRole("link", { name: "Next" }));
    assert.notEqual(await page.locator(".træffere").innerHTML(), first);
    await hand.follow(page.getByRole("link", { name: "Previous" }));
    assert.equal(await page.locator(".træffere").innerHTML(), first);

    await hand.unfold(page.getByText("More choices"));
    await page.getByLabel("Kommune").last().selectOption("751");
    await hand.follow(page.getByRole("search").getByRole("button"));
    const hits = await page.locator(".træffere li").allTextContents();
    assert.ok(hits.length > 0);
    for (const hit of hits) assert.match(hit, /Aarhus Kommune/);
  });
}
