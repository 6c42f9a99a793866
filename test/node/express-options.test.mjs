// SPDX-License-Identifier: Apache-2.0
// What auth() is given: what cannot be, or cannot be safe, does not start, with one line that says what to do.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import eoc from 'express-openid-connect';
import { Browser } from '../support/browser.mjs';
import { makePair } from '../support/keys.mjs';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { auth } from '../../servers/node/lib/express/index.js';
import { readOptions } from '../../servers/node/lib/express/options.js';
import { answerOf, application, enter, SECRET } from './express-support.mjs';

const stage = openStage('express-options');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const good = { secret: SECRET, issuerBaseURL: 'https://op.example', baseURL: 'https://app.example', clientID: 'x', clientSecret: 'unused-here' };

describe('what does not start', () => {
  const wrong = {
    'no secret': [{ secret: undefined }, /^"secret" is required: give it to auth\(\), or [A-Z_]+ in the environment/], 'a short secret': [{ secret: 'short' }, /"secret" must be a string of at least 8/],
    'no issuer': [{ issuerBaseURL: undefined }, /^"issuerBaseURL" is required: give it to auth\(\), or [A-Z_]+ in the environment/], 'an issuer that is none': [{ issuerBaseURL: 'op.example' }, /^"issuerBaseURL" must be a valid uri$/],
    'no base': [{ baseURL: undefined }, /^"baseURL" is required: give it to auth\(\), or [A-Z_]+ in the environment/], 'a base that is none': [{ baseURL: '/' }, /^"baseURL" must be a valid uri$/],
    'no client': [{ clientID: undefined }, /^"clientID" is required: give it to auth\(\), or [A-Z_]+ in the environment/], 'no client secret': [{ clientSecret: undefined, authorizationParams: { response_type: 'code' } }, /^"clientSecret" is required for the "clientAuthMethod" "client_secret_basic"$/],
    'implicit': [{ authorizationParams: { response_type: 'id_token' } }, /"authorizationParams.response_type" must be "code": leave it out, set clientSecret/],
    'hybrid': [{ authorizationParams: { response_type: 'code id_token' } }, /must be "code"/], 'another mode': [{ authorizationParams: { response_mode: 'fragment' } }, /must be one of \[query, form_post\]/],
    'no openid': [{ authorizationParams: { scope: 'profile' } }, /with value "profile" fails to match the contains openid pattern/], 'a state of one’s own': [{ authorizationParams: { state: 'x' } }, /"authorizationParams.state" is made anew/],
    'another client': [{ authorizationParams: { client_id: 'y' } }, /^"authorizationParams.client_id" must be "clientID"/],
    'no callback': [{ routes: { callback: false } }, /"authorizationParams.redirect_uri" is required/],
    'an unknown option': [{ clientId: 'x' }, /^"clientId" is not allowed: did you mean "clientID"\?$/], 'an unknown option within': [{ session: { cookie: { samesite: 'Lax' } } }, /^"session.cookie.samesite" is not allowed: did you mean "sameSite"\?$/],
    'a word that is far from all': [{ zzzzzzzzzzzz: 1 }, /^"zzzzzzzzzzzz" is not allowed$/],
    'Secure over http': [{ baseURL: 'http://127.0.0.1', session: { cookie: { secure: true } } }, /wont be attached to http requests/], 'SameSite of no kind': [{ session: { cookie: { sameSite: 'lax' } } }, /must be one of \[Lax, Strict, None\]/],
    'rolling without a time': [{ session: { rollingDuration: false } }, /must be provided an integer value when "session.rolling" is true/], 'a time without rolling': [{ session: { rolling: false, rollingDuration: 10 } }, /must be false when "session.rolling" is disabled/],
    'no end at all': [{ session: { rolling: false, absoluteDuration: false } }, /"session.absoluteDuration" must be provided/], 'a store that is none': [{ session: { store: {} } }, /get, set and destroy/],
    'a name that is none': [{ session: { name: 'a b' } }, /cookie name/], 'alg none': [{ idTokenSigningAlg: 'none' }, /invalid value: none/], 'HS256 without a secret': [{ idTokenSigningAlg: 'HS256', clientSecret: undefined, clientAuthMethod: 'none' }, /HMAC/],
    'an algorithm that nobody has': [{ idTokenSigningAlg: 'RS1' }, /^.*express-options.test.mjs:\d+: "idTokenSigningAlg": /], 'client_secret_jwt': [{ clientAuthMethod: 'client_secret_jwt' }, /"clientAuthMethod" must be one of/],
    'a key that is missing': [{ clientAuthMethod: 'private_key_jwt' }, /"clientAssertionSigningKey" is required/], 'a key that is none': [{ clientAssertionSigningKey: 'x' }, /^.*express-options.test.mjs:\d+: "clientAssertionSigningKey": /],
    'PAR': [{ pushedAuthorizationRequests: true }, /pushed authorization requests are not there yet/], 'JAR': [{ requestObjectSigningKey: 'x' }, /not there yet/], 'mTLS': [{ useMtls: true }, /not there yet/],
    'back-channel logout': [{ backchannelLogout: true }, /back-channel logout is not there yet/], 'token parameters': [{ tokenEndpointParams: { a: 1 } }, /no further parameters/],
    'an issuer in the clear': [{ issuerBaseURL: 'http://op.example' }, /^.*express-options.test.mjs:\d+: "issuerBaseURL": is http outside loopback; use https, or say provider: \{allowInsecureHttp: true\}$/], 'a base in the clear': [{ baseURL: 'http://app.example' }, /^.*express-options.test.mjs:\d+: "baseURL": is http/], 'bytes that are no text': [{ secret: Buffer.from([255, 254, 253, 252, 1, 2, 3, 4]) }, /"secret" must be text/],
    'a clock without end': [{ clockTolerance: 86400 }, /^.*express-options.test.mjs:\d+: "clockTolerance": /], 'a clock without end, within': [{ provider: { clockSkew: 86400 } }, /^.*express-options.test.mjs:\d+: "provider.clockSkew": /],
  };
  for (const [name, [options, line]] of Object.entries(wrong)) {
    test(name, () => assert.throws(() => auth({ ...good, ...options }), (error) => {
      assert.match(error.message, line);
      assert.ok(!error.message.includes('\n') && !error.message.includes(SECRET) && !error.message.includes('unused-here'));
      return true;
    }));
  }
});

describe('what does', () => {
  test('the defaults are those of express-openid-connect, but for the code flow', () => {
    const { routes, session, clockTolerance, authRequired, errorOnRequiredAuth, idpLogout, idTokenSigningAlg, identityClaimFilter } = readOptions(good);
    assert.deepEqual(routes, { login: '/login', logout: '/logout', callback: '/callback', postLogoutRedirect: '', backchannelLogout: undefined });
    assert.deepEqual([session.name, session.rolling, session.rollingDuration, session.absoluteDuration], ['appSession', true, 86400, 604800]);
    assert.deepEqual(session.cookie, { domain: undefined, path: undefined, transient: false, httpOnly: true, sameSite: 'Lax', secure: true });
    assert.deepEqual([clockTolerance, authRequired, errorOnRequiredAuth, idpLogout, idTokenSigningAlg], [60, true, false, false, 'RS256']);
    assert.equal(identityClaimFilter.length, 11);
    assert.equal(readOptions({ ...good, auth0Logout: true }).idpLogout, true);
  });

  test('the environment, below what is given', () => {
    const names = { SECRET, ISSUER_BASE_URL: 'https://env.example', BASE_URL: 'https://app.example', CLIENT_ID: 'env', CLIENT_SECRET: 'env-secret' };
    Object.assign(process.env, names);
    try {
      const read = readOptions({ clientID: 'given' });
      assert.deepEqual([read.secret, read.issuerBaseURL, read.clientID, read.clientSecret], [[SECRET], 'https://env.example', 'given', 'env-secret']);
      auth().close();
    } finally {
      for (const name of Object.keys(names)) delete process.env[name];
    }
    assert.throws(() => auth(), /"secret" is required/);
  });

  test('whatever express-openid-connect takes of these', () => {
    const { privateKey } = makePair('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const all = [
      { legacySameSiteCookie: false, enableTelemetry: false, discoveryCacheMaxAge: 1000, httpTimeout: 1500, httpUserAgent: 'app/1' },
      { transactionCookie: { name: 'my.attempt', sameSite: 'Strict' }, session: { name: 'my.session' } }, { secret: ['one-secret-here', 'another-secret'] }, { secret: Buffer.from('bytes that are text') },
      { clientSecret: undefined, clientAssertionSigningKey: pem, clientAssertionSigningAlg: 'RS256' }, { clientSecret: undefined, clientAssertionSigningKey: privateKey, clientAssertionSigningAlg: 'PS256' },
      { clientSecret: undefined, clientAssertionSigningKey: privateKey.export({ format: 'jwk' }), clientAssertionSigningAlg: 'RS256' }, { clientAuthMethod: 'client_secret_post' },
      { authRequired: 'false', idpLogout: 'TRUE', clockTolerance: '30', session: { rolling: 'true', rollingDuration: '3600', absoluteDuration: 'false', cookie: { httpOnly: 'true' } } },
      { authorizationParams: { response_type: 'code', client_id: 'x' }, logoutParams: { client_id: 'x' } },
      { authorizationParams: { response_type: 'code', response_mode: 'form_post', audience: 'https://api.example', max_age: 60, prompt: 'login' } },
    ];
    for (const options of all) {
      auth({ ...good, ...options }).close();
      eoc.auth({ ...good, authorizationParams: { response_type: 'code' }, ...options });
    }
  });

  test('flags and times as text, as the environment has them; other text is none', () => {
    const { authRequired, idpLogout, session } = readOptions({ ...good, authRequired: 'false', idpLogout: 'True', session: { rollingDuration: '3600', absoluteDuration: 'false' } });
    assert.deepEqual([authRequired, idpLogout, session.rollingDuration, session.absoluteDuration], [false, true, 3600, false]);
    for (const value of ['', 'no', '0', '1', 0, null]) assert.throws(() => readOptions({ ...good, authRequired: value }), /^TypeError: "authRequired" must be a boolean$/);
    for (const value of ['', 'x', '1.5', '-1', 'true', true, null]) assert.throws(() => readOptions({ ...good, session: { rollingDuration: value } }), /^TypeError: "session.rollingDuration" must be an integer/);
  });

  test('an issuer that is given as the address of its metadata', () => {
    assert.equal(readOptions({ ...good, issuerBaseURL: 'https://op.example/tenant/.well-known/openid-configuration' }).issuerBaseURL, 'https://op.example/tenant');
  });

  test('acr_values is demanded of the ID Token, unless it is meant as a hint', async () => {
    for (const [provider, status] of [[{}, 401], [{ acrCheck: false }, 302]]) {
      const site = await application(stage, practice, { provider, authorizationParams: { response_type: 'code', scope: 'openid', acr_values: 'idp:google' } });
      const begun = await site.browser.request(`${site.origin}/me`);
      assert.equal(begun.location.searchParams.get('acr_values'), 'idp:google');
      const { back } = await answerOf(site, site.browser);
      assert.equal((await site.browser.request(back.href)).status, status);
    }
  });

  test('several in one process share nothing', async () => {
    const [one, two] = await Promise.all(['ok~a', 'ok~b'].map((label) => application(stage, practice, { issuerBaseURL: practice.issuer(label), session: { name: `s${label.slice(-1)}` } })));
    await enter(one);
    const other = new Browser({ jar: one.browser.jar });
    assert.equal((await other.request(`${two.origin}/`)).json.sub, null);
  });

  test('two on one request: each has its own session, and what stands behind is the second’s', async () => {
    const first = auth({ ...good, baseURL: 'http://127.0.0.1', authRequired: false, session: { name: 'outer' } });
    const site = await application(stage, practice, {}, { before(app) { app.use(first); }, places(app) {
      app.get('/', (req, res) => { req.outer.a = 1; req.appSession.b = 2; res.json([req.outer, Object.keys(req.appSession), req.oidc.user?.sub ?? null]); });
    } });
    const answer = await site.browser.request(`${site.origin}/`);
    assert.deepEqual(answer.json, [{ a: 1 }, ['b'], null]);
    assert.deepEqual(site.browser.jar.cookies.map((cookie) => cookie.name).sort(), ['appSession', 'outer']);
    assert.deepEqual((await site.browser.request(`${site.origin}/`)).cookies, []);
    first.close();
  });

  test('parameters go to the provider: those of auth(), and those of one sign-in', async () => {
    const site = await application(stage, practice, { authorizationParams: { audience: 'https://api.example', ui_locales: 'de', max_age: 600 } }, { places(app) {
      app.get('/step-up', (req, res) => res.oidc.login({ authorizationParams: { acr_values: 'phr', ui_locales: 'fr', scope: 'openid email', claims: { id_token: { acr: null } } } }));
      app.get('/other', (req, res) => res.oidc.login({ authorizationParams: { redirect_uri: 'https://evil.example' } }));
      app.get('/state', (req, res) => res.oidc.login({ authorizationParams: { state: 'fixed' } }));
      app.get('/type', (req, res) => res.oidc.login({ authorizationParams: { response_type: 'code', response_mode: undefined } }));
    } });
    const plain = (await site.browser.request(`${site.origin}/login`)).location.searchParams;
    assert.deepEqual([plain.get('audience'), plain.get('ui_locales'), plain.get('max_age'), plain.get('scope'), plain.get('response_type'), plain.get('code_challenge_method')], ['https://api.example', 'de', '600', 'openid profile email', 'code', 'S256']);
    const step = (await site.browser.request(`${site.origin}/step-up`)).location.searchParams;
    assert.deepEqual([step.getAll('ui_locales'), step.get('acr_values'), step.getAll('scope'), step.get('claims'), step.get('audience')], [['fr'], 'phr', ['openid email'], '{"id_token":{"acr":null}}', 'https://api.example']);
    assert.match((await site.browser.request(`${site.origin}/other`)).json.message, /"authorizationParams.redirect_uri" is for auth\(\)/);
    assert.ok((await site.browser.request(`${site.origin}/state`)).status >= 400);
    assert.equal((await site.browser.request(`${site.origin}/type`)).status, 302);
  });

  test('HTTP is the application’s where it says so, with its User-Agent', async () => {
    const seen = [];
    const site = await application(stage, practice, { httpUserAgent: 'app/1', customFetch: (url, init) => { seen.push([new URL(url).pathname, new Headers(init.headers).get('user-agent')]); return fetch(url, init); } });
    await enter(site);
    assert.ok(seen.length >= 3 && seen.every(([, agent]) => agent === 'app/1'), JSON.stringify(seen));
  });

  test('an issuer that is an origin, with or without its slash', async () => {
    for (const slash of ['', '/']) {
      const site = await application(stage, practice, { issuerBaseURL: practice.origin + slash });
      assert.equal((await enter(site)).json.sub, 'person-ada');
      await enter(site, '/login');
    }
    const other = await application(stage, practice, { issuerBaseURL: `${practice.issuer('ok')}/` });
    const refused = await other.browser.request(`${other.origin}/login`);
    assert.ok(refused.status >= 500);
  });

  test('a provider that is down: 503, with its id, and the application still answers', async () => {
    const site = await application(stage, practice, { issuerBaseURL: practice.issuer('ok~down') });
    await practice.down('ok~down', 'discovery', 503);
    const refused = await site.browser.request(`${site.origin}/login`);
    assert.deepEqual([refused.status, refused.json.id], [503, 'provider_down']);
    assert.equal((await site.browser.request(`${site.origin}/`)).status, 200);
  });
});
