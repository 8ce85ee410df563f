// Signs in through a foreign provider as a browser would, looks at the person's page, and signs out: browser.mjs SITE OP
import assert from 'node:assert/strict';

const [site, op] = process.argv.slice(2);
const jar = new Map();

/** Asks, with the cookies of that host, and keeps those that it sets. */
async function ask(url, form) {
  const { host } = new URL(url);
  const own = jar.get(host) ?? jar.set(host, new Map()).get(host);
  const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(url, {
    method: form ? 'POST' : 'GET',
    body: form && new URLSearchParams(form),
    headers: { cookie, accept: 'text/html' },
    redirect: 'manual',
  });
  for (const set of answer.headers.getSetCookie()) {
    const [pair, ...attributes] = set.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const gone = attributes.some((part) => /^max-age=0$/i.test(part) || /^expires=thu, 01 jan 1970/i.test(part));
    if (gone) own.delete(pair.slice(0, at));
    else own.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return answer;
}

/** Follows redirects up to a page. */
async function go(url, form) {
  let answer = await ask(url, form);
  for (let hops = 0; answer.status >= 300 && answer.status < 400; hops++) {
    assert.ok(hops < 10, 'too many redirects');
    url = new URL(answer.headers.get('location'), url).href;
    answer = await ask(url);
  }
  return { url, status: answer.status, text: await answer.text() };
}

/** The first form of a page: where it goes, and what it holds. */
function form({ url, text }) {
  const action = /<form[^>]*action="([^"]*)"/.exec(text)[1].replaceAll('&amp;', '&');
  const fields = {};
  for (const [input] of text.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    if (name) fields[name] = /value="([^"]*)"/.exec(input)?.[1] ?? '';
  }
  return { action: new URL(action, url).href, fields };
}

let page = await go(`${site}/mit/login/oidc?til=${encodeURIComponent('/en/mit')}`);
assert.ok(page.url.startsWith(op), page.url);
let asked = form(page);
page = await go(asked.action, { ...asked.fields, login: 'kim', password: 'x' });
asked = form(page);
page = await go(asked.action, asked.fields);
assert.equal(page.url, `${site}/en/mit`, page.text);
for (const told of ['Kim Kontor', 'Aarhus (751)', 'look, and answer about agreements', 'CVR 55133018']) {
  assert.ok(page.text.includes(told), `${told} is not in ${page.text}`);
}
// Another provider's answer, and one to nobody's sign-in.
for (const query of ['code=a&state=b', 'error=access_denied', '']) {
  assert.equal((await ask(`${site}/mit/retur?${query}`)).status, 400, query);
}
asked = form(page);
const out = await ask(asked.action, asked.fields);
assert.ok(out.headers.get('location').startsWith(`${op}/session/end?`), out.headers.get('location'));
page = await go(`${site}/mit`);
assert.ok(page.url.includes('/mit/login'), page.url);
console.log('signed in and out through oidc-provider');
