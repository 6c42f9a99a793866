// SPDX-License-Identifier: Apache-2.0
// auth() where applications of express-openid-connect would stumble: clients without a secret, sign-outs before any sign-in, places added
// to what auth() answers, options as environments spell them.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { auth } from '../../servers/node/lib/express/index.js';
import { joinUrl, readOptions } from '../../servers/node/lib/express/options.js';
import { answerOf, application, enter, SECRET } from './express-support.mjs';

const stage = openStage('express-habits');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const good = { secret: SECRET, issuerBaseURL: 'https://op.example', baseURL: 'https://app.example', clientID: 'x', clientSecret: 'unused-here' };
const quiet = { log: () => {} };

describe('a client without a secret', () => {
  test('is a public one: the code is sent with client_id and code_verifier, and no credential', async () => {
    let sent;
    const site = await application(stage, practice, {
      clientSecret: undefined, authorizationParams: { scope: 'openid' },
      customFetch: (url, init) => { if (new URL(url).pathname.endsWith('/token')) sent = init; return fetch(url, init); },
    });
    assert.match(site.log.join('\n'), /warn no "clientSecret": this is a public client/);
    const { back } = await answerOf(site, site.browser);
    await site.browser.request(back);
    const fields = new URLSearchParams(String(sent.body));
    assert.equal(fields.get('client_id'), 'practice');
    assert.match(fields.get('code_verifier'), /^[\w.~-]{43,128}$/);
    assert.equal(fields.has('client_secret'), false);
    assert.equal(new Headers(sent.headers).has('authorization'), false);
  });

  test('a secret may be where the gate looks: a file, the environment; said or not, none is none', () => {
    const lines = [];
    const method = (more) => readOptions({ ...good, clientSecret: undefined, log: (level, line) => lines.push(line), ...more }).clientAuthMethod;
    assert.equal(method({ provider: { clientSecretFile: '/run/secret' } }), 'client_secret_basic');
    assert.equal(method({ provider: { clientSecretEnv: 'ELSEWHERE' } }), 'client_secret_basic');
    assert.equal(method({ clientAuthMethod: 'none' }), 'none');
    assert.deepEqual(lines, []);
    assert.equal(method({}), 'none');
    assert.equal(lines.length, 1);
    assert.throws(() => method({ authorizationParams: { response_type: 'code' } }), /"clientSecret" is required/);
  });
});

describe('before anybody has signed in in this process', () => {
  const spellings = { 'as the provider spells its issuer': '', 'with a slash that it does not spell': '/' };
  for (const [name, slash] of Object.entries(spellings)) {
    test(`a sign-out finds the provider, ${name}`, async () => {
      const first = await application(stage, practice, { issuerBaseURL: practice.origin });
      await enter(first);
      const second = await application(stage, practice, { issuerBaseURL: practice.origin + slash, idpLogout: true });
      const out = await first.browser.request(`${second.origin}/logout`);
      assert.equal(out.location.origin, practice.origin);
      assert.ok(out.location.searchParams.get('id_token_hint'));
      assert.equal(out.location.searchParams.get('post_logout_redirect_uri'), second.origin);
    });

    test(`userinfo is found, ${name}`, async () => {
      const first = await application(stage, practice, { issuerBaseURL: practice.origin });
      await enter(first);
      const second = await application(stage, practice, { issuerBaseURL: practice.origin + slash }, { places(app) {
        app.get('/info', (req, res, next) => req.oidc.fetchUserInfo().then((info) => res.json(info), next));
      } });
      assert.equal((await first.browser.request(`${second.origin}/info`)).json.sub, 'person-ada');
    });
  }

  test('a provider that spells neither is not asked again and again, and the person leaves all the same', async () => {
    let asked = 0;
    const site = await application(stage, practice, {
      idpLogout: true, issuerBaseURL: practice.origin,
      customFetch: async () => { asked++; return Response.json({ issuer: 'https://other.example' }); },
    });
    const out = await site.browser.request(`${site.origin}/logout`);
    assert.equal(new URL(out.headers.location).origin, site.origin);
    assert.ok(asked <= 4, `${asked} requests`);
  });
});

describe('logoutParams', () => {
  const leave = async (more, params) => {
    const site = await application(stage, practice, { idpLogout: true, ...more }, { places(app) {
      app.get('/leave', (req, res) => res.oidc.logout(params));
      app.get('/me', (req, res) => (req.oidc.isAuthenticated() ? res.json({}) : res.oidc.login()));
    } });
    await enter(site);
    return { site, sent: (await site.browser.request(`${site.origin}/leave`)).location.searchParams };
  };

  test('what one sign-out says stands over what holds for all', async () => {
    const { sent } = await leave({ logoutParams: { ui_locales: 'de', post_logout_redirect_uri: 'http://configured.example' } }, { logoutParams: { ui_locales: 'fr', post_logout_redirect_uri: 'http://one.example/bye', id_token_hint: 'mine' } });
    assert.deepEqual(sent.getAll('ui_locales'), ['fr']);
    assert.deepEqual(sent.getAll('post_logout_redirect_uri'), ['http://one.example/bye']);
    assert.deepEqual(sent.getAll('id_token_hint'), ['mine']);
  });

  test('postLogoutRedirect stands over a post_logout_redirect_uri for all; a hint of null is none', async () => {
    const { sent } = await leave({ routes: { postLogoutRedirect: 'http://foo.example' }, logoutParams: { post_logout_redirect_uri: 'http://bar.example' } }, { logoutParams: { id_token_hint: null } });
    assert.deepEqual(sent.getAll('post_logout_redirect_uri'), ['http://foo.example']);
    assert.equal(sent.has('id_token_hint'), false);
  });

  test('client_id is sent once, by whomever it is said', async () => {
    for (const [more, params] of [[{ logoutParams: { client_id: 'practice' } }, {}], [{}, { logoutParams: { client_id: 'practice', ui_locales: 'de' } }]]) {
      const { sent } = await leave(more, params);
      assert.deepEqual(sent.getAll('client_id'), ['practice']);
    }
  });

  test('of another client: an error, and nobody is signed out by it', async () => {
    assert.throws(() => auth({ ...good, logoutParams: { client_id: 'other' } }), /^TypeError: "logoutParams.client_id" must be "clientID"/);
    const site = await application(stage, practice, { idpLogout: true }, { places(app) {
      app.get('/leave', (req, res) => res.oidc.logout({ logoutParams: { client_id: 'other' } }));
      app.get('/me', (req, res) => (req.oidc.isAuthenticated() ? res.json({ in: true }) : res.oidc.login()));
    } });
    await enter(site);
    assert.match((await site.browser.request(`${site.origin}/leave`)).json.message, /"logoutParams.client_id" must be "clientID"/);
    assert.equal((await site.browser.request(`${site.origin}/me`)).json.in, true);
  });
});

describe('places added to what auth() answers', () => {
  const added = async (more, set) => {
    const site = await application(stage, practice, more, { places() {} });
    set(site.middleware);
    return site;
  };

  test('by method and whole path, one handler after the other, with req.oidc', async () => {
    const site = await added({ routes: { login: false } }, (router) => router
      .get('/login', (req, res) => res.oidc.login({ returnTo: '/x', authorizationParams: { response_type: 'code', response_mode: 'query', ui_locales: 'de' } }))
      .get('/two', (req, res, next) => { req.first = 1; next(); }, (req, res) => res.json({ first: req.first, in: req.oidc.isAuthenticated() }))
      .post('/two', (req, res) => res.json('posted'))
      .all('/any', (req, res) => res.json(req.method)));
    const { location } = await site.browser.request(`${site.origin}/login`);
    assert.equal(location.searchParams.get('ui_locales'), 'de');
    assert.deepEqual((await site.browser.request(`${site.origin}/TWO/`)).json, { first: 1, in: false });
    assert.equal((await site.browser.request(`${site.origin}/two`, { method: 'POST' })).json, 'posted');
    assert.equal((await site.browser.request(`${site.origin}/any`, { method: 'PUT' })).json, 'PUT');
    assert.equal((await site.browser.request(`${site.origin}/two/more`)).status, 404);
    assert.equal((await site.browser.request(`${site.origin}/two`, { method: 'PUT' })).status, 404);
  });

  test('behind what auth() demands; what they throw goes to the error handler', async () => {
    const site = await added({ authRequired: true }, (router) => {
      router.get('/inside', (req, res) => res.json('inside'));
      router.get('/throws', () => { throw Object.assign(new Error('thrown'), { status: 418 }); });
      router.get('/refuses', async () => { throw Object.assign(new Error('refused'), { status: 419 }); });
    });
    const asked = await site.browser.request(`${site.origin}/inside`, { mode: 'cors', headers: { accept: 'application/json' } });
    assert.equal(asked.status, 401);
    assert.equal((await enter(site, '/inside')).json, 'inside');
    assert.equal((await site.browser.request(`${site.origin}/throws`)).status, 418);
    assert.equal((await site.browser.request(`${site.origin}/refuses`)).status, 419);
  });

  test('a pattern is refused, for it would not be one', () => {
    const router = auth({ ...good, ...quiet });
    for (const path of ['/users/:id', '/a*', 'login', /x/, '', undefined, '/(a|b)']) assert.throws(() => router.get(path, () => {}), /takes a whole path/);
    assert.throws(() => router.get('/x'), /expects functions/);
    assert.throws(() => router.post('/x', 'y'), /expects functions/);
    router.close();
  });
});

describe('options', () => {
  test('numbers may be text, as environments have them', () => {
    assert.deepEqual([readOptions({ ...good, httpTimeout: '10000', clockTolerance: '5' })].map(({ httpTimeout, clockTolerance }) => [httpTimeout, clockTolerance]), [[10000, 5]]);
    for (const value of ['abcd', '', null, true, NaN, [5000]]) assert.throws(() => readOptions({ ...good, httpTimeout: value }), /^TypeError: "httpTimeout" must be a number$/);
    for (const value of ['-100', 499, 0]) assert.throws(() => readOptions({ ...good, httpTimeout: value }), /"httpTimeout" must be greater than or equal to 500/);
  });

  test('names of a session cookie, with a prefix or without', () => {
    for (const name of ['__Host-mine', '__Secure-mine', '__mine__', 'my.session', 'my-session']) auth({ ...good, ...quiet, session: { name } }).close();
    for (const name of ['my@session', 'my;session', 'my=session', '<my>']) assert.throws(() => auth({ ...good, ...quiet, session: { name } }), /cookie name/);
  });

  test('what is wrong with a scope is said', () => {
    const scope = (value) => () => readOptions({ ...good, authorizationParams: { scope: value } });
    assert.throws(scope(null), /"authorizationParams.scope" must be a string/);
    assert.throws(scope(''), /"authorizationParams.scope" is not allowed to be empty/);
    assert.throws(scope(['openid']), /must be a string/);
  });

  test('a cookie in the clear is warned of', () => {
    const lines = [];
    readOptions({ ...good, session: { cookie: { secure: false } }, log: (level, line) => lines.push(`${level} ${line}`) });
    assert.match(lines.join('\n'), /^warn "session.cookie.secure" is false/);
    assert.equal(joinUrl('https://app.example/', 'x'), 'https://app.example/x');
  });
});
