// SPDX-License-Identifier: Apache-2.0
// The component in a LoopBack 4 application, through LoopBack's own authentication.
import '../support/peers.mjs';
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { authenticate, AuthenticationBindings, AuthenticationComponent } from '@loopback/authentication';
import { inject } from '@loopback/core';
import { get, post, RestApplication, RestBindings } from '@loopback/rest';
import { SecurityBindings, securityId } from '@loopback/security';
import { Browser } from '../support/browser.mjs';
import { freePort } from '../support/place.mjs';
import { Practice, asPerson, signIn } from '../support/practice.mjs';
import { openStage } from '../support/stage.mjs';

const { OidcBindings, OidcComponent, visitorOf } = await import('../../servers/node/lib/loopback/index.js');

const stage = openStage('loopback');
const practice = stage.add(await Practice.start());
const opened = [];
after(async () => { for (const close of opened) await close(); });
const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

/** A class as TypeScript's decorators would make it: operations is {name: [decorators]}. */
function makeController(operations, body) {
  const made = { Controller: body }; // the name says of LoopBack's own errors where they come from
  for (const [name, decorators] of Object.entries(operations)) {
    for (const decorate of decorators) decorate(body.prototype, name, Object.getOwnPropertyDescriptor(body.prototype, name));
  }
  return made.Controller;
}

class Pages {
  constructor(user, request) {
    this.user = user;
    this.request = request;
    Pages.called += 1;
  }

  me() {
    const visitor = visitorOf(this.request);
    return { id: this.user[securityId], name: this.user.name, groups: this.user.claims.groups, hasToken: typeof visitor.accessToken === 'string' };
  }

  staff() { return { ok: true }; }

  api() { return { id: this.user[securityId] }; }

  save() { return { saved: true }; }

  open() { return { open: true, header: this.request.headers['x-user'] ?? null }; }

  headers() { return { user: this.request.headers['x-user'] ?? null }; }
}
Pages.called = 0;
inject(SecurityBindings.USER, { optional: true })(Pages, undefined, 0);
inject(RestBindings.Http.REQUEST)(Pages, undefined, 1);
const Controller = makeController({
  me: [get('/me'), authenticate('oidc')],
  staff: [get('/staff'), authenticate({ strategy: 'oidc', options: { require: 'groups has "nobody-has-this"' } })],
  api: [get('/api'), authenticate({ strategy: 'oidc', options: { unauthenticated: '401', bearer: true, audience: 'api://practice' } })],
  save: [post('/save'), authenticate('oidc')],
  open: [get('/open')],
  headers: [get('/headers'), authenticate({ strategy: 'oidc', options: { header: { 'X-User': 'sub' } } })],
}, Pages);

const SINGLE = () => ({
  issuer: practice.issuer('ok'), clientId: 'practice', clientSecret: 'practice-secret', redirectUri: '/oidc/callback', logoutUri: '/logout', scope: 'openid profile email',
});

async function open(more = {}) {
  const port = await freePort();
  const app = new RestApplication({ shutdown: { signals: [] }, rest: { port, host: '127.0.0.1', gracePeriodForClose: 0, openApiSpec: { disabled: true } } });
  app.bind(RestBindings.SequenceActions.LOG_ERROR).to(() => {});
  app.component(AuthenticationComponent);
  app.configure(OidcBindings.COMPONENT).to({ cookieSecret: 'a secret of this test, long enough', log: () => {}, ...(more.providers ? {} : SINGLE()), ...more });
  app.component(OidcComponent);
  app.controller(Controller);
  await app.start();
  opened.push(async () => { (await app.get(OidcBindings.GATE)).close(); await app.stop(); });
  return { app, origin: `http://127.0.0.1:${port}` };
}

describe('a session', () => {
  test('a page asks to sign in, and comes back with who it is', async () => {
    const { origin } = await open();
    const browser = new Browser();
    const shown = await signIn(browser, `${origin}/me`);
    assert.equal(shown.status, 200, String(shown));
    assert.equal(shown.json.id, 'person-ada');
    assert.match(shown.json.name, /Ada/);
    assert.ok(shown.json.groups.length > 0);
    assert.equal(shown.json.hasToken, true);
    assert.equal((await browser.request(`${origin}/me`)).status, 200);
  });

  test('without one, no controller is called, whatever the way of asking', async () => {
    const { origin } = await open();
    await new Browser().request(`${origin}/open`);
    const before = Pages.called;
    assert.equal((await new Browser().request(`${origin}/me`)).status, 302);
    assert.equal((await new Browser().request(`${origin}/me`, { mode: 'cors' })).status, 401);
    assert.equal((await new Browser().request(`${origin}/save`, { method: 'POST', body: '' })).status, 401);
    assert.equal((await new Browser().request(`${origin}/api`)).status, 401);
    assert.equal(Pages.called, before);
  });

  test('what is open stays open', async () => {
    const { origin } = await open();
    assert.equal((await new Browser().request(`${origin}/open`)).json.open, true);
    assert.equal((await new Browser().request(`${origin}/nowhere`)).status, 404);
  });

  test('a demand of one operation', async () => {
    const { origin } = await open();
    const browser = new Browser();
    assert.equal((await signIn(browser, `${origin}/staff`)).status, 403);
    assert.equal((await browser.request(`${origin}/me`)).status, 200);
  });

  test('identity headers are the engine’s, everywhere', async () => {
    const { origin } = await open();
    const browser = new Browser();
    const forged = { headers: { 'x-user': 'mallory', 'x_user': 'mallory' } };
    await signIn(browser, `${origin}/headers`);
    assert.equal((await browser.request(`${origin}/headers`, forged)).json.user, 'person-ada');
    assert.equal((await browser.request(`${origin}/open`, forged)).json.header, null);
  });

  test('several providers', async () => {
    const client = { clientId: 'practice', clientSecret: 'practice-secret', scope: 'openid profile email' };
    const { origin } = await open({
      authenticate: { provider: 'two' },
      providers: {
        one: { issuer: practice.issuer('ok~one'), redirectUri: '/one/callback', ...client }, two: { issuer: practice.issuer('ok~two'), redirectUri: '/two/callback', ...client },
      },
    });
    const browser = new Browser();
    await signIn(browser, `${origin}/login?returnTo=/open`);
    assert.equal((await browser.request(`${origin}/me`)).status, 302, 'signed in at the first is not at the second');
    assert.equal((await signIn(browser, `${origin}/login?provider=two&returnTo=/me`, 'alan')).json.id, 'person-alan');
  });

  test('the login path, and its way back', async () => {
    const { origin } = await open();
    const browser = new Browser();
    const shown = await signIn(browser, `${origin}/login?returnTo=/me`);
    assert.equal(shown.url.pathname, '/me');
    assert.equal((await browser.request(`${origin}/login?returnTo=%2F%2Fevil.example`)).location.origin, origin);
    assert.equal((await browser.request(`${origin}/login?returnTo=%0d%0ax`)).location.href, `${origin}/`);
  });

  test('sign-out', async () => {
    const { origin } = await open();
    const browser = new Browser();
    await signIn(browser, `${origin}/me`);
    const out = await browser.request(`${origin}/logout`, { from: `${origin}/me` });
    assert.equal(out.status, 303, String(out));
    assert.match(out.location.pathname, /end_session$/);
    assert.equal((await browser.request(`${origin}/me`)).status, 302);
  });

  test('two tabs, the back button, somebody else’s answer', async () => {
    const { origin } = await open();
    const browser = new Browser();
    const tabs = [await browser.request(`${origin}/me?n=1`), await browser.request(`${origin}/me?n=2`)];
    for (const [n, tab] of [[2, tabs[1]], [1, tabs[0]]]) {
      const shown = await browser.open(asPerson('ada')(tab.location));
      assert.equal(shown.url.search, `?n=${n}`);
    }
    const shown = await signIn(new Browser(), `${origin}/me`, 'alan');
    const callback = shown.history.find(({ url }) => url.pathname === '/oidc/callback').url;
    assert.equal((await browser.open(callback)).url.pathname, '/', 'the back button of who is signed in');
    const victim = new Browser();
    assert.equal((await victim.request(callback)).status, 400);
    assert.equal((await victim.request(`${origin}/me`)).status, 302);
  });
});

describe('a bearer token', () => {
  const token = async (claims = {}) => (await practice.control('ok', 'mint', { client_id: 'practice', claims: JSON.stringify({ aud: 'api://practice', ...claims }) })).text();

  test('lets in, and nothing else does', async () => {
    const { origin } = await open();
    const good = await token();
    const answer = await new Browser().request(`${origin}/api`, { headers: { authorization: `Bearer ${good}` } });
    assert.equal(answer.status, 200, String(answer));
    const bad = await new Browser().request(`${origin}/api`, { headers: { authorization: `Bearer ${good.slice(0, -4)}AAAA` } });
    assert.equal(bad.status, 401);
    assert.match(bad.headers['www-authenticate'], /^Bearer .*error="invalid_token"/);
    for (const claims of [{ aud: 'api://other' }, { exp: 1 }, { iss: 'https://evil.example' }]) {
      const wrong = await new Browser().request(`${origin}/api`, { headers: { authorization: `Bearer ${await token(claims)}` } });
      assert.equal(wrong.status, 401, JSON.stringify(claims));
    }
    const none = await new Browser().request(`${origin}/api`);
    assert.match(none.headers['www-authenticate'], /^Bearer/);
  });

  test('a session serves as well where the operation takes both', async () => {
    const { origin } = await open({ authenticate: { bearer: true, audience: 'api://practice' } });
    const browser = new Browser();
    assert.equal((await signIn(browser, `${origin}/me`)).status, 200);
    assert.equal((await new Browser().request(`${origin}/me`, { headers: { authorization: `Bearer ${await token()}` } })).status, 200);
  });
});

describe('how it is bound', () => {
  test('the strategy is an extension of LoopBack’s authentication', async () => {
    const { app } = await open();
    const found = app.findByTag({ extensionFor: AuthenticationBindings.AUTHENTICATION_STRATEGY_EXTENSION_POINT_NAME });
    assert.deepEqual(found.map(({ key }) => key), [OidcBindings.STRATEGY.key]);
  });

  test('options that cannot be are said at once', async () => {
    await assert.rejects(open({ issuer: 'http://op.example' }), /issuer/);
    await assert.rejects(open({ authenticate: { bearer: true } }), /audience/);
    await assert.rejects(open({ isuer: 'x' }), /issuer/);
  });

  test('two applications in one process share nothing', async () => {
    const [one, two] = [await open(), await open({ issuer: practice.issuer('ok~other') })];
    const browser = new Browser();
    await signIn(browser, `${one.origin}/me`);
    assert.equal((await browser.request(`${two.origin}/me`)).status, 302);
  });
});

test('nothing was thrown past everybody', () => assert.deepEqual(uncaught, []));
