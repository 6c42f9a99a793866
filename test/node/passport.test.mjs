// SPDX-License-Identifier: Apache-2.0
// The strategy within Passport on Express 4 and 5, LoopBack 3, and LoopBack 4 by its Passport adapter.
import '../support/peers.mjs';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, describe, test } from 'node:test';
import { authenticate, AuthenticationBindings, AuthenticationComponent, asAuthStrategy } from '@loopback/authentication';
import { StrategyAdapter } from '@loopback/authentication-passport';
import { Binding, inject } from '@loopback/core';
import { get, RestApplication, RestBindings } from '@loopback/rest';
import { SecurityBindings, securityId } from '@loopback/security';
import express4 from 'express4';
import express5 from 'express5';
import session from 'express-session';
import loopback3 from 'loopback3';
import passport from 'passport';
import { Strategy } from '../../servers/node/lib/passport/index.js';
import { Browser } from '../support/browser.mjs';
import { freePort } from '../support/place.mjs';
import { asPerson, Practice, signIn } from '../support/practice.mjs';
import { SlowStore } from '../support/slow_store.mjs';
import { openStage } from '../support/stage.mjs';

const stage = openStage('passport');
const practice = stage.add(await Practice.start());
const opened = [];
after(async () => { for (const close of opened) await close(); });
const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

function makeStrategy(origin, more = {}, verify = (issuer, profile, done) => done(null, profile)) {
  const strategy = new Strategy({
    issuer: practice.issuer('ok'), clientID: 'practice', clientSecret: 'practice-secret', callbackURL: `${origin}/cb`, scope: 'profile email', log: () => {}, ...more,
  }, verify);
  opened.push(() => strategy.close());
  return strategy;
}

/** A host that shows a strategy the request alone. */
function withoutResponse(handler) {
  return (req, res, next) => {
    req.res = undefined;
    handler(req, res, (error) => {
      req.res = res;
      next(error);
    });
  };
}

/** As the articles show it. */
async function open(make, { more, dress = (handler) => handler, store = new SlowStore() } = {}) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const own = new passport.Passport();
  own.use('oidc', makeStrategy(origin, more));
  own.use('other', makeStrategy(origin, { issuer: practice.issuer('ok~other'), callbackURL: `${origin}/cb/other`, ...more }));
  own.serializeUser((user, done) => done(null, { id: user.id, groups: user.groups }));
  own.deserializeUser((user, done) => done(null, user));
  const app = make();
  app.use(session({ secret: 'only for a test', resave: false, saveUninitialized: false, store }), own.initialize(), own.session());
  app.get('/login', dress((req, res, next) => own.authenticate('oidc', { state: req.query.to })(req, res, next)));
  app.get('/login/other', dress(own.authenticate('other')));
  app.get('/cb/other', dress(own.authenticate('other', { failureRedirect: '/sorry' })), (req, res) => res.redirect('/me'));
  app.get('/cb', dress(own.authenticate('oidc', { failureRedirect: '/sorry' })), (req, res) => res.redirect(req.authInfo.state ?? '/me'));
  app.get('/me', (req, res) => res.status(req.user ? 200 : 401).json(req.user ?? {}));
  app.get('/sorry', (req, res) => res.json({ sorry: true }));
  app.get('/plant', (req, res) => { req.session.planted = true; res.json({}); });
  app.use((error, req, res, next) => res.status(error.status ?? 500).json({ id: error.id, name: error.name })); // eslint-disable-line no-unused-vars
  const server = createServer(app).listen(port, '127.0.0.1');
  opened.push(() => { server.closeAllConnections(); server.close(); });
  return { origin };
}

const HOSTS = [
  ['Express 4', express4, {}],
  ['Express 5', express5, {}],
  ['LoopBack 3', loopback3, {}],
  ['a host without req.res', express5, { dress: withoutResponse }],
];

for (const [name, make, how] of HOSTS) {
  describe(name, () => {
    test('signs in, with groups, and finds the way back in the state', async () => {
      const { origin } = await open(make, how);
      const browser = new Browser();
      const shown = await signIn(browser, `${origin}/login?to=/me?x=1`);
      assert.equal(shown.status, 200, String(shown));
      assert.equal(shown.url.search, '?x=1');
      assert.equal(shown.json.id, 'person-ada');
      assert.ok(shown.json.groups.length > 0);
    });

    test('is not fixed to a session that somebody else knows', async () => {
      const { origin } = await open(make, how);
      const browser = new Browser();
      await browser.request(`${origin}/plant`);
      const [planted] = browser.jar.find(/^connect\.sid$/);
      await signIn(browser, `${origin}/login`);
      assert.notEqual(browser.jar.find(/^connect\.sid$/)[0].value, planted.value);
      const thief = new Browser();
      thief.jar.set(new URL(origin), `connect.sid=${planted.value}; Path=/`);
      assert.equal((await thief.request(`${origin}/me`)).status, 401);
    });

    test('two tabs', async () => {
      const { origin } = await open(make, how);
      const browser = new Browser();
      const tabs = [];
      for (const n of [1, 2]) tabs.push((await browser.request(`${origin}/login?to=/me?n=${n}`)).location);
      assert.equal((await browser.open(asPerson('ada')(tabs[1]))).url.search, '?n=2');
      if (how.dress) return; // Passport begins a new session at sign-in, and with it go the attempts that were kept there
      assert.equal((await browser.open(asPerson('ada')(tabs[0]))).url.search, '?n=1');
    });

    test('the back button, and somebody else’s answer, sign nobody in', async () => {
      const { origin } = await open(make, how);
      const browser = new Browser();
      const shown = await signIn(browser, `${origin}/login`);
      const callback = shown.history.find(({ url }) => url.pathname === '/cb').url;
      assert.equal((await browser.open(callback)).json.sorry, true);
      assert.equal((await browser.request(`${origin}/me`)).status, 200, 'still who it was');
      const victim = new Browser();
      await victim.request(`${origin}/login`);
      assert.equal((await victim.open(callback)).json.sorry, true);
      assert.equal((await victim.request(`${origin}/me`)).status, 401);
    });

    test('two providers, and no answer of one at the other', async () => {
      const { origin } = await open(make, how);
      const browser = new Browser();
      const one = (await browser.request(`${origin}/login`)).location;
      const two = (await browser.request(`${origin}/login/other`)).location;
      const crossed = (await browser.request(asPerson('ada')(one))).location;
      crossed.pathname = '/cb/other';
      assert.equal((await browser.open(crossed)).json.sorry, true);
      assert.equal((await browser.request(`${origin}/me`)).status, 401);
      assert.equal((await browser.open(asPerson('alan')(two))).json.id, 'person-alan');
    });
  });
}

describe('a provider that is down', () => {
  test('is 503 for the application’s error handler, and the process lives', async () => {
    const { origin } = await open(express5, { more: { issuer: 'http://127.0.0.1:1/nobody' } });
    const answer = await new Browser().request(`${origin}/login`);
    assert.equal(answer.status, 503);
    assert.deepEqual(answer.json, { id: 'provider_down', name: 'InternalOAuthError' });
  });
});

describe('LoopBack 4, by its adapter', () => {
  class Pages {
    constructor(user, location, response) {
      Object.assign(this, { user, location, response });
    }

    login() {
      this.response.redirect(302, this.location);
      return this.response;
    }

    callback() { return { id: this.user[securityId], groups: this.user.groups }; }
  }
  inject(SecurityBindings.USER, { optional: true })(Pages, undefined, 0);
  inject(AuthenticationBindings.AUTHENTICATION_REDIRECT_URL, { optional: true })(Pages, undefined, 1);
  inject(RestBindings.Http.RESPONSE)(Pages, undefined, 2);
  for (const [name, path] of [['login', '/login'], ['callback', '/cb']]) {
    const property = Object.getOwnPropertyDescriptor(Pages.prototype, name);
    get(path)(Pages.prototype, name, property);
    authenticate('passport-oidc')(Pages.prototype, name, property);
  }

  async function openLoopback() {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const app = new RestApplication({ shutdown: { signals: [] }, rest: { port, host: '127.0.0.1', gracePeriodForClose: 0, openApiSpec: { disabled: true } } });
    app.bind(RestBindings.SequenceActions.LOG_ERROR).to(() => {});
    app.component(AuthenticationComponent);
    const adapter = new StrategyAdapter(makeStrategy(origin), 'passport-oidc', (user) => ({ ...user, [securityId]: user.id }));
    app.add(Binding.bind('authentication.strategies.passport').to(adapter).apply(asAuthStrategy));
    app.controller(Pages);
    await app.start();
    opened.push(() => app.stop());
    return { origin };
  }

  test('signs in', async () => {
    const { origin } = await openLoopback();
    const shown = await signIn(new Browser(), `${origin}/login`);
    assert.equal(shown.status, 200, String(shown));
    assert.equal(shown.json.id, 'person-ada');
    assert.ok(shown.json.groups.length > 0);
  });

  test('refuses an answer that was not asked for', async () => {
    const { origin } = await openLoopback();
    assert.equal((await new Browser().request(`${origin}/cb?code=x&state=y`)).status, 401);
  });
});

test('nothing was thrown past everybody', () => assert.deepEqual(uncaught, []));
