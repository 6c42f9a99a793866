// SPDX-License-Identifier: Apache-2.0
// What a stranger, another tab or the back button can do to a sign-in: nothing.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import session from 'express-session';
import { Browser } from '../support/browser.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { ownAddress } from '../../servers/node/lib/express/return.js';
import { answerOf, application, enter, versions, whoIs } from './express-support.mjs';

const stage = openStage('express-attack');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const tokenRequests = async () => (await practice.log('ok')).filter((entry) => entry.endpoint === 'token').length;

for (const [name, express] of Object.entries(versions)) {
  describe(name, () => {
    const open = (more, set) => application(stage, practice, more, { express, ...set });

    test('two tabs: both sign-ins come to their own page, in any order', async () => {
      const site = await open();
      const [a, b] = [await answerOf(site, site.browser, '/me?tab=a'), await answerOf(site, site.browser, '/me?tab=b')];
      assert.equal((await site.browser.open(b.back)).json.url, '/me?tab=b');
      assert.equal((await site.browser.open(a.back)).json.url, '/me?tab=a');
    });

    test('the back button to a callback that was used: somebody who is signed in goes on, nobody gets 400', async () => {
      const site = await open();
      const { back } = await answerOf(site, site.browser);
      await site.browser.open(back);
      const before = await tokenRequests();
      const again = await site.browser.request(back);
      assert.deepEqual([again.status, again.headers.location], [302, site.origin]);
      assert.equal(await tokenRequests(), before, 'the code went nowhere');
      assert.equal(await whoIs(site), 'person-ada');
      await site.browser.request(`${site.origin}/logout`);
      assert.deepEqual([(await site.browser.request(back)).status, await whoIs(site)], [400, null]);
    });

    test('login CSRF: a stranger’s answer in another browser signs nobody in, and does not change who is signed in', async () => {
      const site = await open();
      const mallory = await answerOf(site, new Browser(), '/me', 'alan');
      const refused = await site.browser.request(mallory.back);
      assert.deepEqual([refused.status, refused.json.id], [400, 'attempt_unknown']);
      assert.equal(await whoIs(site), null);
      await enter(site);
      const { back } = await answerOf(site, new Browser(), '/me', 'alan');
      assert.equal((await site.browser.request(back)).status, 302);
      assert.equal(await whoIs(site), 'person-ada');
    });

    test('a stranger’s code behind one’s own state signs nobody in', async () => {
      const site = await open();
      const mallory = await answerOf(site, new Browser(), '/me', 'alan');
      const mine = await answerOf(site, site.browser);
      mine.back.searchParams.set('code', mallory.back.searchParams.get('code'));
      assert.ok((await site.browser.request(mine.back)).status >= 400);
      assert.equal(await whoIs(site), null);
    });

    test('an answer with parts missing, twice, or as lists', async () => {
      const site = await open();
      const { back } = await answerOf(site, site.browser);
      const wrong = [
        (url) => url.searchParams.delete('state'), (url) => url.searchParams.append('state', 'x'), (url) => url.searchParams.delete('code'),
        (url) => url.searchParams.append('code', 'x'), (url) => url.searchParams.set('iss', 'https://other.example'), (url) => url.searchParams.delete('iss'),
        (url) => { url.search = url.search.replace('state=', 'state[]='); }, (url) => { url.search = url.search.replace('code=', 'code[a]='); },
        (url) => { url.search = '?'; }, (url) => { url.search = `?error=access_denied&state=${url.searchParams.get('state')}`; },
      ];
      for (const change of wrong) {
        const browser = new Browser();
        const { back: other } = await answerOf(site, browser);
        change(other);
        const refused = await browser.request(other);
        assert.ok(refused.status >= 400 && refused.status < 500, `${change}: ${refused}`);
        assert.equal(await whoIs(site, browser), null);
      }
      assert.equal((await site.browser.open(back)).json.sub, 'person-ada', 'and the good one still is');
    });

    test('the callback by another method, and with a body of another kind', async () => {
      const site = await open();
      const { back } = await answerOf(site, site.browser);
      const body = back.search.slice(1);
      const posted = await site.browser.request(back.origin + back.pathname, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) } });
      assert.deepEqual([posted.status, posted.json.id], [400, 'response_mode']);
      const form = await open({ authorizationParams: { response_mode: 'form_post' } });
      for (const [type, text] of [['application/json', '{"code":"x","state":{"a":1}}'], ['application/x-www-form-urlencoded', 'x'.repeat(200000)], ['application/x-www-form-urlencoded', 'state[a]=1&code[]=2']]) {
        const refused = await form.browser.request(`${form.origin}/callback`, { method: 'POST', body: text, headers: { 'content-type': type, 'content-length': String(text.length) } });
        assert.ok(refused.status >= 400 && refused.status < 500, String(refused));
      }
      assert.equal((await form.browser.request(`${form.origin}/callback${back.search}`)).status, 400);
    });

    test('fixation: a session that was put into the browser is not the one that is signed in', async () => {
      for (const store of [undefined, new session.MemoryStore()]) {
        const site = await open({ session: { store } }, { places(app) {
          app.get('/', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null }));
          app.get('/touch', (req, res) => { req.appSession.x = 1; res.end(); });
        } });
        const mallory = new Browser();
        await mallory.request(`${site.origin}/touch`);
        site.browser.jar = mallory.jar.copy();
        await enter(site, '/login');
        assert.equal(await whoIs(site), 'person-ada');
        assert.equal(await whoIs(site, mallory), null);
      }
    });

    test('cookies that were changed, swapped or cut are nobody', async () => {
      const site = await open();
      const { browser } = site;
      await browser.request(`${site.origin}/me`);
      const [attempt] = browser.jar.find(/^appSession_signin/);
      await enter(site);
      const [{ value }] = browser.jar.find(/^appSession$/);
      const forged = [attempt.value, value.slice(0, -1), value.replace(/^[^.]*/, ''), `${value}x`, value.replace(/\.[^.]*$/, '.'), 'null', '[]'];
      for (const each of forged) {
        const other = new Browser();
        other.jar.set(new URL(site.origin), `appSession=${each}; Path=/`);
        assert.equal(await whoIs(site, other), null, each.slice(0, 40));
      }
      browser.jar.drop(/^appSession$/);
      const { back } = await answerOf(site, browser);
      for (const cookie of browser.jar.find(/^appSession_signin/)) cookie.value = value;
      assert.equal((await browser.request(back)).status, 400, 'a session is no attempt');
    });

    test('a proxy’s headers from anybody do not move the redirect_uri', async () => {
      const site = await open();
      const begun = await site.browser.request(`${site.origin}/me`, { headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example;proto=https', host: 'evil.example' } });
      assert.equal(begun.location.searchParams.get('redirect_uri'), `${site.origin}/callback`);
    });
  });
}

describe('open redirect', () => {
  const bad = [
    '//evil.example', '\\\\evil.example', '/\\evil.example', '\\/evil.example', 'https://evil.example', 'http:\\\\evil.example', '///evil.example', '/\t/evil.example', '\t//evil.example', '/\n/evil.example',
    'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'https://127.0.0.1@evil.example/', 'http://[::1', ' https://evil.example', 'https://evil.example/%2f..', 'blob:https://127.0.0.1/x',
    ['/a'], { path: '/a' }, 7, `/${'x'.repeat(9000)}`,
  ];

  test('an address that is not ours is none, however it is written', () => {
    for (const each of bad) assert.equal(ownAddress(each, 'https://app.example'), null, JSON.stringify(each).slice(0, 60));
  });

  test('one that only looks like it stays on our origin', () => {
    for (const [each, location] of [['/.//evil.example', '/evil.example'], ['/a/../..//evil.example', '/evil.example'], ['/%2f%2fevil.example', '/%2f%2fevil.example'], ['?x=//evil.example', '/?x=//evil.example'], ['/a?b#c', '/a?b#c'], ['a', '/a'], ['https:evil.example', 'https://app.example/evil.example']]) {
      assert.equal(ownAddress(each, 'https://app.example').location, location);
    }
    assert.equal(ownAddress('https://app.example', 'https://app.example').location, 'https://app.example');
    assert.equal(ownAddress('https://user:pw@app.example/x', 'https://app.example').location, 'https://app.example/x');
    assert.equal(ownAddress('https://app.example:8443/', 'https://app.example'), null);
  });

  test('login({returnTo}) and a state with a returnTo lead home instead, and the log says so', async () => {
    for (const more of [{}, { getLoginState: (req) => ({ returnTo: req.query.to }) }]) {
      const site = await application(stage, practice, more, { places(app) {
        app.get('/go', (req, res) => res.oidc.login({ returnTo: more.getLoginState ? '/' : req.query.to }));
        app.get('/', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null, url: req.originalUrl }));
      } });
      for (const to of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)', '/.//evil.example']) {
        const shown = await signIn(site.browser, `${site.origin}/go?to=${encodeURIComponent(to)}`);
        assert.equal(shown.url.origin, site.origin);
        assert.ok(shown.history.every(({ headers }) => !/evil|javascript/.test(headers.location ?? '') || new URL(headers.location, site.origin).origin === site.origin || headers.location.startsWith(practice.origin)), shown.history.join('\n'));
      }
      if (!more.getLoginState) assert.match(site.log.join(), /warn a sign-in was asked to return to an address that is not of baseURL/);
    }
  });

  test('a request line that names another host leads home', async () => {
    const site = await application(stage, practice, {});
    for (const path of ['//evil.example/me', '/%5cevil.example']) {
      const begun = await site.browser.request(site.origin, { headers: {} });
      assert.equal(begun.status, 200);
      const shown = await signIn(new Browser(), `${site.origin}${path === '//evil.example/me' ? '/me' : path}`);
      assert.equal(shown.url.origin, site.origin);
    }
  });

  test('logout({returnTo}) stays on our origin, but for the address that is configured', async () => {
    const site = await application(stage, practice, { routes: { postLogoutRedirect: 'https://www.app.example/bye' } }, { places(app) {
      app.get('/out', (req, res) => res.oidc.logout({ returnTo: req.query.to }));
    } });
    const to = async (address) => (await site.browser.request(`${site.origin}/out?to=${encodeURIComponent(address)}`)).headers.location;
    for (const address of ['//evil.example', 'https://evil.example/', '\\\\evil.example', 'javascript:alert(1)', '/\\evil.example']) {
      assert.equal(new URL(await to(address), site.origin).origin, site.origin, `${address}: ${await to(address)}`);
    }
    assert.equal(await to('/x?y'), `${site.origin}/x?y`);
    assert.equal(await to('https://www.app.example/bye'), 'https://www.app.example/bye');
    assert.equal((await site.browser.request(`${site.origin}/logout`)).headers.location, 'https://www.app.example/bye');
  });
});

describe('a sign-in that stays what it was', () => {
  test('ten sign-ins in a row, and a session that is kept, are no loop', async () => {
    const site = await application(stage, practice, {});
    for (let i = 0; i < 10; i++) assert.equal((await enter(site, '/login')).json.sub, 'person-ada');
  });

  test('a request on its way during the sign-out does not bring the session back', async () => {
    const site = await application(stage, practice, {}, { places(app) {
      app.get('/', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null }));
      app.get('/slow', (req, res) => { req.appSession.slow = 1; setTimeout(() => res.end(), 150); });
    } });
    await enter(site, '/login');
    const onItsWay = site.browser.request(`${site.origin}/slow`);
    await site.browser.request(`${site.origin}/logout`);
    await onItsWay;
    assert.equal(await whoIs(site), null);
  });

  test('the provider was never asked for anything unseemly', async () => {
    const strangersCode = 'token: code_verifier does not fit';
    assert.deepEqual((await practice.violations('ok')).filter((what) => what !== strangersCode), []);
  });
});
