// SPDX-License-Identifier: Apache-2.0
// The package oidc as its users know it: Restify and Express, sign-in, the token in the query, the session in a cookie.
import assert from 'node:assert/strict';
import oidc from '../../servers/node/lib/oidc/index.js';
import { Browser } from '../support/browser.mjs';
import { signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { keepLog, listen, openServer, require, SECRET, startProvider } from './oidc-stage.mjs';

const stage = openStage('oidc');
const test = testOn(stage);
const practice = await startProvider(stage);

const CALLBACK = '/auth/oidc/callback';

/** What the application configures; the callback's port is known when the server listens. */
const options = (origin, more = {}) => ({
  oidcServer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', callbackURL: `${origin}${CALLBACK}`,
  additionalScopes: ['address'], log: () => {}, ...more,
});

function openAuth(t, origin, more) {
  const auth = new oidc.Auth(options(origin, more));
  t.after(() => auth.close());
  return auth;
}

// ---- Restify, as its readme has it

/** The application of the readme. */
async function restifyExample(t) {
  const oidc = require('../../servers/node/lib/oidc/index.js'); // as the readme does
  const restify = require('restify');
  const server = restify.createServer({ name: 'Your super awesome application server', version: '0.1.0' });
  server.use(restify.plugins.queryParser());
  const port = await listen(t, server.server);
  const origin = `http://127.0.0.1:${port}`;
  const auth = new oidc.Auth(options(origin));
  t.after(() => auth.close());
  const middleware = new oidc.middleware.Restify(auth);
  server.get('/login', middleware.auth({ redirectToOidc: true }));
  server.get(CALLBACK, middleware.auth(), (req, res, next) => {
    res.redirect('/profile?id_token=' + req.user.jwt.raw, next);
  });
  server.get('/profile', middleware.auth(), (req, res, next) => {
    res.send(req.user);
    next();
  });
  return { origin, server };
}

test('Restify: the example of the readme signs in and shows the profile', async (t) => {
  const { origin, server } = await restifyExample(t);
  const open = new Set();
  server.on('pre', (req) => open.add(req));
  server.on('after', (req) => open.delete(req));
  const browser = new Browser();
  const answer = await signIn(browser, `${origin}/login`);
  assert.equal(answer.status, 200, String(answer));
  assert.equal(answer.url.pathname, '/profile');
  const user = answer.json;
  assert.equal(user.valid, true);
  assert.equal(user.jwt.raw, answer.url.searchParams.get('id_token'));
  assert.equal(user.jwt.payload.sub, 'person-ada');
  assert.equal(user.jwt.payload.iss, practice.issuer('ok'));
  assert.equal(user.jwt.header.alg, 'RS256');
  assert.deepEqual(await practice.violations('ok'), []);
  assert.equal(open.size, 0, 'Restify knows that every request has been answered');
});

test('Restify: the scopes are openid, profile, email and those asked for', async (t) => {
  const { origin } = await restifyExample(t);
  const answer = await fetch(`${origin}/login`, { redirect: 'manual' });
  assert.equal(answer.status, 302);
  const { searchParams } = new URL(answer.headers.get('location'));
  assert.equal(searchParams.get('scope'), 'openid profile email address');
  assert.equal(searchParams.get('redirect_uri'), `${origin}${CALLBACK}`);
  for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(searchParams.get(name).length >= 32, name);
});

test('Restify: without a token 401 with a challenge, and with each a 200', async (t) => {
  const { origin } = await restifyExample(t);
  const nobody = await fetch(`${origin}/profile`);
  assert.equal(nobody.status, 401);
  assert.match(nobody.headers.get('www-authenticate'), /^Bearer realm=/);
  const token = await practice.idToken('ok');
  const byQuery = await fetch(`${origin}/profile?id_token=${token}`);
  const byHeader = await fetch(`${origin}/profile`, { headers: { Authorization: `Bearer ${token}` } });
  for (const answer of [byQuery, byHeader]) {
    assert.equal(answer.status, 200);
    assert.equal((await answer.json()).jwt.raw, token);
  }
  assert.deepEqual(['cache-control', 'referrer-policy'].map((name) => byQuery.headers.get(name)), ['private', 'no-referrer']);
  assert.equal(byHeader.headers.get('referrer-policy'), null);
});

// ---- Express

for (const version of ['express4', 'express5']) {
  async function expressExample(t, more = {}) {
    const express = require(version);
    const app = express();
    const { server, origin } = await openServer(t);
    server.on('request', app);
    const auth = openAuth(t, origin, { cookieSecret: SECRET, ...more });
    const middleware = new oidc.middleware.Express(auth);
    const seen = [];
    app.use(require('cookie-parser')());
    app.get('/login', middleware.auth({ redirectToOidc: true }), (req, res) => res.redirect('/profile'));
    app.get(CALLBACK, middleware.auth(), (req, res) => {
      seen.push(req.user);
      res.redirect(req.user.returnTo === '/login' ? '/profile' : req.user.returnTo);
    });
    app.all('/profile', middleware.auth(), (req, res) => res.json(req.user));
    app.get('/page', middleware.auth({ redirectToOidc: true }), (req, res) => res.send(`hello ${req.user.claims.name}`));
    app.get('/throws', middleware.auth(), () => { throw Object.assign(new Error('ours'), { status: 418 }); });
    app.get('/logout', middleware.logout());
    app.use((error, req, res, next) => { // eslint-disable-line no-unused-vars
      res.status(error.status ?? 500).json({ id: error.id, message: error.message });
    });
    return { origin, seen, auth };
  }

  test(`${version}: sign-in keeps a session in a cookie, with the tokens and userinfo`, async (t) => {
    const { origin, seen } = await expressExample(t, { additionalScopes: ['offline_access', 'groups'] });
    const browser = new Browser();
    const answer = await signIn(browser, `${origin}/login`);
    assert.equal(answer.status, 200, String(answer));
    assert.equal(answer.url.href, `${origin}/profile`);
    const [first] = seen;
    assert.ok(first.token.access_token);
    assert.ok(first.token.refresh_token);
    assert.equal(first.token.expires_in, 300);
    const later = answer.json;
    assert.equal(later.valid, true);
    assert.equal(later.jwt.raw, first.jwt.raw);
    assert.equal(later.token.access_token, first.token.access_token);
    assert.ok(later.token.expires_in <= 300 && later.token.expires_in > 290);
    assert.equal(later.userinfo.sub, 'person-ada');
    assert.equal(later.claims.name, 'Ada Lovelace');
    assert.deepEqual(later.claims.groups, ['engineers', 'admins']);
    const [cookie] = browser.jar.find(/^oidcSession/);
    assert.match(cookie.field, /; HttpOnly/);
    assert.match(cookie.field, /; SameSite=Lax/);
    assert.ok(!cookie.value.includes(first.jwt.raw.slice(0, 40)), 'sealed');
  });

  test(`${version}: a page asked for is where sign-in returns to`, async (t) => {
    const { origin } = await expressExample(t);
    const answer = await signIn(new Browser(), `${origin}/page?a=1&b=%C3%A4`);
    assert.equal(answer.status, 200, String(answer));
    assert.equal(answer.url.href, `${origin}/page?a=1&b=%C3%A4`);
    assert.equal(answer.text, 'hello Ada Lovelace');
  });

  test(`${version}: what cannot be repeated after a sign-in is not sent there`, async (t) => {
    const { origin } = await expressExample(t);
    const answer = await fetch(`${origin}/profile`, { method: 'POST', redirect: 'manual' });
    assert.equal(answer.status, 401);
  });

  test(`${version}: signing out ends the session here and at the provider`, async (t) => {
    const { origin } = await expressExample(t);
    const browser = new Browser();
    await signIn(browser, `${origin}/login`);
    const stolen = browser.jar.copy();
    const answer = await browser.request(new URL(`${origin}/logout`), { mode: 'navigate' });
    assert.equal(answer.status, 303, String(answer));
    assert.equal(answer.location.pathname, '/f/ok/end_session');
    assert.ok(answer.location.searchParams.get('id_token_hint'));
    assert.equal((await browser.open(`${origin}/profile`)).status, 401);
    const thief = new Browser();
    thief.jar = stolen;
    assert.equal((await thief.open(`${origin}/profile`)).status, 401, 'the old cookie too');
  });

  test(`${version}: another origin's page does not sign anybody out`, async (t) => {
    const { origin } = await expressExample(t);
    const browser = new Browser();
    await signIn(browser, `${origin}/login`);
    const answer = await browser.request(new URL(`${origin}/logout`), { mode: 'navigate', site: 'cross-site', headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(answer.status, 403, String(answer));
    assert.equal((await browser.open(`${origin}/profile`)).status, 200);
  });

  test(`${version}: who is there is said by the token that was checked, however the address can be read`, async (t) => {
    const { origin } = await expressExample(t);
    const [, payload] = (await practice.idToken()).split('.');
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url')), sub: 'person-eve' };
    const forged = ['eyJhbGciOiJSUzI1NiJ9', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'AAAA'].join('.');
    const good = await practice.idToken();
    const bearer = { Authorization: `Bearer ${good}` };
    for (const [query, headers] of [
      [`??id_token=${forged}&access_token=${good}`, {}], [`??id_token=${forged}&id_token=${good}`, {}], [`?+id_token=${forged}&id_token=${good}`, {}], [`??id_token=${forged}`, bearer], [`?id_token[]=${forged}`, bearer],
    ]) {
      const answer = await fetch(`${origin}/profile${query}`, { headers });
      const text = await answer.text();
      assert.ok(!text.includes('person-eve'), `${query.slice(0, 12)}: ${answer.status}`);
      if (answer.status === 200) assert.equal(JSON.parse(text).claims.sub, 'person-ada');
    }
  });

  test(`${version}: an error of the application is the application's`, async (t) => {
    const { origin } = await expressExample(t);
    const answer = await fetch(`${origin}/throws`, { headers: { Authorization: `Bearer ${await practice.idToken()}` } });
    assert.equal(answer.status, 418);
    assert.equal((await answer.json()).message, 'ours');
  });
}

test('Express in a router that is mounted elsewhere', async (t) => {
  const express = require('express5');
  const { server, origin } = await openServer(t);
  const auth = openAuth(t, origin, { cookieSecret: SECRET });
  const middleware = new oidc.middleware.Express(auth);
  const router = express.Router().get('/oidc/callback', middleware.auth(), (req, res) => res.json({ sub: req.user.claims.sub, to: req.user.returnTo }));
  server.on('request', express().use('/auth', router).get('/a', middleware.auth({ redirectToOidc: true })));
  const answer = await signIn(new Browser(), `${origin}/a`);
  assert.deepEqual(answer.json, { sub: 'person-ada', to: '/a' });
});

test('without cookie-parser there is no session, unless it is asked for', async (t) => {
  const express = require('express5');
  const without = async (more) => {
    const { server, origin } = await openServer(t);
    const middleware = new oidc.middleware.Express(openAuth(t, origin, more));
    server.on('request', express().use(middleware.auth({ redirectToOidc: true }), (req, res) => res.json({ sub: req.user.claims.sub })));
    const browser = new Browser();
    await signIn(browser, `${origin}/`);
    return browser.jar.find(/^oidcSession/).length;
  };
  assert.equal(await without({}), 0);
  assert.equal(await without({ session: true, cookieSecret: SECRET }), 1);
});

// ---- what stands in the constructor

test('what is missing is said by its name', () => {
  const good = options('http://127.0.0.1:1');
  for (const name of ['oidcServer', 'clientId', 'callbackURL']) {
    assert.throws(() => new oidc.Auth({ ...good, [name]: undefined }), new RegExp(name));
    assert.throws(() => new oidc.Auth({ ...good, [name]: '' }), new RegExp(name));
  }
  assert.throws(() => new oidc.Auth({ ...good, callbackURL: '/callback' }), /callbackURL/);
  assert.throws(() => new oidc.Auth(), /options/);
  assert.throws(() => new oidc.Auth({ ...good, clientSecrett: 'x' }), /client_?secret/i);
});

test('over https no other host can set the session cookie', (t) => {
  const name = (more) => openAuth(t, 'https://app.example', more).sessions?.setting;
  assert.equal(name().name, '__Host-oidcSession');
  assert.match(name().writer.tail, /; Secure/);
  assert.equal(name({ sessionOptions: { cookie: { domain: 'example' } } }).name, 'oidcSession');
  assert.equal(name({ session: false, log: () => {} }), undefined);
});

test('done is called once, when the provider has answered', async (t) => {
  const calls = [];
  const auth = new oidc.Auth(options('http://127.0.0.1:1'), (...args) => calls.push(args));
  t.after(() => auth.close());
  await auth.ready;
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual(calls, [[undefined]]);
});

test('the secrets are not in the log', async (t) => {
  const kept = keepLog();
  const { server, origin } = await openServer(t);
  const auth = openAuth(t, origin, { log: kept.log });
  const middleware = new oidc.middleware.Express(auth);
  server.on('request', require('express5')().get('/profile', middleware.auth(), (req, res) => res.end()));
  const token = await practice.idToken('ok', {}, { break: 'flip' });
  assert.equal((await fetch(`${origin}/profile?id_token=${token}`)).status, 401);
  const text = kept.lines.join('\n');
  assert.match(text, /jwt_signature/);
  assert.ok(!text.includes(token.slice(0, 60)) && !text.includes('practice-secret'));
});
