// Pictures of the main pages, at a desk and on a telephone: all in DTR_BILLEDER (target/sider), to look at. Those that the manual
// shows are made again with DTR_OPDATER=1, in docs/billeder; else each must be there, and small.

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { DESKTOP, PHONE, browsing, visited } = require("./site.cjs");
const { MESSAGE } = require("./pages.cjs");

const TOP = path.join(__dirname, "../..");
const SEEN = process.env.DTR_BILLEDER || path.join(TOP, "target/sider");
const MANUAL = path.join(TOP, "docs/billeder");
const LARGEST = 60_000;

// manual: at which widths the manual shows it.
const PICTURES = [
  { name: "search", path: "/en?q=aeblehaven", manual: ["desk"] },
  { name: "institution", path: "/en/institution/G30271", manual: ["desk", "phone"] },
  { name: "institution-as-it-stood", path: "/en/institution/G30271?pr=271" },
  { name: "kommune", path: "/en/kommune/751", manual: ["desk"] },
  { name: "map", path: "/en/kort", manual: ["phone"] },
  { name: "figures", path: "/en/tal" },
  { name: "check", path: "/en/valider", posts: { besked: MESSAGE }, manual: ["desk"] },
  { name: "error-code", path: "/en/fejlkoder/DTR3019" },
  { name: "contract", path: "/en/kontrakt" },
  { name: "data", path: "/en/data" },
];
const WIDTHS = { desk: DESKTOP, phone: PHONE };

const open = browsing();
const files = PICTURES.flatMap(({ name, manual = [] }) => manual.map((width) => `${name}-${width}.webp`));

for (const entry of PICTURES) {
  const { name, manual = [] } = entry;
  test(`picture of ${name}`, async () => {
    fs.mkdirSync(SEEN, { recursive: true });
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      const page = await open({ viewport });
      const answer = await visited(page, entry);
      assert.equal(answer.status(), 200);
      await page.screenshot({ path: path.join(SEEN, `${name}-${width}.png`) });
      if (process.env.DTR_OPDATER && manual.includes(width)) {
        const session = await page.context().newCDPSession(page);
        const asked = { format: "webp", quality: 40, optimizeForSpeed: false };
        const { data } = await session.send("Page.captureScreenshot", asked);
        fs.mkdirSync(MANUAL, { recursive: true });
        fs.writeFileSync(path.join(MANUAL, `${name}-${width}.webp`), Buffer.from(data, "base64"));
      }
      await page.context().close();
    }
  });
}

test("the manual's pictures are there, small, and shown", () => {
  assert.deepEqual(fs.readdirSync(MANUAL).sort(), [...files].sort());
  const chapter = fs.readFileSync(path.join(TOP, "docs/sider.md"), "utf8");
  for (const file of files) {
    const { size } = fs.statSync(path.join(MANUAL, file));
    assert.ok(size <= LARGEST, `${file}: ${size} bytes`);
    assert.ok(chapter.includes(`](billeder/${file})`), `${file} is shown nowhere`);
  }
});
