// The site under test and the browser that looks at it. Chromium is started once for each file of tests.
//
// DTR_SIDER is the address of the public listener of a running demo; see README.md.

const assert = require("node:assert");
const { after, before } = require("node:test");
const { chromium } = require("playwright-core");

const SITE = (process.env.DTR_SIDER || "http://localhost:8080").replace(/\/$/, "");
const CHROMIUM = process.env.CHROMIUM || "/usr/bin/chromium";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

// The language and the form of the path: English lies under /en.
const LANGUAGES = ["da", "en"];
const inLanguage = (language, path) =>
  language === "da" ? path : path === "/" ? "/en" : path.startsWith("/?") ? `/en${path.slice(1)}` : `/en${path}`;

// Gives a function that opens pages in a browser that lives as long as the file's tests.
function browsing() {
  let browser;
  before(async () => {
    // As root, as in CI, Chromium has no sandbox; it sees nothing but our own pages.
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  });
  after(async () => browser && (await browser.close()));
  return async (options = {}) => {
    const context = await browser.newContext({ baseURL: SITE, viewport: DESKTOP, ...options });
    context.setDefaultTimeout(15_000);
    return context.newPage();
  };
}

// Opens a page of the list, signed in and by way of its form where it needs that, and gives the server's answer.
async function visited(page, { path, posts, as }) {
  if (as && (await page.context().cookies()).length === 0) {
    await page.goto("/mit/login");
    await new Hand(page).follow(page.locator(`button[name="person"][value="${as}"]`));
  }
  const answer = await page.goto(path);
  if (!posts) return answer;
  const form = page.locator("main form").first();
  for (const [name, text] of Object.entries(posts)) await form.locator(`[name="${name}"]`).fill(text);
  const [posted] = await Promise.all([
    page.waitForResponse((one) => one.request().isNavigationRequest() && one.request().method() === "POST"),
    form.locator("button").click(),
  ]);
  await page.waitForLoadState();
  return posted;
}

// Notes what a page asks for and complains of, from now on.
function watched(page) {
  const seen = { requests: [], complaints: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("requestfailed", (request) => seen.complaints.push(`not loaded: ${request.url()}`));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium reports a refused page itself; the tests look at its status.
    const ofTheStatus = /responded with a status of/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !ofTheStatus) seen.complaints.push(message.text());
  });
  return seen;
}

// What can be reached with Tab, in the order of the document. Chromium also stops at what scrolls and has no stop inside.
// Runs in the page.
function stops() {
  const named = "a[href],button,input,select,textarea,summary,[tabindex]";
  const own = (element) =>
    element.matches(named) && !element.disabled && element.tabIndex >= 0 && element.type !== "hidden";
  const scrolls = (element) => {
    const style = getComputedStyle(element);
    const across = /auto|scroll/.test(style.overflowX) && element.scrollWidth > element.clientWidth;
    const down = /auto|scroll/.test(style.overflowY) && element.scrollHeight > element.clientHeight;
    return (across || down) && element !== document.scrollingElement && ![...element.querySelectorAll(named)].some(own);
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  return [...document.body.querySelectorAll("*")].filter((one) => shown(one) && (own(one) || scrolls(one)));
}

// A radio group is one stop, at its chosen button or at its first.
// Runs in the page.
function oneOfEachGroup(all) {
  const group = (one) => (one.type === "radio" && one.name ? one.name : null);
  const chosen = (one) => one.checked || !all.some((other) => group(other) === group(one) && other.checked);
  const first = (one) => all.find((other) => group(other) === group(one)) === one;
  return all.filter((one) => !group(one) || one.checked || (chosen(one) && first(one)));
}

// Follows links and fills in fields, by mouse or by keyboard alone.
class Hand {
  constructor(page, byKeyboard = false) {
    this.page = page;
    this.byKeyboard = byKeyboard;
  }

  async reach(target) {
    await target.waitFor();
    // From the top of the page, as after loading it.
    for (let presses = 0; presses < 500; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`Tab never reaches ${target}`);
  }

  // Follows a link or presses a button, and waits for the page behind it.
  async follow(target) {
    const gone = this.page.waitForEvent("framenavigated");
    if (this.byKeyboard) {
      await this.reach(target);
      await this.page.keyboard.press("Enter");
    } else {
      await target.click();
    }
    await gone;
    await this.page.waitForLoadState();
  }

  // Unfolds what a summary hides.
  async unfold(summary) {
    if (!this.byKeyboard) return summary.click();
    await this.reach(summary);
    await this.page.keyboard.press("Enter");
  }

  async fill(target, text) {
    if (!this.byKeyboard) return target.fill(text);
    await this.reach(target);
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(text);
  }
}

// The ways in which each flow is gone through. None has script.
const WAYS = [
  { name: "at a desk", options: { viewport: DESKTOP } },
  { name: "on a telephone", options: { viewport: PHONE, hasTouch: true, isMobile: true } },
  { name: "by keyboard alone", options: { viewport: DESKTOP }, byKeyboard: true },
];

module.exports = {
  DESKTOP, Hand, LANGUAGES, PHONE, SITE, WAYS, browsing, inLanguage, oneOfEachGroup, stops, visited, watched,
};
