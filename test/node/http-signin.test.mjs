// SPDX-License-Identifier: Apache-2.0
// Signing in, being signed in and signing out, with Fastify, Koa and node:http.
import assert from 'node:assert/strict';
import { describe, mock } from 'node:test';
import { Browser } from '../support/browser.mjs';
import { freePort, until } from '../support/place.mjs';
import { asPerson, Practice, signIn, signedIn } from '../support/practice.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { frameworks, open } from './http-apps.mjs';

const stage = openStage('http-signin');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));

const cookie = /^appSession(\.\d)?$/;

/** Everything with both kinds of session. */
const kinds = { 'sealed cookie': () => ({}), 'store': () => ({ session: { store: new SlowStore() } }) };

for (const framework of Object.keys(frameworks)) {
  for (const [kind, more] of Object.entries(kinds)) {
    describe(`${framework}, ${kind}`, () => {
      const start = (t, params = {}) => open(t, framework, practice, { ...more(), ...params });

      test('a page is sent to sign in, and comes back to where it was going', async (t) => {
        const label = `ok~${framework.replace(/\W/g, '')}${kind.length}`;
        const { url } = await start(t, { label });
        const browser = new Browser();
        const shown = await signIn(browser, url('/page?a=b'));
        assert.equal(shown.status, 200, String(shown));
        assert.equal(shown.url.href, url('/page?a=b'));
        assert.deepEqual(shown.json, { in: true, sub: 'person-ada', name: shown.json.name, token: true });
        assert.equal(browser.jar.find(/signin/).length, 0, 'the attempt is gone');
        assert.equal((await browser.request(url('/'))).json.sub, 'person-ada');
        assert.deepEqual(await practice.violations(label), []);
      });

      test('nobody is signed in before, and pages without a demand are open', async (t) => {
        const { url } = await start(t);
        const answer = await new Browser().request(url('/'));
        assert.deepEqual([answer.status, answer.json, answer.cookies], [200, { in: false, sub: null, name: null, token: false }, []]);
      });

      test('what cannot follow a sign-in gets a 401', async (t) => {
        const { url } = await start(t);
        const browser = new Browser();
        const wants = [{ mode: 'cors' }, { mode: 'no-cors' }, { headers: { 'x-requested-with': 'XMLHttpRequest' } }, { headers: { accept: 'application/json', 'sec-fetch-mode': undefined } }];
        for (const how of wants) {
          const answer = await browser.request(url('/page'), how);
          assert.deepEqual([answer.status, answer.cookies], [401, []]);
        }
        assert.equal((await browser.request(url('/page'))).status, 302);
      });

      test('a signed-in request sets no cookie; claims decide', async (t) => {
        const { url } = await start(t);
        const browser = await signedIn(url('/page'));
        const answer = await browser.request(url('/page'));
        assert.deepEqual([answer.status, answer.cookies], [200, []]);
        for (const path of ['/ada', '/check']) assert.equal((await browser.request(url(path))).status, 200, path);
        for (const path of ['/staff', '/never']) assert.equal((await browser.request(url(path), { mode: 'cors' })).status, 401, path);
        const other = await signedIn(url('/page'), 'alan');
        for (const path of ['/ada', '/check']) assert.equal((await other.request(url(path), { mode: 'cors' })).status, 401, path);
      });

      test('login, logout and callback are there; sign-out ends both sessions', async (t) => {
        const { url, origin } = await start(t);
        const browser = await signedIn(url('/login'));
        assert.equal(browser.first.url.href, `${origin}/`);
        const stolen = browser.jar.copy();
        const out = await browser.open(url('/logout'));
        assert.ok(out.history.some((each) => each.url.pathname.endsWith('/end_session')), out.history.join('\n'));
        assert.equal(browser.jar.find(cookie).length, 0);
        assert.equal((await browser.request(url('/'))).json.in, false);
        assert.equal((await new Browser({ jar: stolen }).request(url('/'))).json.in, false, 'an old cookie brings nothing back');
      });

      test('two tabs at once: both come to their pages', async (t) => {
        const { url } = await start(t);
        const browser = new Browser();
        const first = await browser.request(url('/page?tab=1'));
        const second = await browser.request(url('/page?tab=2'));
        browser.adjust = asPerson('ada');
        const two = await browser.open(asPerson('ada')(second.location));
        const one = await browser.open(asPerson('ada')(first.location));
        assert.deepEqual([one, two].map((each) => [each.status, each.url.search]), [[200, '?tab=1'], [200, '?tab=2']]);
      });

      test('the back button after a sign-in is no error for who is signed in, and one for who is not', async (t) => {
        const { url, origin } = await start(t);
        const browser = await signedIn(url('/page'));
        const callback = browser.first.history.find((each) => each.url.pathname === '/callback').url;
        const again = await browser.request(callback);
        assert.deepEqual([again.status, again.location.href], [302, `${origin}/`]);
        assert.equal((await new Browser().request(callback)).status, 400);
      });

      test('a callback that nobody asked for, or that is garbage, is a 400 and signs nobody in', async (t) => {
        const { url } = await start(t);
        for (const query of ['', '?code=x', '?code=x&state=y', '?state[]=a&code[]=b', '?state=a&state=b', `?state=${'x'.repeat(4000)}`, '?error=access_denied', '?%00=%ff']) {
          const browser = new Browser();
          const answer = await browser.request(url(`/callback${query}`));
          assert.equal(answer.status, 400, query);
          assert.equal((await browser.request(url('/'))).json.in, false);
        }
        const posted = await new Browser().request(url('/callback'), { method: 'POST', body: 'code=x&state=y', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
        assert.ok(posted.status >= 400 && posted.status < 500);
      });

      test('form_post: the provider posts its answer', async (t) => {
        const { url } = await start(t, { authorizationParams: { response_type: 'code', response_mode: 'form_post', scope: 'openid profile email' }, transactionCookie: { sameSite: 'Lax' } });
        const shown = await signIn(new Browser(), url('/page'));
        assert.deepEqual([shown.status, shown.json.sub], [200, 'person-ada']);
      });

      test('returnTo leads nowhere but here', async (t) => {
        const { url, origin } = await start(t);
        for (const to of ['https://evil.example/', '//evil.example/', '\\\\evil.example', '/\t/evil.example', 'javascript:alert(1)']) {
          const shown = await signIn(new Browser(), url(`/to?to=${encodeURIComponent(to)}`));
          assert.equal(shown.url.origin, origin, to);
        }
        const own = await signIn(new Browser(), url('/to?to=/page?x=1'));
        assert.equal(own.url.href, url('/page?x=1'));
      });

      test('the application’s own session: kept before a sign-in and after, ended by null', async (t) => {
        const { url } = await start(t);
        const browser = new Browser();
        assert.equal((await browser.request(url('/cart'))).json.cart, 1);
        assert.equal((await browser.request(url('/cart'))).json.cart, 2);
        assert.equal((await signIn(browser, url('/page'))).json.in, true);
        assert.equal((await browser.request(url('/cart'))).json.cart, 3);
        assert.equal((await browser.request(url('/empty'))).json.empty, true);
        assert.deepEqual([(await browser.request(url('/'))).json.in, (await browser.request(url('/cart'))).json.cart], [false, 1]);
      });

      test('a request that was on its way during a sign-out brings nobody back', async (t) => {
        const { url } = await start(t);
        const browser = await signedIn(url('/page'));
        const late = new Browser({ jar: browser.jar.copy() });
        const slow = late.request(url('/slow'));
        await new Promise((done) => { setTimeout(done, 30); });
        await browser.request(url('/out'));
        await slow;
        assert.equal((await late.request(url('/'))).json.in, false);
        assert.equal((await browser.request(url('/'))).json.in, false);
      });

      test('another person gets another session, with nothing of the first', async (t) => {
        const { url } = await start(t);
        const browser = await signedIn(url('/page'));
        await browser.request(url('/cart'));
        const before = browser.jar.find(cookie).map(({ value }) => value).join('');
        const shown = await signIn(browser, url('/login'), 'alan', { parameters: { prompt: 'login' } });
        assert.equal(shown.json.sub, 'person-alan');
        assert.notEqual(browser.jar.find(cookie).map(({ value }) => value).join(''), before);
        assert.equal((await browser.request(url('/cart'))).json.cart, 1);
      });
    });
  }

  describe(framework, () => {
    test('authRequired is the default: every page but the routes', async (t) => {
      const { url } = await open(t, framework, practice, { authRequired: true });
      assert.equal((await new Browser().request(url('/'))).status, 302);
      assert.equal((await new Browser().request(url('/'), { mode: 'cors' })).status, 401);
      assert.equal((await new Browser().request(url('/nowhere'), { mode: 'cors' })).status, 401);
      assert.equal((await signIn(new Browser(), url('/'))).json.sub, 'person-ada');
    });

    test('errorOnRequiredAuth: a page, too, gets a 401', async (t) => {
      const { url } = await open(t, framework, practice, { errorOnRequiredAuth: true });
      assert.equal((await new Browser().request(url('/page'))).status, 401);
    });

    test('a login that nobody waits for, and that fails, is answered and ends no process', async (t) => {
      if (framework.startsWith('koa')) return; // whose handlers wait
      const port = await freePort();
      const { url } = await open(t, framework, practice, { issuerBaseURL: `http://127.0.0.1:${port}/f/ok` });
      assert.equal((await new Browser().request(url('/unwaited'))).status, 503);
      assert.equal((await new Browser().request(url('/'))).status, 200);
    });

    test('a silent try: once, and then as nobody', async (t) => {
      const { url } = await open(t, framework, practice);
      const browser = new Browser();
      const shown = await browser.open(url('/silent'));
      assert.deepEqual([shown.status, shown.json.in, shown.url.pathname], [200, false, '/silent'], shown.history.join('\n'));
      assert.ok(shown.history.some((each) => each.url.searchParams.get('prompt') === 'none'));
      assert.equal((await browser.request(url('/silent'))).status, 200);
    });

    test('afterCallback may add to the session, or refuse it', async (t) => {
      const params = { afterCallback: (...args) => ({ ...args.at(-2), cart: 41 }) };
      const { url } = await open(t, framework, practice, params);
      const browser = await signedIn(url('/page'));
      assert.equal((await browser.request(url('/cart'))).json.cart, 42);
      const strict = await open(t, framework, practice, { afterCallback: () => { throw Object.assign(new Error('not you'), { status: 403, statusCode: 403 }); } });
      const other = new Browser();
      assert.equal((await signIn(other, strict.url('/page'))).status, 403);
      assert.equal((await other.request(strict.url('/'))).json.in, false);
    });

    test('getLoginState: what is put in comes back', async (t) => {
      const seen = [];
      const { url } = await open(t, framework, practice, {
        getLoginState: (host, { returnTo }) => ({ returnTo, mark: host.headers?.host ?? host.host }),
        afterCallback: (...args) => { seen.push(args.at(-1)); return args.at(-2); },
      });
      await signedIn(url('/page?q'));
      assert.equal(seen.length, 1);
      assert.equal(seen[0].mark, new URL(url('/')).host);
      assert.match(seen[0].returnTo, /\/page\?q$/);
    });

    test('the session ends when it is not used, by the process’s clock', async (t) => {
      const { url } = await open(t, framework, practice, { session: { rollingDuration: 600 } });
      const browser = await signedIn(url('/page'));
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 550_000 });
      t.after(() => mock.timers.reset());
      const used = await browser.request(url('/'));
      assert.equal(used.json.in, true);
      assert.ok(used.cookies.some((field) => field.startsWith('appSession=')), 'its time is due: written anew');
      mock.timers.setTime(Date.now() + 590_000);
      assert.equal((await browser.request(url('/'))).json.in, true);
      mock.timers.setTime(Date.now() + 601_000);
      assert.equal((await browser.request(url('/'))).json.in, false);
    });

    test('a store that is down is a 503, and signs nobody out', async (t) => {
      const store = new SlowStore();
      const { url } = await open(t, framework, practice, { session: { store } });
      const browser = await signedIn(url('/page'));
      const broken = (method) => {
        const real = store[method];
        store[method] = (...args) => args.at(-1)(new Error('down'));
        return () => { store[method] = real; };
      };
      let mend = broken('get');
      assert.equal((await browser.request(url('/'))).status, 503);
      mend();
      mend = broken('set');
      const unsaved = await browser.request(url('/cart'));
      assert.deepEqual([unsaved.status, unsaved.cookies], [503, []]);
      assert.equal((await browser.request(url('/out'))).status, 503);
      mend();
      assert.deepEqual((await browser.request(url('/'))).json.in, true);
    });

    test('unknown or unsafe options do not start', async (t) => {
      for (const params of [{ sekret: 'x' }, { secret: undefined }, { clientSecret: undefined }, { afterCallback: 'x' }, { issuerBaseURL: 'http://op.example' }]) {
        await assert.rejects(open(t, framework, practice, params));
      }
    });
  });
}

describe('a provider that is down when the application starts', { concurrency: 4 }, () => {
  for (const framework of Object.keys(frameworks)) {
    test(`503 for who wants to sign in, and then it works: ${framework}`, async (t) => {
      const port = await freePort();
      const { url } = await open(t, framework, practice, { issuerBaseURL: `http://127.0.0.1:${port}/f/ok`, httpTimeout: 5000 });
      const down = await new Browser().request(url('/page'));
      assert.deepEqual([down.status, down.cookies], [503, []]);
      assert.equal((await new Browser().request(url('/'))).status, 200, 'who need not be signed in is let in');
      const late = await Practice.start(['--quiet'], port);
      t.after(() => late.stop());
      await until('the provider is asked again', async () => (await signIn(new Browser(), url('/page'))).status === 200, 40000);
    });
  }
});
