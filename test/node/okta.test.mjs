// SPDX-License-Identifier: Apache-2.0
// ExpressOIDC on Express 4 and 5: sign-in, sign-out, and what may go wrong with either.
import assert from 'node:assert/strict';
import { get as httpGet } from 'node:http';
import { describe, test } from 'node:test';
import { RedisStore } from 'connect-redis';
import express4 from 'express4';
import express5 from 'express5';
import session from 'express-session';
import { createClient } from 'redis';
import { ExpressOIDC } from '../../servers/node/lib/okta/index.js';
import { Browser } from '../support/browser.mjs';
import { freePort, pause } from '../support/place.mjs';
import { asPerson, Practice, signIn } from '../support/practice.mjs';
import { Program } from '../support/process.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage } from '../support/stage.mjs';
import { applications } from './okta-stage.mjs';

const stage = openStage('okta');
const practice = stage.add(await Practice.start());

const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

const quiet = () => {};

const { open, opened, provider } = applications(practice);

/** The practice provider with a revocation_endpoint; what comes there is kept. */
function withRevocation(endpoint, revoked, status = 200) {
  return async (url, init) => {
    if (String(url) === endpoint) {
      revoked.push({ headers: new Headers(init.headers), fields: Object.fromEntries(new URLSearchParams(Buffer.from(init.body).toString())) });
      return new Response('', { status });
    }
    const response = await fetch(url, init);
    return String(url).includes('.well-known') ? Response.json({ ...await response.json(), revocation_endpoint: endpoint }) : response;
  };
}

const post = (browser, url, fields = {}, headers = {}) => browser.request(url, {
  method: 'POST', from: url, body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
});

async function signedInAt(app, who = 'ada', path = '/protected') {
  const browser = new Browser();
  browser.first = await signIn(browser, `${app.origin}${path}`, who);
  return browser;
}

const isSignedIn = async (browser, app) => (await browser.request(`${app.origin}/`)).json.authenticated;

describe('what it is made of', () => {
  const origin = 'http://127.0.0.1:8080';
  for (const [what, more, words] of [
    ['no issuer', { issuer: undefined }, /issuer is missing/],
    ['an issuer of an example', { issuer: 'https://{yourOktaDomain}/oauth2/default' }, /placeholder/],
    ['an issuer by http', { issuer: 'http://op.example' }, /https/],
    ['no client_id', { client_id: undefined }, /client_id is missing/],
    ['a client_id of an example', { client_id: '{clientId}' }, /placeholder/],
    ['no client_secret', { client_secret: undefined }, /client_secret is missing/],
    ['no appBaseUrl', { appBaseUrl: undefined }, /appBaseUrl is missing/],
    ['a slash behind appBaseUrl', { appBaseUrl: `${origin}/` }, /slash/],
    ['another response_type', { response_type: 'id_token' }, /response_type/],
    ['a handler of two arguments', { routes: { loginCallback: { handler: (req, res) => res } } }, /handler/],
    ['a route that does not exist', { routes: { callback: { path: '/cb' } } }, /routes.callback is no route here: there are login, loginCallback/],
    ['an option of a route that does not exist', { routes: { login: { paht: '/in' } } }, /routes.login.paht is no option: there are path, viewHandler/],
    ['an option that does not exist', { loginRedirectUrl: origin }, /loginRedirectUrl/],
  ]) test(`${what} is refused`, () => assert.throws(() => provider(origin, more), words));

  test('ready comes when the provider has answered; a secret may come from the environment', async () => {
    process.env.GATE_TEST_SECRET = 'practice-secret';
    const oidc = provider(origin, { client_secret: undefined, clientSecretEnv: 'GATE_TEST_SECRET' });
    opened.push(() => oidc.close());
    await new Promise((done, fail) => oidc.once('ready', done).once('error', fail));
    assert.equal(oidc.revoker.secret, 'practice-secret');
  });

  test('error comes when it does not, and ready when it is back', async () => {
    const label = 'ok~late';
    await practice.down(label, 'discovery', 503);
    const oidc = provider(origin, { issuer: practice.issuer(label) });
    opened.push(() => oidc.close());
    const ready = new Promise((done) => oidc.once('ready', done));
    const error = await new Promise((done) => oidc.once('error', done));
    assert.ok(error instanceof Error);
    await practice.up(label);
    await ready;
  });

  test('nobody listens for error: the process lives on', async () => {
    const told = [];
    const before = console.error;
    console.error = (line) => told.push(line);
    const oidc = provider(origin, { issuer: 'http://127.0.0.1:9/nobody' });
    opened.push(() => oidc.close());
    await pause(200);
    console.error = before;
    assert.equal(told.length, 1);
    assert.match(told[0], /^oidc: /);
  });
});

for (const [name, express] of [['Express 4', express4], ['Express 5', express5]]) {
  describe(name, () => {
    test('sign-in brings back to the page, with who it is', async () => {
      const app = await open({ express });
      const browser = await signedInAt(app);
      assert.equal(browser.first.status, 200, String(browser.first));
      assert.equal(browser.first.url.pathname, '/protected');
      assert.match(browser.first.json.name, /Ada/);
      assert.ok(browser.first.json.groups.length > 0);
      assert.equal(await isSignedIn(browser, app), true);
      assert.deepEqual(await practice.violations('ok'), []);
    });

    test('what is no page gets 401', async () => {
      const app = await open({ express });
      for (const accept of ['application/json', '*/*', 'application/json, text/html;q=0.5', undefined]) {
        const answer = await new Browser().request(`${app.origin}/protected`, { headers: { accept } });
        assert.equal(answer.status, 401, String(accept));
      }
    });

    test('a login is a new session, with what the old one held', async () => {
      const app = await open({ express, set: (a) => a.get('/cart', (req, res) => { req.session.cart ??= 'apples'; res.json({ cart: req.session.cart }); }) });
      const browser = new Browser();
      await browser.request(`${app.origin}/cart`);
      const [before] = browser.jar.find(/^connect\.sid$/);
      await signIn(browser, `${app.origin}/protected`);
      const [later] = browser.jar.find(/^connect\.sid$/);
      assert.notEqual(before.value, later.value);
      assert.equal((await browser.request(`${app.origin}/cart`)).json.cart, 'apples');
      const fixed = new Browser();
      fixed.jar.set(new URL(app.origin), `connect.sid=${before.value}; Path=/`);
      assert.equal(await isSignedIn(fixed, app), false, 'who knew the session before is not signed in');
    });

    test('what one person had in the session is not the next one’s', async () => {
      const app = await open({ express, set: (a) => a.get('/note', (req, res) => res.json(req.session.note = req.query.is ?? req.session.note ?? null)) });
      const browser = await signedInAt(app);
      const note = async (query = '') => (await browser.request(`${app.origin}/note${query}`)).json;
      assert.equal(await note('?is=of+ada'), 'of ada');
      await signIn(browser, `${app.origin}/login`);
      assert.equal(await note(), 'of ada', 'the same person signed in once more');
      await signIn(browser, `${app.origin}/login`, 'grace');
      assert.deepEqual([await note(), await note('?is=of+grace')], [null, 'of grace'], 'somebody else signed in');
      await post(browser, `${app.origin}/logout`);
      assert.deepEqual([await isSignedIn(browser, app), await note()], [false, null], 'signed out');
    });

    test('sign-out ends the login, revokes its tokens, and goes to the provider', async () => {
      const revoked = [];
      const customFetch = withRevocation(`${practice.issuer('ok')}/revoke`, revoked);
      const app = await open({ express, more: { customFetch } });
      const browser = await signedInAt(app);
      const answer = await post(browser, `${app.origin}/logout`);
      assert.ok([302, 303].includes(answer.status), String(answer));
      assert.equal(answer.location.pathname, `${new URL(practice.issuer('ok')).pathname}/end_session`);
      assert.equal(answer.location.searchParams.get('post_logout_redirect_uri'), `${app.origin}/`);
      assert.ok(answer.location.searchParams.get('id_token_hint'));
      assert.equal(await isSignedIn(browser, app), false);
      const [{ headers, fields }] = revoked;
      assert.equal(headers.get('authorization'), `Basic ${Buffer.from('practice:practice-secret').toString('base64')}`);
      assert.ok(fields.token && fields.token_type_hint);
    });

    test('a revocation that fails is told, and hinders nobody', async () => {
      const app = await open({ express });
      const told = [];
      app.oidc.on('error', (error) => told.push(error.message));
      const browser = await signedInAt(app);
      const answer = await post(browser, `${app.origin}/logout`);
      assert.ok([302, 303].includes(answer.status), String(answer));
      assert.match(told.join(), /no revocation_endpoint/);
    });
  });
}

describe('revocation', () => {
  for (const [what, endpoint, status, more, words, count] of [
    ['an answer that is none', 'http://127.0.0.1:8123/revoke', 500, {}, /answered 500/, 1],
    ['an endpoint by http', 'http://op.example/revoke', 200, {}, /not https/, 0],
    ['an endpoint that is no URL', 'revoke', 200, {}, /not https/, 0],
  ]) {
    test(`${what} is told, and the person is signed out`, async () => {
      const revoked = [];
      const app = await open({ more: { customFetch: withRevocation(endpoint, revoked, status), ...more } });
      const told = [];
      app.oidc.on('error', (error) => told.push(error));
      const browser = await signedInAt(app);
      assert.ok([302, 303].includes((await post(browser, `${app.origin}/logout`)).status));
      assert.equal(await isSignedIn(browser, app), false);
      assert.equal(revoked.length > 0, count > 0);
      assert.ok(told.every((error) => error instanceof ExpressOIDC.OIDCMiddlewareError && error.name === 'OIDCMiddlewareError' && error.type === 'revokeError' && words.test(error.message)), told.join());
      assert.ok(told.length > 0);
    });
  }

  test('client_secret_post', async () => {
    const revoked = [];
    const app = await open({ more: { customFetch: withRevocation('http://127.0.0.1:8123/revoke', revoked), clientAuthMethod: 'client_secret_post' } });
    await post(await signedInAt(app), `${app.origin}/logout`);
    assert.equal(revoked[0].fields.client_secret, 'practice-secret');
    assert.equal(revoked[0].headers.get('authorization'), null);
  });
});

describe('signing in', () => {
  test('login_hint and returnTo', async () => {
    const app = await open({ set: (a, oidc) => a.get('/hinted', oidc.ensureAuthenticated({ loginHint: 'ada@x.example' }), (req, res) => res.json({})) });
    const browser = new Browser();
    const toLogin = await browser.request(`${app.origin}/hinted?a=1`);
    assert.equal(toLogin.location.pathname, '/login');
    assert.equal(toLogin.location.searchParams.get('returnTo'), '/hinted?a=1');
    const toProvider = await browser.request(toLogin.location);
    assert.equal(toProvider.location.searchParams.get('login_hint'), 'ada@x.example');
  });

  test('redirectTo', async () => {
    const app = await open({ set: (a, oidc) => a.get('/other', oidc.ensureAuthenticated({ redirectTo: '/welcome?x=1', loginHint: 'a' }), (req, res) => res.json({})) });
    assert.equal((await new Browser().request(`${app.origin}/other`)).headers.location, '/welcome?x=1&login_hint=a');
  });

  for (const path of ['//evil.example/x', '/\\evil.example', 'https://evil.example/', '/ok/../..//evil.example']) {
    test(`returnTo ${path} leads nowhere else`, async () => {
      const app = await open();
      const shown = await signIn(new Browser(), `${app.origin}/login?returnTo=${encodeURIComponent(path)}`);
      assert.equal(shown.url.origin, app.origin);
    });
  }

  test('a page that begins with two slashes leads nowhere else', async () => {
    const app = await open({ set: (a, oidc) => a.use(oidc.ensureAuthenticated()) });
    const shown = await signIn(new Browser(), `${app.origin}//evil.example/x`);
    assert.equal(shown.url.origin, app.origin);
  });

  test('two tabs: each comes back to its own page', async () => {
    const app = await open({ set: (a, oidc) => a.get('/page/:n', oidc.ensureAuthenticated(), (req, res) => res.json({ n: req.params.n })) });
    const browser = new Browser();
    const begin = async (n) => (await browser.request((await browser.request(`${app.origin}/page/${n}`)).location)).location;
    const [one, two] = [await begin(1), await begin(2)];
    for (const [n, url] of [[2, two], [1, one]]) {
      const shown = await browser.open(asPerson('ada')(url));
      assert.equal(shown.json.n, String(n), String(shown));
    }
  });

  test('the back button is nothing to complain about for who is signed in', async () => {
    const app = await open();
    const browser = await signedInAt(app);
    const callback = browser.first.history.find(({ url }) => url.pathname === '/authorization-code/callback').url;
    const again = await browser.open(callback);
    assert.equal(again.status, 200);
    assert.equal(again.url.pathname, '/');
    assert.equal((await new Browser().request(callback)).status, 400, 'for anybody else it is');
  });

  test('somebody else’s answer signs nobody in', async () => {
    const app = await open();
    const thief = new Browser();
    const { location } = await thief.request(`${app.origin}/login`);
    const stolen = (await thief.request(asPerson('alan')(location))).location;
    const victim = new Browser();
    await victim.request(`${app.origin}/login`);
    const answer = await victim.request(stolen);
    assert.equal(answer.status, 400);
    assert.equal(answer.json.id, 'attempt_unknown');
    assert.equal(await isSignedIn(victim, app), false);
  });

  test('signing in again ends the login before', async () => {
    const app = await open();
    const browser = await signedInAt(app);
    const copy = new Browser();
    copy.jar.set(new URL(app.origin), `connect.sid=${browser.jar.find(/^connect\.sid$/)[0].value}; Path=/`);
    await signIn(browser, `${app.origin}/login`, 'alan');
    assert.match((await browser.request(`${app.origin}/`)).json.user.name, /Alan/);
    assert.equal(await isSignedIn(copy, app), false);
    assert.equal([...app.store.rows.keys()].filter((id) => id.startsWith('oidc-login-')).length, 1);
  });

  test('without sessions it says what is missing', async () => {
    const port = await freePort();
    const app = express5();
    const oidc = provider(`http://127.0.0.1:${port}`);
    app.use(oidc.router);
    app.use((error, req, res, next) => res.status(500).json({ message: error.message })); // eslint-disable-line no-unused-vars
    const server = app.listen(port, '127.0.0.1');
    opened.push(() => { oidc.close(); server.closeAllConnections(); server.close(); });
    assert.match((await signIn(new Browser(), `http://127.0.0.1:${port}/login`)).json.message, /express-session/);
  });
});

describe('forms of others', () => {
  const CROSS = [
    ['Sec-Fetch-Site cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site same-site', { 'sec-fetch-site': 'same-site' }],
    ['another Origin', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
    ['Origin null', { 'sec-fetch-site': undefined, origin: 'null' }],
    ['nothing at all', { 'sec-fetch-site': undefined, origin: undefined }],
  ];
  for (const [what, headers] of CROSS) {
    test(`sign nobody out: ${what}`, async () => {
      const app = await open();
      const browser = await signedInAt(app);
      const answer = await post(browser, `${app.origin}/logout`, {}, headers);
      assert.deepEqual([answer.status, answer.json.id], [403, 'form_of_others']);
      assert.equal(await isSignedIn(browser, app), true);
    });

    test(`sign nobody in: ${what}`, async () => {
      const app = await open();
      assert.equal((await post(new Browser(), `${app.origin}/login`, { sessionToken: 'of the attacker' }, headers)).status, 403);
    });
  }

  test('a page of our own signs in with what the login page got', async () => {
    const app = await open();
    const answer = await post(new Browser(), `${app.origin}/login`, { sessionToken: 'abc' });
    assert.equal(answer.status, 302);
    assert.equal(answer.location.searchParams.get('sessionToken'), 'abc');
    assert.ok(answer.location.searchParams.get('nonce'));
  });

  test('the token of a login page is taken; another is not, wherever it comes from', async () => {
    const app = await open({ more: { routes: { login: { viewHandler: (req, res) => res.json({ csrf: req.csrfToken() }) } } } });
    const browser = new Browser();
    const { csrf } = (await browser.request(`${app.origin}/login`)).json;
    const bare = { 'sec-fetch-site': undefined, origin: undefined };
    assert.equal((await post(browser, `${app.origin}/login`, { _csrf: csrf }, bare)).status, 302);
    assert.equal((await post(browser, `${app.origin}/login`, {}, { ...bare, 'x-csrf-token': csrf })).status, 302);
    assert.equal((await post(browser, `${app.origin}/login`, { _csrf: `${csrf}x` })).status, 403);
    assert.equal((await post(new Browser(), `${app.origin}/login`, { _csrf: csrf })).status, 403);
  });

  test('a body that is parsed already will do; too large a one will not', async () => {
    const app = await open({ before: (a) => a.use(express5.urlencoded({ extended: true })) });
    const answer = await post(new Browser(), `${app.origin}/login`, { 'sessionToken[x]': 'y', login_hint: 'ada' });
    assert.equal(answer.status, 302);
    assert.equal(answer.location.searchParams.get('login_hint'), 'ada');
    assert.ok(!answer.location.searchParams.has('sessionToken'));
    const plain = await open();
    assert.ok((await post(new Browser(), `${plain.origin}/login`, { sessionToken: 'x'.repeat(200_000) })).status < 500);
  });
});

describe('sign-out and requests in flight, with a store that takes 200 ms', () => {
  const local = (a, oidc) => {
    a.get('/leave', async (req, res, next) => { try { await req.logout(); res.redirect('/'); } catch (error) { next(error); } });
    a.get('/leave-by-callback', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect('/'))));
    a.get('/leave-without-waiting', (req, res) => { req.logout(); res.redirect('/'); });
    a.get('/force', oidc.forceLogoutAndRevoke());
  };

  for (const path of ['/leave', '/leave-by-callback', '/leave-without-waiting', '/force']) {
    test(`${path}: a request that was in flight does not bring the login back`, async () => {
      const app = await open({ store: new SlowStore(200, 5), set: local });
      const browser = await signedInAt(app);
      const { value } = browser.jar.find(/^connect\.sid$/)[0];
      const old = new Browser();
      old.jar.set(new URL(app.origin), `connect.sid=${value}; Path=/`);
      const slow = old.request(`${app.origin}/slow?ms=1500`);
      await pause(450);
      const answer = await browser.request(`${app.origin}${path}`);
      assert.ok([302, 303].includes(answer.status), String(answer));
      assert.equal(await isSignedIn(browser, app), false, 'right behind it');
      assert.equal((await slow).status, 200, 'it had begun before');
      assert.ok(app.store.rows.has(decodeURIComponent(value).slice(2).split('.')[0]), 'express-session has brought its session back');
      old.jar.set(new URL(app.origin), `connect.sid=${value}; Path=/`);
      assert.equal(await isSignedIn(old, app), false, 'and later on');
      assert.deepEqual([...app.store.rows.keys()].filter((id) => id.startsWith('oidc-login-')), []);
    });
  }

  test('the redirect waits for the store', async () => {
    const app = await open({ store: new SlowStore(200), set: local });
    const browser = await signedInAt(app);
    const rows = app.store.rows;
    await browser.request(`${app.origin}/leave`);
    assert.deepEqual([...rows.keys()].filter((id) => id.startsWith('oidc-login-')), []);
  });

  test('another process knows at once', async () => {
    const store = new SlowStore(50);
    const [one, two] = [await open({ store, set: local }), await open({ store })];
    const browser = await signedInAt(one);
    const sid = () => browser.jar.find(/^connect\.sid$/)[0].value;
    const other = new Browser();
    other.jar.set(new URL(two.origin), `connect.sid=${sid()}; Path=/`);
    assert.equal(await isSignedIn(other, two), true);
    await browser.request(`${one.origin}/leave`);
    assert.equal(await isSignedIn(other, two), false);
  });

  test('a store that is down: still signed in, and told so', async () => {
    const app = await open({ store: new SlowStore(), set: local });
    const browser = await signedInAt(app);
    const { destroy } = app.store;
    app.store.destroy = (id, callback) => setTimeout(callback, 1, new Error('down'));
    const answer = await browser.request(`${app.origin}/leave`);
    assert.deepEqual([answer.status, answer.json.id], [503, 'store_down']);
    app.store.destroy = destroy;
    assert.equal(await isSignedIn(browser, app), true);
  });

  test('a store that is down, and nobody waits for the sign-out: told, and the process lives', async () => {
    const app = await open({ set: local });
    const told = [];
    app.oidc.on('error', (error) => told.push(error.id));
    const browser = await signedInAt(app);
    app.store.destroy = (id, callback) => setTimeout(callback, 1, new Error('down'));
    assert.equal((await browser.request(`${app.origin}/leave-without-waiting`)).status, 302);
    await pause(50);
    assert.deepEqual(told, ['store_down']);
  });

  test('a session that cannot be written at sign-in, and is when the request ends, knows nobody', async () => {
    const app = await open();
    const browser = new Browser();
    const { location } = await browser.request(`${app.origin}/login`);
    const back = (await browser.request(asPerson('ada')(location))).location;
    const { set } = app.store;
    let failures = 1;
    app.store.set = (id, row, callback) => {
      if (id.startsWith('oidc-login-') || failures-- <= 0) set.call(app.store, id, row, callback);
      else setTimeout(callback, 1, new Error('down'));
    };
    assert.equal((await browser.request(back)).status, 503);
    assert.equal(await isSignedIn(browser, app), false);
    assert.deepEqual([...app.store.rows.keys()].filter((id) => id.startsWith('oidc-login-')), []);
  });

  test('a store that is down at sign-in: nobody is signed in', async () => {
    const app = await open({ store: new SlowStore() });
    const browser = new Browser();
    const { location } = await browser.request(`${app.origin}/login`);
    const back = (await browser.request(asPerson('ada')(location))).location;
    app.store.set = (id, row, callback) => setTimeout(callback, 1, new Error('down'));
    assert.equal((await browser.request(back)).status, 503);
    assert.equal(await isSignedIn(browser, app), false);
  });

  test('a login ends with its lifetime', async (t) => {
    const app = await open({ more: { sessionLifetime: 60 } });
    const browser = await signedInAt(app);
    const now = Date.now();
    t.mock.method(Date, 'now', () => now + 61_000);
    assert.equal(await isSignedIn(browser, app), false);
  });
});

describe('trouble', () => {
  test('a browser that leaves while the provider is asked harms nobody', async () => {
    const label = 'ok~leaves';
    const app = await open({ more: { issuer: practice.issuer(label) } });
    const browser = new Browser();
    const { location } = await browser.request(`${app.origin}/login`);
    const back = (await browser.request(asPerson('ada')(location))).location;
    await practice.delay(label, 'token', 400);
    const leaving = httpGet(back, { headers: { cookie: browser.jar.header(back, { sameSite: true, topLevel: true, method: 'GET' }) } }).on('error', quiet);
    await pause(150);
    leaving.destroy();
    await pause(500);
    await practice.delay(label, 'token', 0);
    assert.equal((await signIn(new Browser(), `${app.origin}/protected`)).status, 200);
    assert.deepEqual([...app.store.rows.keys()].filter((id) => id.startsWith('oidc-login-')).length, 1, 'the other’s alone');
  });

  test('Redis keeps logins as long as they last', async () => {
    const port = await freePort();
    const redis = stage.add(new Program('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', stage.folder, '--save', ''], { name: 'redis' }));
    await redis.said(/Ready to accept connections/);
    const client = await createClient({ url: `redis://127.0.0.1:${port}` }).on('error', quiet).connect();
    const app = await open({ store: new RedisStore({ client }), more: { sessionLifetime: 600 }, set: (a) => a.get('/leave', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect('/')))) });
    const browser = await signedInAt(app);
    assert.equal(browser.first.status, 200, String(browser.first));
    const [key] = await client.keys('sess:oidc-login-*');
    const left = await client.ttl(key);
    assert.ok(left > 590 && left <= 600, `${left} s`);
    await browser.request(`${app.origin}/leave`);
    assert.equal(await isSignedIn(browser, app), false);
    assert.deepEqual(await client.keys('sess:oidc-login-*'), []);
    await client.close();
  });
});

describe('several providers in one process', () => {
  async function openTwo(more) {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const app = express5();
    app.use(session({ secret: 'only for a test', resave: false, saveUninitialized: false, store: new SlowStore() }));
    const [one, two] = ['one', 'two'].map((name) => provider(origin, {
      issuer: practice.issuer(`ok~${name}`),
      routes: { login: { path: `/${name}/login` }, loginCallback: { path: `/${name}/callback` }, logout: { path: `/${name}/logout` } }, ...more,
    }));
    app.use(one.router, two.router);
    app.get('/one', one.ensureAuthenticated(), (req, res) => res.json({ sub: req.userContext.userinfo.sub }));
    app.get('/two', two.ensureAuthenticated(), (req, res) => res.json({ in: true }));
    app.use((error, req, res, next) => res.status(error.status).json({ id: error.id })); // eslint-disable-line no-unused-vars
    const server = app.listen(port, '127.0.0.1');
    opened.push(() => { one.close(); two.close(); server.closeAllConnections(); server.close(); });
    return { origin };
  }

  test('who is signed in at one is not at the other', async () => {
    const { origin } = await openTwo();
    const browser = new Browser();
    assert.equal((await signIn(browser, `${origin}/one`)).json.sub, 'person-ada');
    assert.equal((await browser.request(`${origin}/two`)).location.pathname, '/two/login');
    assert.equal((await signIn(browser, `${origin}/two`, 'alan')).json.in, true);
    assert.equal((await browser.request(`${origin}/one`)).status, 200, 'the other login stays');
    assert.ok([302, 303].includes((await post(browser, `${origin}/two/logout`)).status));
    assert.equal((await browser.request(`${origin}/one`)).status, 200);
    assert.equal((await browser.request(`${origin}/two`)).status, 302);
  });

  test('not even where both keep their logins under one key', async () => {
    const { origin } = await openTwo({ sessionKey: 'shared' });
    const browser = new Browser();
    assert.equal((await signIn(browser, `${origin}/one`)).json.sub, 'person-ada');
    assert.equal((await browser.request(`${origin}/two`)).status, 302);
  });

  test('an answer of one is worth nothing at the other', async () => {
    const { origin } = await openTwo();
    const browser = new Browser();
    const { location } = await browser.request(`${origin}/one/login`);
    const back = (await browser.request(asPerson('ada')(location))).location;
    back.pathname = '/two/callback';
    assert.ok((await browser.request(back)).status >= 400);
    assert.equal((await browser.request(`${origin}/two`)).status, 302);
  });
});

test('nothing was thrown past everybody', () => assert.deepEqual(uncaught, []));
