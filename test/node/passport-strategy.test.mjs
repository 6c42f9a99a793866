// SPDX-License-Identifier: Apache-2.0
// The strategy by itself: what it is given, what it calls, and in which words it fails.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { AuthorizationError, InternalOAuthError, Strategy, TokenError } from '../../servers/node/lib/passport/index.js';
import { Practice } from '../support/practice.mjs';
import { openStage } from '../support/stage.mjs';
import { makeRequest, perform, Visitor } from '../support/strategy.mjs';

const stage = openStage('passport-strategy');
const practice = stage.add(await Practice.start());
const opened = [];
after(() => opened.forEach((strategy) => strategy.close()));

const quiet = () => {};
const options = (more = {}) => ({
  issuer: practice.issuer('ok'), clientID: 'practice', clientSecret: 'practice-secret', callbackURL: 'http://127.0.0.1:8123/cb', scope: 'profile email', log: quiet, ...more,
});
const accept = (issuer, profile, done) => done(null, profile);

function open(more, verify = accept) {
  const strategy = new Strategy(options(more), verify);
  opened.push(strategy);
  return strategy;
}

describe('what it is made of', () => {
  test('its name is openidconnect', () => assert.equal(open().name, 'openidconnect'));

  for (const [what, given, verify, words] of [
    ['verify', {}, undefined, 'OpenIDConnectStrategy requires a verify function'],
    ['issuer', { issuer: undefined }, accept, 'OpenIDConnectStrategy requires an issuer option'],
    ['clientID', { clientID: undefined }, accept, 'OpenIDConnectStrategy requires a clientID option'],
  ]) test(`without ${what}`, () => assert.throws(() => new Strategy(options(given), verify), { name: 'TypeError', message: words }));

  test('without options', () => assert.throws(() => new Strategy(undefined, accept), /requires an issuer option/));

  for (const [name, value] of [['issuer', 'op.example'], ['issuer', 'https://'], ['authorizationURL', '/authorize'], ['store', {}], ['agent', {}], ['callbackURL', 'cb'], ['callbackURL', '//evil.example/cb'], ['callbackURL', 7]]) {
    test(`${name} ${JSON.stringify(value)} is refused`, () => assert.throws(() => new Strategy(options({ [name]: value }), accept), TypeError));
  }

  test('null is nothing said', () => open({ responseMode: null, pkce: null, clientSecretFile: null, prompt: null, configURL: null }));
  test('an option that does not exist is refused', () => assert.throws(() => new Strategy(options({ clockSkeww: 3 }), accept), /clockSkew/));
  test('proxy is refused where the callback is a path', () => assert.throws(() => new Strategy(options({ proxy: true, callbackURL: '/cb' }), accept), /whole URL/));
});

describe('the authorization request', () => {
  test('is kept by no cache, whatever the application says of its pages', async () => {
    const req = makeRequest('http://127.0.0.1:8123/login');
    req.res.setHeader('Cache-Control', 'public, max-age=3600');
    assert.equal((await perform(open(), req)).action, 'redirect');
    assert.deepEqual([req.res.getHeader('cache-control'), req.res.getHeader('set-cookie').length], ['no-store', 1]);
  });

  test('has state, nonce and PKCE, and nothing that was not asked for', async () => {
    const { url } = await new Visitor(open()).begin();
    assert.equal(url.origin + url.pathname, `${practice.issuer('ok')}/authorize`);
    assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'code_challenge', 'code_challenge_method', 'nonce', 'redirect_uri', 'response_type', 'scope', 'state']);
    assert.equal(url.searchParams.get('scope'), 'openid profile email');
    assert.equal(url.searchParams.get('redirect_uri'), 'http://127.0.0.1:8123/cb');
    assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
  });

  test('carries the options of the strategy', async () => {
    const { url } = await new Visitor(open({ prompt: 'login', display: 'popup', uiLocales: 'de', loginHint: 'ada', maxAge: 600, acrValues: 'phr', idTokenHint: 'x.y.z', claims: { userinfo: { email: null } } })).begin();
    const { state, nonce, code_challenge, code_challenge_method, ...rest } = Object.fromEntries(url.searchParams);
    assert.deepEqual(rest, {
      response_type: 'code', client_id: 'practice', redirect_uri: 'http://127.0.0.1:8123/cb', scope: 'openid profile email', prompt: 'login', display: 'popup',
      ui_locales: 'de', login_hint: 'ada', max_age: '600', acr_values: 'phr', id_token_hint: 'x.y.z', claims: '{"userinfo":{"email":null}}',
    });
  });

  test('carries the options of authenticate, and what a subclass adds', async () => {
    class Mine extends Strategy {
      authorizationParams({ tenant }) { return { tenant, empty: undefined }; }
    }
    const strategy = new Mine(options({ prompt: 'login' }), accept);
    opened.push(strategy);
    const { url } = await new Visitor(strategy).begin({ prompt: 'consent', display: 'touch', loginHint: 'alan', scope: ['email', 'openid'], tenant: 'blue', callbackURL: 'http://127.0.0.1:8123/other' });
    const { searchParams: sent } = url;
    assert.equal(sent.get('prompt'), 'consent');
    assert.equal(sent.get('display'), 'touch');
    assert.equal(sent.get('login_hint'), 'alan');
    assert.equal(sent.get('scope'), 'openid email');
    assert.equal(sent.get('tenant'), 'blue');
    assert.ok(!sent.has('empty'));
    assert.equal(sent.get('redirect_uri'), 'http://127.0.0.1:8123/other');
  });

  test('what a subclass says stands where nobody says otherwise, and is checked in the same way', async () => {
    class Mine extends Strategy {
      authorizationParams() {
        return { prompt: 'login', display: 'page', login_hint: 'ada', ui_locales: 'de', acr_values: 'silver', max_age: 300, id_token_hint: 'x.y.z', claims: { userinfo: { email: null } }, scope: 'email', none: null };
      }
    }
    const all = { prompt: 'login', display: 'page', login_hint: 'ada', ui_locales: 'de', acr_values: 'silver', max_age: '300', id_token_hint: 'x.y.z', claims: '{"userinfo":{"email":null}}', scope: 'openid email' };
    const sent = async (more, said) => {
      const strategy = new Mine(options(more), accept);
      opened.push(strategy);
      const { url } = await new Visitor(strategy).begin(said);
      return Object.fromEntries(url.searchParams);
    };
    const { response_type, client_id, redirect_uri, state, nonce, code_challenge, code_challenge_method, ...rest } = await sent({ scope: undefined });
    assert.deepEqual(rest, all);
    const { prompt, ui_locales, login_hint } = await sent({ uiLocales: 'fr' }, { prompt: 'consent' });
    assert.deepEqual([prompt, ui_locales, login_hint], ['consent', 'fr', 'ada']);
    class Strong extends Strategy {
      authorizationParams() { return { acr_values: 'silver' }; }
    }
    const strategy = new Strong(options(), accept);
    opened.push(strategy);
    assert.deepEqual((await new Visitor(strategy).signIn()).args, [{ message: 'Acr of the ID Token is none of acr_values.' }, 403]);
  });

  test('claims for one sign-in; state and pkce may be said, and are there in any case', async () => {
    for (const more of [{}, { state: true, pkce: 'S256', nonce: true }, { state: false, pkce: true, nonce: false }]) {
      const { url } = await new Visitor(open({ claims: { id_token: { acr: null } }, ...more })).begin({ claims: { userinfo: { email: null } } });
      assert.equal(url.searchParams.get('claims'), '{"userinfo":{"email":null}}');
      for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(url.searchParams.get(name), name);
    }
  });

  test('a subclass cannot take over what protects the sign-in', async () => {
    class Mine extends Strategy {
      authorizationParams() { return { nonce: 'mine' }; }
    }
    const strategy = new Mine(options(), accept);
    opened.push(strategy);
    const { action, args: [error] } = await new Visitor(strategy).begin();
    assert.equal(action, 'error');
    assert.equal(error.id, 'parameter_refused');
    assert.equal(error.status, 400);
  });

  test('a callback that is a path is one of this site', async () => {
    const { url } = await new Visitor(open({ callbackURL: '/cb' }), { origin: 'http://localhost:9000' }).begin();
    assert.equal(url.searchParams.get('redirect_uri'), 'http://localhost:9000/cb');
  });

  test('without any callback nobody is sent anywhere', async () => {
    const { action, args: [error] } = await new Visitor(open({ callbackURL: undefined })).begin();
    assert.equal(action, 'error');
    assert.match(error.message, /requires a callbackURL option/);
  });
});

const CLAIMS = ['sub', 'name', 'email', 'groups'];
const FORMS = [
  ['3', {}, (issuer, profile, done) => done(null, { issuer, profile })],
  ['4', {}, (issuer, profile, context, done) => done(null, { issuer, profile, context })],
  ['5', {}, (issuer, profile, context, idToken, done) => done(null, { issuer, profile, context, idToken })],
  ['7', {}, (issuer, profile, context, idToken, accessToken, refreshToken, done) => done(null, { issuer, profile, context, idToken, accessToken, refreshToken })],
  ['8', {}, (issuer, profile, context, idToken, accessToken, refreshToken, params, done) => done(null, { issuer, profile, context, idToken, accessToken, refreshToken, params })],
  ['9', {}, (issuer, profile, idProfile, context, idToken, accessToken, refreshToken, params, done) => done(null, { issuer, profile, idProfile, context, idToken, accessToken, refreshToken, params })],
  ['4 with req', { passReqToCallback: true }, (req, issuer, profile, done) => done(null, { req, issuer, profile })],
  ['5 with req', { passReqToCallback: true }, (req, issuer, profile, context, done) => done(null, { req, issuer, profile, context })],
  ['6 with req', { passReqToCallback: true }, (req, issuer, profile, context, idToken, done) => done(null, { req, issuer, profile, context, idToken })],
  ['8 with req', { passReqToCallback: true }, (req, issuer, profile, context, idToken, accessToken, refreshToken, done) => done(null, { req, issuer, profile, context, idToken, accessToken, refreshToken })],
  ['9 with req', { passReqToCallback: true }, (req, issuer, profile, context, idToken, accessToken, refreshToken, params, done) => done(null, { req, issuer, profile, context, idToken, accessToken, refreshToken, params })],
  ['10 with req', { passReqToCallback: true }, (req, issuer, profile, idProfile, context, idToken, accessToken, refreshToken, params, done) => done(null, { req, issuer, profile, idProfile, context, idToken, accessToken, refreshToken, params })],
  ['any other', {}, (...args) => args.at(-1)(null, { issuer: args[0], profile: args[1], count: args.length })],
  ['hidden by a wrapper', { verifyArity: 5 }, (...args) => args.at(-1)(null, { issuer: args[0], profile: args[1], context: args[2], idToken: args[3] })],
  ['legacy 3', { legacyVerify: true }, (issuer, sub, done) => done(null, { issuer, sub })],
  ['legacy 4', { legacyVerify: true }, (issuer, sub, profile, done) => done(null, { issuer, sub, profile })],
  ['legacy 6', { legacyVerify: true }, (issuer, sub, profile, accessToken, refreshToken, done) => done(null, { issuer, sub, profile, accessToken, refreshToken })],
  ['legacy 7', { legacyVerify: true }, (issuer, sub, profile, accessToken, refreshToken, params, done) => done(null, { issuer, sub, profile, accessToken, refreshToken, params })],
  ['legacy 8', { legacyVerify: true }, (issuer, sub, profile, claims, accessToken, refreshToken, params, done) => done(null, { issuer, sub, profile, claims, accessToken, refreshToken, params })],
  ['legacy 9 with req', { legacyVerify: true, passReqToCallback: true }, (req, issuer, sub, profile, claims, accessToken, refreshToken, params, done) => done(null, { req, issuer, sub, profile, claims, accessToken, refreshToken, params })],
];

function checkProfile(profile) {
  assert.equal(profile.id, 'person-ada');
  assert.equal(profile.displayName, profile._json.name);
  assert.deepEqual(profile.emails, [{ value: profile._json.email }]);
  assert.ok(Array.isArray(profile.groups) && profile.groups.length > 0, 'groups are in the profile');
  for (const name of CLAIMS) assert.ok(name in profile._json, name);
  assert.deepEqual(JSON.parse(profile._raw), profile._json);
}

function checkGiven(given, req) {
  assert.equal(given.issuer ?? practice.issuer('ok'), practice.issuer('ok'));
  if ('profile' in given) checkProfile(given.profile);
  if ('idProfile' in given) assert.equal(given.idProfile._json.iss, practice.issuer('ok'));
  if ('sub' in given) assert.equal(given.sub, 'person-ada');
  if ('req' in given) assert.equal(given.req, req);
  if ('context' in given) assert.deepEqual(Object.keys(given.context).filter((name) => !['timestamp', 'class', 'methods'].includes(name)), []);
  if ('idToken' in given) assert.equal(given.idToken.split('.').length, 3);
  if ('accessToken' in given) assert.equal(typeof given.accessToken, 'string');
  if ('params' in given) assert.equal(given.params.access_token, given.accessToken);
  if ('claims' in given) assert.equal(given.claims.sub, 'person-ada');
}

describe('the verify function', () => {
  for (const [what, more, verify] of FORMS) {
    test(`with ${what} arguments`, async () => {
      const done = await new Visitor(open(more, verify)).signIn();
      assert.equal(done.action, 'success', String(done.args[0]));
      checkGiven(done.args[0], done.req);
    });
  }

  test('context says when and how the person signed in', async () => {
    const { args: [user] } = await new Visitor(open({ maxAge: 3600 }, (issuer, profile, context, done) => done(null, { context }))).signIn();
    assert.ok(user.context.timestamp instanceof Date);
    assert.ok(Math.abs(user.context.timestamp - Date.now()) < 60_000);
  });

  test('may refuse, in its own words', async () => {
    const done = await new Visitor(open({}, (issuer, profile, cb) => cb(null, false, { message: 'not here' }))).signIn();
    assert.deepEqual([done.action, done.args[0]], ['fail', { message: 'not here' }]);
  });

  for (const [what, verify] of [
    ['answers an error', (issuer, profile, cb) => cb(new Error('database'))],
    ['throws', () => { throw new Error('database'); }],
    ['is a promise that fails', async () => { throw new Error('database'); }],
  ]) test(`that ${what} is an error`, async () => {
    const done = await new Visitor(open({ verifyArity: 3 }, verify)).signIn();
    assert.equal(done.action, 'error');
    assert.equal(done.args[0].message, 'database');
  });

  test('counts once', async () => {
    const done = await new Visitor(open({}, (issuer, profile, cb) => { cb(null, { n: 1 }); cb(null, { n: 2 }); cb(new Error('late')); })).signIn();
    assert.deepEqual([done.action, done.args[0]], ['success', { n: 1 }]);
  });

  test('skipUserProfile leaves userinfo out', async () => {
    const before = (await practice.log('ok')).filter(({ endpoint }) => endpoint === 'userinfo').length;
    const all = (issuer, ui, id, context, idToken, accessToken, refreshToken, params, done) => done(null, { ui });
    const { args: [user] } = await new Visitor(open({ skipUserProfile: true }, all)).signIn();
    assert.equal(user.ui, undefined);
    assert.equal((await practice.log('ok')).filter(({ endpoint }) => endpoint === 'userinfo').length, before);
  });

  for (const [what, skip] of [['a function', () => true], ['a function with a callback', (req, claims, cb) => cb(null, claims.sub === 'person-ada')]]) {
    test(`skipUserProfile may be ${what}`, async () => {
      const all = (issuer, ui, id, context, idToken, accessToken, refreshToken, params, done) => done(null, { ui });
      assert.equal((await new Visitor(open({ skipUserProfile: skip }, all)).signIn()).args[0].ui, undefined);
    });
  }
});

describe('state of the application', () => {
  for (const state of ['/deep/link?x=1', { returnTo: '/x', n: [1, 2] }, 0, false]) {
    test(`${JSON.stringify(state)} comes back in info`, async () => {
      const done = await new Visitor(open()).signIn({ options: { state } });
      assert.deepEqual(done.args[1], { state });
    });
  }

  test('joins what verify says', async () => {
    const done = await new Visitor(open({}, (issuer, profile, cb) => cb(null, profile, { scope: 'all' }))).signIn({ options: { state: 's' } });
    assert.deepEqual(done.args[1], { scope: 'all', state: 's' });
  });

  test('none: info is empty', async () => assert.deepEqual((await new Visitor(open()).signIn()).args[1], {}));

  test('has a maximum', async () => {
    const { action, args: [error] } = await new Visitor(open()).begin({ state: 'x'.repeat(2000) });
    assert.equal(action, 'error');
    assert.match(error.message, /at most 1024 bytes/);
  });
});

describe('where a sign-in under way is kept', () => {
  test('in a cookie of its own, gone after use', async () => {
    const visitor = new Visitor(open());
    await visitor.begin();
    assert.equal(visitor.browser.jar.find(/^oidc_[0-9a-f]{12}\.a/).length, 1);
    const done = await visitor.signIn();
    assert.equal(done.action, 'success');
    assert.equal(visitor.browser.jar.find(/^oidc_[0-9a-f]{12}\.a/).length, 1, 'the first tab may still come back');
  });

  test('in the session, where the response cannot be reached', async () => {
    const session = {};
    const visitor = new Visitor(open(), { session });
    const { url } = await visitor.begin();
    const [key] = Object.keys(session);
    assert.equal(key, 'openidconnect:127.0.0.1');
    assert.ok(!JSON.stringify(session).includes(url.searchParams.get('state')), 'sealed');
    const done = await visitor.request((await visitor.answer(url)).href);
    assert.equal(done.action, 'success', String(done.args[0]));
    assert.deepEqual(session, {}, 'nothing is left');
  });

  test('under sessionKey; several tabs, but not without end', async () => {
    const session = {};
    const visitor = new Visitor(open({ sessionKey: 'mine' }), { session });
    const first = await visitor.begin();
    const second = await visitor.begin();
    assert.equal(session.mine.attempts.length, 2);
    for (const { url } of [second, first]) assert.equal((await visitor.request((await visitor.answer(url)).href)).action, 'success');
    for (let i = 0; i < 20; i++) await visitor.begin();
    assert.ok(session.mine.attempts.length <= 8, `${session.mine.attempts.length} kept`);
  });

  test('a session with something else under the key is no trouble', async () => {
    const visitor = new Visitor(open({ sessionKey: 'mine' }), { session: { mine: { attempts: 'x' } } });
    assert.equal((await visitor.signIn()).action, 'success');
  });

  test('what others keep under the key stays', async () => {
    const session = { mine: { theme: 'dark' } };
    const visitor = new Visitor(open({ sessionKey: 'mine' }), { session });
    const { url } = await visitor.begin();
    assert.equal(session.mine.theme, 'dark');
    assert.equal((await visitor.request((await visitor.answer(url)).href)).action, 'success');
    assert.deepEqual(session, { mine: { theme: 'dark' } });
  });

  test('nowhere: said in words', async () => {
    const { action, args: [error] } = await perform(open(), makeRequest('http://127.0.0.1:8123/login', { response: false }));
    assert.equal(action, 'error');
    assert.match(error.message, /neither res nor session.*express-session/);
  });
});

describe('what goes wrong', () => {
  test('access_denied is a failure', async () => {
    const visitor = new Visitor(open({ issuer: practice.issuer('ok') }));
    const { url } = await visitor.begin();
    const back = new URL('http://127.0.0.1:8123/cb');
    back.search = new URLSearchParams({ error: 'access_denied', error_description: 'Not today', state: url.searchParams.get('state'), iss: practice.issuer('ok') });
    const done = await visitor.request(back.href);
    assert.deepEqual([done.action, done.args[0], done.args[1]], ['fail', { message: 'Not today' }, undefined]);
  });

  test('another error of the provider is an AuthorizationError', async () => {
    const visitor = new Visitor(open());
    const { url } = await visitor.begin();
    const back = new URL('http://127.0.0.1:8123/cb');
    back.search = new URLSearchParams({ error: 'login_required', error_description: 'Please log in', error_uri: 'https://op.example/why', state: url.searchParams.get('state'), iss: practice.issuer('ok') });
    const { action, args: [error] } = await visitor.request(back.href);
    assert.equal(action, 'error');
    assert.ok(error instanceof AuthorizationError);
    assert.deepEqual([error.name, error.message, error.code, error.uri, error.status], ['AuthorizationError', 'Please log in', 'login_required', 'https://op.example/why', 502]);
  });

  test('an error that belongs to no sign-in is not believed', async () => {
    const done = await new Visitor(open()).request('/cb?error=server_error&state=abc');
    assert.deepEqual([done.action, done.args[0], done.args[1]], ['fail', { message: 'Unable to verify authorization request state.' }, 403]);
  });

  test('a state of nobody', async () => {
    const done = await new Visitor(open()).request('/cb?code=x&state=abc');
    assert.deepEqual([done.args[0], done.args[1]], [{ message: 'Unable to verify authorization request state.' }, 403]);
  });

  test('another state than the one that was sent', async () => {
    const done = await new Visitor(open()).signIn({ change: (url) => { url.searchParams.set('state', 'abc'); return url; } });
    assert.deepEqual([done.action, done.args[0], done.args[1]], ['fail', { message: 'Invalid authorization request state.' }, 403]);
  });

  test('no state', async () => {
    const done = await new Visitor(open()).signIn({ change: (url) => { url.searchParams.delete('state'); return url; } });
    assert.deepEqual([done.action, done.args[0], done.args[1]], ['fail', { message: 'Invalid authorization request state.' }, 403]);
  });

  test('state twice, code twice, code[]: no trust, no exception', async () => {
    for (const more of ['&state=abc', '&code=b', '&code[]=b', '&iss=x']) {
      const done = await new Visitor(open()).signIn({ change: (url) => new URL(url.href + more) });
      assert.ok(done.action === 'fail' || more === '&code[]=b', `${more}: ${done.action}`);
    }
    assert.equal((await new Visitor(open()).request('/login?code[]=x&state=1')).action, 'redirect', 'no answer of a provider');
  });

  test('an answer without code and error is not the wish to sign in: nobody goes in circles', async () => {
    assert.equal((await new Visitor(open()).request('/cb?code[]=x&state=1')).action, 'fail');
    const done = await new Visitor(open()).signIn({ change: (url) => { url.searchParams.delete('code'); return url; } });
    assert.deepEqual([done.action, done.args[1]], ['fail', 403]);
  });

  test('the code again', async () => {
    const visitor = new Visitor(open());
    const { url } = await visitor.begin();
    const back = await visitor.answer(url);
    assert.equal((await visitor.request(back.href)).action, 'success');
    const done = await visitor.request(back.href);
    assert.deepEqual([done.action, done.args[1]], ['fail', 403]);
  });

  test('somebody else’s answer', async () => {
    const thief = new Visitor(open());
    const stolen = await thief.answer((await thief.begin()).url, 'alan');
    const victim = new Visitor(thief.strategy);
    await victim.begin();
    const done = await victim.request(stolen.href);
    assert.deepEqual([done.action, done.args[0], done.args[1]], ['fail', { message: 'Invalid authorization request state.' }, 403]);
  });

  test('a code that the provider does not know is a TokenError', async () => {
    const { action, args: [error] } = await new Visitor(open()).signIn({ change: (url) => { url.searchParams.set('code', 'wrong'); return url; } });
    assert.equal(action, 'error');
    assert.ok(error instanceof TokenError);
    assert.equal(error.name, 'TokenError');
    assert.equal(error.code, 'invalid_grant');
    assert.equal(error.status, 502);
  });

  test('the provider’s words are all in it', async () => {
    const words = { error: 'invalid_grant', error_description: 'no such code', error_uri: 'https://op.example/help' };
    const customFetch = async (url, init) => (init.method === 'POST' ? Response.json(words, { status: 400 }) : fetch(url, init));
    const { args: [error] } = await new Visitor(open({ customFetch })).signIn();
    assert.ok(error instanceof TokenError);
    assert.deepEqual([error.code, error.message, error.uri], Object.values(words));
  });

  test('verify is called as a method of the strategy', async () => {
    let self;
    const strategy = open({}, function verify(issuer, profile, done) { self = this; done(null, profile); });
    await new Visitor(strategy).signIn();
    assert.ok(self === strategy || Object.getPrototypeOf(self) === strategy);
  });

  test('a provider that is down is an InternalOAuthError, and the next sign-in works', async () => {
    const label = 'ok~down';
    const strategy = open({ issuer: practice.issuer(label) });
    const visitor = new Visitor(strategy);
    const { url } = await visitor.begin();
    const back = await visitor.answer(url);
    await practice.down(label, 'token', 0);
    const { action, args: [error] } = await visitor.request(back.href);
    assert.equal(action, 'error');
    assert.ok(error instanceof InternalOAuthError);
    assert.equal(error.message, 'Failed to obtain access token');
    assert.equal(error.status, 503);
    await practice.up(label);
    assert.equal((await visitor.signIn()).action, 'success');
  });

  for (const [fault, message] of [
    ['oidcc-client-test-invalid-iss', 'ID token not issued by expected OpenID provider.'],
    ['oidcc-client-test-invalid-aud', 'ID token not intended for this relying party.'],
    ['gw-azp-other', 'ID token not issued to this relying party.'],
    ['oidcc-client-test-nonce-invalid', 'ID token contains invalid nonce.'],
    ['fapi2-security-profile-final-client-test-invalid-expired-exp', 'ID token has expired.'],
    ['oidcc-client-test-invalid-sig-rs256', 'The token\'s signature is wrong.'],
    ['oidcc-client-test-userinfo-invalid-sub', 'Sub of userinfo is not that of the ID Token.'],
  ]) test(`${fault}: ${message}`, async () => {
    const done = await new Visitor(open({ issuer: practice.issuer(fault) })).signIn();
    assert.deepEqual([done.action, done.args[0], done.args[1]], ['fail', { message }, 403]);
  });

  test('a sign-in too long ago', async () => {
    const done = await new Visitor(open({ issuer: practice.issuer('gw-auth-time-old'), maxAge: 3600 })).signIn();
    assert.deepEqual(done.args[0], { message: 'Too much time has elapsed since last authentication.' });
  });
});

describe('endpoints that the application names', () => {
  const endpoint = (label, name) => `${practice.issuer(label)}/${name}`;

  test('stand in place of those in the metadata', async () => {
    const seen = [];
    const customFetch = (url, init) => { seen.push(String(url)); return fetch(url, init); };
    const strategy = open({ customFetch, authorizationURL: endpoint('ok', 'authorize?tenant=blue'), tokenURL: endpoint('ok', 'token?named'), userInfoURL: endpoint('ok', 'userinfo?named') });
    const visitor = new Visitor(strategy);
    const { url } = await visitor.begin();
    assert.equal(url.searchParams.get('tenant'), 'blue');
    assert.equal((await visitor.request((await visitor.answer(url)).href)).action, 'success');
    assert.ok(seen.includes(endpoint('ok', 'token?named')) && seen.includes(endpoint('ok', 'userinfo?named')), seen.join(' '));
  });

  test('with a key set among them, nothing is discovered', async () => {
    const seen = [];
    const customFetch = (url, init) => { seen.push(String(url)); return fetch(url, init); };
    const metadata = await (await fetch(endpoint('ok', '.well-known/openid-configuration'))).json();
    const strategy = open({
      customFetch, authorizationURL: metadata.authorization_endpoint, tokenURL: metadata.token_endpoint, jwksURL: metadata.jwks_uri, customHeaders: { 'X-Tenant': 'blue' },
    });
    const done = await new Visitor(strategy).signIn();
    assert.equal(done.action, 'success', String(done.args[0]));
    assert.ok(!seen.some((url) => url.includes('.well-known')), seen.join(' '));
    assert.equal(done.args[0]._json.iss, practice.issuer('ok'));
  });

  test('customHeaders go to the provider, and replace none of ours', async () => {
    const seen = [];
    const customFetch = (url, init) => { seen.push(new Headers(init.headers)); return fetch(url, init); };
    assert.equal((await new Visitor(open({ customFetch, customHeaders: { 'X-Tenant': 'blue', Authorization: 'Basic eA==' } })).signIn()).action, 'success');
    assert.ok(seen.every((headers) => headers.get('x-tenant') === 'blue'));
  });

  test('a token of another issuer is refused at whatever endpoint it came from', async () => {
    const strategy = open({ tokenURL: endpoint('oidcc-client-test-invalid-iss', 'token') });
    const done = await new Visitor(strategy).signIn();
    assert.notEqual(done.action, 'success');
  });
});

describe('the way out', () => {
  const request = () => makeRequest('http://127.0.0.1:8123/logout');

  test('leads to the provider, and back', async () => {
    const visitor = new Visitor(open({}, (issuer, profile, context, idToken, done) => done(null, { idToken })));
    const { args: [{ idToken }] } = await visitor.signIn();
    const url = new URL(await visitor.strategy.logoutURL(request(), { returnTo: 'http://127.0.0.1:8123/', idToken }));
    assert.equal(url.origin + url.pathname, `${practice.issuer('ok')}/end_session`);
    assert.deepEqual(Object.fromEntries(url.searchParams), { id_token_hint: idToken, client_id: 'practice', post_logout_redirect_uri: 'http://127.0.0.1:8123/' });
  });

  test('leads home where the provider has none', async () => {
    const customFetch = async (url, init) => {
      const response = await fetch(url, init);
      if (!String(url).includes('.well-known')) return response;
      const { end_session_endpoint: _, ...rest } = await response.json();
      return Response.json(rest);
    };
    assert.equal(await open({ customFetch }).logoutURL(request(), { returnTo: '/bye' }), '/bye');
  });
});

describe('clones', () => {
  test('work through Object.create, and several times over', async () => {
    const clone = Object.create(Object.create(open()));
    const [one, two] = await Promise.all([new Visitor(clone).signIn({ who: 'ada' }), new Visitor(clone).signIn({ who: 'alan' })]);
    assert.equal(one.args[0].id, 'person-ada');
    assert.equal(two.args[0].id, 'person-alan');
  });

  test('has no private fields', async () => {
    const { readFileSync } = await import('node:fs');
    assert.doesNotMatch(readFileSync(new URL('../../servers/node/lib/passport/strategy.js', import.meta.url), 'utf8'), /this\.#|^\s+#\w/m);
  });
});
