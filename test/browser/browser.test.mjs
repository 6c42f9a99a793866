// SPDX-License-Identifier: Apache-2.0
// A person with a real browser: clicks, tabs, the back button, and how the pages look.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { startSample } from '../support/application.mjs';
import { makeCertificate } from '../support/certificate.mjs';
import { freePort } from '../support/place.mjs';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { client, host, identity, SECRET } from '../hosts/host.mjs';
import { launch, missing, picture } from './chromium.mjs';

const skip = await missing();
const stage = openStage('browser');
const test = testOn(stage);
const world = {};

function site(port, upstream, provider, more = {}) {
  return {
    port, upstream, ...more,
    places: [
      { path: '/', provider, unauthenticated: 'pass', headers: identity },
      { path: '/account/', provider, headers: identity },
      { path: '/admins/', provider, require: ['groups has "admins"'], headers: identity },
      { path: '/public/' },
    ],
  };
}

before(async () => {
  if (skip) return;
  const practice = stage.add(await Practice.start());
  const sample = stage.add(await startSample());
  const tls = await makeCertificate(stage.folder);
  const [plain, secure, posting] = [await freePort(), await freePort(), await freePort()];
  await host.open(stage, {
    cookieSecrets: [SECRET],
    providers: {
      main: client(practice, 'ok', { logout_uri: '/logout' }),
      secure: client(practice, 'ok~secure', { logout_uri: '/logout' }),
      posting: client(practice, 'ok~posting', { response_mode: 'form_post', logout_uri: '/logout' }),
    },
    sites: [site(plain, sample.origin, 'main'), site(secure, sample.origin, 'secure', { tls, http2: true }),
      site(posting, sample.origin, 'posting', { tls })],
  });
  // For a browser localhost and 127.0.0.1, where the provider is, are two sites.
  Object.assign(world, { practice, plain: `http://127.0.0.1:${plain}`, secure: `https://127.0.0.1:${secure}`, posting: `https://localhost:${posting}` });
  world.browser = await launch();
});

after(() => world.browser?.close());

async function withContext(options, body) {
  const context = await world.browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1100, height: 760 }, ...options });
  context.setDefaultTimeout(10000);
  try {
    await body(context);
  } finally {
    await context.close();
  }
}

async function signIn(page, url, person = 'Ada Lovelace') {
  await page.goto(url);
  await page.getByRole('button', { name: new RegExp(person) }).click();
}

/** Follows a link that stands on a page somewhere else. */
async function leave(page, from, to) {
  await page.goto(from);
  await Promise.all([page.waitForURL(to), page.evaluate((url) => { location.href = url; }, to)]);
}

const named = (page, name) => page.getByText(name).first().waitFor();

describe('Chromium', { skip }, () => {
  test('a person signs in by a click, sees the page, and signs out', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await page.goto(`${world.plain}/`);
    await page.getByRole('link', { name: 'Sign in' }).first().click();
    await page.getByRole('button', { name: /Ada Lovelace/ }).click();
    await named(page, 'Ada Lovelace');
    assert.equal(page.url(), `${world.plain}/account/`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/oidc_signed_out');
    await page.goto(`${world.plain}/account/`);
    assert.ok(page.url().startsWith(world.practice.origin), 'both sessions have ended');
    assert.deepEqual((await context.cookies(world.plain)).filter((cookie) => /^oidc_main$/.test(cookie.name)), []);
  }));

  test('two tabs at once', () => withContext({}, async (context) => {
    const [one, two] = [await context.newPage(), await context.newPage()];
    await Promise.all([one.goto(`${world.plain}/account/?tab=1`), two.goto(`${world.plain}/account/?tab=2`)]);
    await one.getByRole('button', { name: /Alan Turing/ }).click();
    await named(one, 'Alan Turing');
    await two.getByRole('button', { name: /Alan Turing/ }).click();
    await named(two, 'Alan Turing');
    assert.deepEqual([one.url(), two.url()], [1, 2].map((n) => `${world.plain}/account/?tab=${n}`));
  }));

  test('the back button after sign-in leads into no error', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await signIn(page, `${world.plain}/account/`);
    await named(page, 'Ada Lovelace');
    await page.goBack(); // to the provider, which knows the person by now
    await named(page, 'Ada Lovelace');
    assert.ok(page.url().startsWith(world.plain), page.url());
  }));

  test('the back button after sign-out shows nothing of before', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await signIn(page, `${world.plain}/account/`);
    await named(page, 'Ada Lovelace');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.goBack();
    await page.waitForLoadState();
    assert.ok(!/What came with this request/.test(await page.content()), page.url());
  }));

  test('TLS, HTTP/2: the cookies are __Host-, and a script sees none', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await signIn(page, `${world.secure}/account/`);
    await named(page, 'Ada Lovelace');
    const cookies = (await context.cookies(world.secure)).filter((cookie) => cookie.name.includes('oidc'));
    assert.ok(cookies.length >= 1);
    for (const cookie of cookies) {
      assert.match(cookie.name, /^__Host-oidc_secure/);
      assert.deepEqual([cookie.secure, cookie.httpOnly, cookie.sameSite, cookie.path], [true, true, 'Lax', '/']);
    }
    assert.equal(await page.evaluate(() => document.cookie), '');
  }));

  test('form_post from another site', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await signIn(page, `${world.posting}/account/?x=1`);
    await named(page, 'Ada Lovelace');
    assert.equal(page.url(), `${world.posting}/account/?x=1`);
  }));

  test('fetch in a page is told 401, not led to a sign-in', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await page.goto(`${world.plain}/public/`);
    const response = await context.request.get(`${world.plain}/account/`, { headers: { 'sec-fetch-mode': 'cors' }, maxRedirects: 0 });
    assert.equal(response.status(), 401);
  }));

  test('a link elsewhere signs nobody out unasked', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await signIn(page, `${world.plain}/account/`);
    await named(page, 'Ada Lovelace');
    for (const elsewhere of [world.practice.origin, world.posting]) {
      await leave(page, `${elsewhere}/public/`, `${world.plain}/logout`);
      await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
    }
    await page.goto(`${world.plain}/account/`);
    await named(page, 'Ada Lovelace');
  }));

  test('our pages stand in no frame', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await page.route('**/frame-test', (route) => route.fulfill({ contentType: 'text/html', body: `<iframe src="${world.plain}/oidc_signed_out"></iframe>` }));
    await page.goto(`${world.practice.origin}/frame-test`);
    const frame = page.frames()[1];
    await frame.waitForLoadState();
    assert.ok(!/You are signed out/.test(await frame.content()));
  }));

  test('a person who cancels can try again', () => withContext({}, async (context) => {
    const page = await context.newPage();
    await page.goto(`${world.plain}/account/`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: /Ada Lovelace/ }).click();
    await named(page, 'Ada Lovelace');
    assert.equal(page.url(), `${world.plain}/account/`);
  }));
});

/** Each page that people see, as they see it. */
async function lookAround(page, theme) {
  await page.goto(`${world.plain}/`);
  await picture(page, `home-unknown-${theme}`);
  await page.goto(`${world.plain}/account/`);
  await picture(page, `provider-${theme}`);
  await page.getByRole('button', { name: /Alan Turing/ }).click();
  await named(page, 'Alan Turing');
  await picture(page, `account-${theme}`);
  await page.goto(`${world.plain}/admins/`);
  await page.getByRole('heading', { name: 'Not open to you' }).waitFor();
  await picture(page, `refused-${theme}`);
  await leave(page, world.practice.origin, `${world.plain}/logout`);
  await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
  await picture(page, `sign-out-${theme}`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await picture(page, `signed-out-${theme}`);
  await page.goto(`${world.plain}/oidc_callback?state=unknown-to-us&code=x`);
  await page.getByRole('heading', { name: 'Sign-in did not work' }).waitFor();
  await picture(page, `failed-${theme}`);
}

/** Nothing runs out of the window, and the text can be read against what is behind it (WCAG 1.4.3). */
async function assertReadable(page) {
  const { overflow, contrast } = await page.evaluate(() => {
    const level = (colour) => {
      const [r, g, b] = colour.match(/[\d.]+/g).map((part) => Number(part) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (!/, 0\)$/.test(colour)) return colour;
      }
      return 'rgb(255, 255, 255)';
    };
    const texts = [...document.querySelectorAll('h1, p, a, button, code')].map((element) => {
      const [light, dark] = [level(getComputedStyle(element).color), level(behind(element))].sort((a, b) => b - a);
      return (light + 0.05) / (dark + 0.05);
    });
    return { overflow: document.documentElement.scrollWidth > window.innerWidth, contrast: Math.min(...texts) };
  });
  assert.equal(overflow, false, 'wider than the window');
  assert.ok(contrast >= 4.5, `contrast ${contrast}`);
}

describe('how it looks', { skip }, () => {
  for (const theme of ['light', 'dark']) {
    test(`pictures, ${theme}`, () => withContext({ colorScheme: theme }, async (context) => lookAround(await context.newPage(), theme)));

    test(`our pages can be read, ${theme}, on a telephone too`, () => withContext({ colorScheme: theme, viewport: { width: 320, height: 600 } }, async (context) => {
      const page = await context.newPage();
      await page.goto(`${world.plain}/oidc_callback?state=unknown-to-us&code=x`);
      await assertReadable(page);
      await picture(page, `failed-small-${theme}`);
      await page.goto(`${world.plain}/oidc_signed_out`);
      await assertReadable(page);
    }));
  }
});
