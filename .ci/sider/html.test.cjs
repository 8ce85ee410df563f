// Every page's HTML, by the validator of the W3C (vnu): neither error nor warning.

const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { browsing, visited } = require("./site.cjs");
const { EVERY } = require("./pages.cjs");

const open = browsing();

test("HTML is valid", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sider-"));
  try {
    // Each under a number, since names may have any letters.
    const files = [];
    const anybodys = await open();
    for (const entry of EVERY) {
      const page = entry.as ? await open() : anybodys;
      const answer = await visited(page, entry);
      assert.equal(answer.status(), entry.status, entry.path);
      assert.equal(answer.headers()["content-type"], "text/html; charset=utf-8", entry.path);
      const file = path.join(folder, `${files.length}.html`);
      fs.writeFileSync(file, await answer.body());
      files.push(file);
    }
    const jar = String(require("vnu-jar"));
    const asked = ["-jar", jar, "--format", "json", "--exit-zero-always", "--stdout", ...files];
    const { messages } = JSON.parse(execFileSync("java", asked, { encoding: "utf8", maxBuffer: 1 << 26 }));
    const told = messages.map(({ url, type, message, extract }) => {
      const page = EVERY[Number(path.basename(url, ".html"))];
      return `${page.path}: ${type}: ${message}: ${extract}`;
    });
    assert.deepEqual(told, []);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
