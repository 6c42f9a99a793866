// SPDX-License-Identifier: Apache-2.0
// What console.log and JSON.stringify show of objects that hold secrets and tokens: neither of them.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Auth, bearer, ExpressOIDC, Gate, Strategy } from '../../servers/node/index.js';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { application, enter, SECRET, versions } from './express-support.mjs';

const stage = openStage('printed');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));
const HIDDEN = 'hidden-client-secret';
const CLOSED = { customFetch: async () => { throw new Error('nobody is asked'); }, log() {} };

/** All ways of printing that an application might come upon. */
function printed(thing) {
  const texts = [inspect(thing), inspect(thing, { depth: 12 }), inspect({ thing }, { depth: 12, showHidden: true }), inspect([thing], { compact: false, depth: 12 })];
  const seen = new Set();
  const json = JSON.stringify(thing, (name, value) => {
    if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? String(value) : value;
    if (seen.has(value)) return undefined;
    seen.add(value);
    return value;
  });
  return [...texts, json ?? ''].join('\n');
}

/** Neither as they are, nor in an array, nor as bytes. */
function assertHides(text, secrets) {
  for (const secret of secrets) assert.ok(!text.includes(secret), `shows ${secret.slice(0, 12)}...: ${text.slice(Math.max(0, text.indexOf(secret) - 300), text.indexOf(secret))}`);
}

test('a Gate, its rules, and everything that is made of one, show no secret', () => {
  const client = { issuer: 'https://op.example', clientSecret: HIDDEN, cookieSecret: SECRET, ...CLOSED };
  const gate = new Gate({ ...client, clientId: 'app' });
  const several = new Gate({ providers: { one: { issuer: client.issuer, clientId: 'app', clientSecret: HIDDEN } }, cookieSecret: [SECRET], ...CLOSED });
  const strategy = new Strategy({ ...client, clientID: 'app', callbackURL: 'https://app.example/cb' }, () => {});
  const okta = new ExpressOIDC({ issuer: client.issuer, client_id: 'app', client_secret: HIDDEN, appBaseUrl: 'https://app.example', cookieSecret: SECRET, ...CLOSED });
  okta.on('error', () => {});
  const auth = new Auth({ oidcServer: client.issuer, clientId: 'app', clientSecret: HIDDEN, callbackURL: 'https://app.example/cb', cookieSecret: SECRET, ...CLOSED });
  const api = bearer({ issuer: client.issuer, clientId: 'app', clientSecret: HIDDEN, audience: 'api', ...CLOSED });
  for (const thing of [gate, several, gate.rule({}), strategy, Object.create(strategy), okta, auth, api]) assertHides(printed(thing), [HIDDEN, SECRET]);
  assert.match(inspect(gate), /^Gate \{ providers: \[ 'default' \] \}$/);
  for (const kind of [Gate, Strategy, ExpressOIDC, Auth]) assert.match(inspect(kind.prototype), /\{/); // prints, and does not throw
  for (const thing of [gate, several, strategy, okta, auth, api]) thing.close?.();
});

test('a Verdict shows what was decided, and no token', async () => {
  const gate = new Gate({ issuer: practice.issuer('ok~printed'), clientId: 'practice', clientSecret: 'practice-secret', cookieSecret: SECRET, sessionStore: 'application', log() {} });
  const rule = gate.rule({ bearer: 'default', audience: 'practice', bearerType: 'id_token', unauthenticated: '401' });
  const token = await (await practice.control('ok~printed', 'mint', { header: '{"typ":"JWT"}', claims: '{"aud":"practice","scope":null,"client_id":null}' })).text();
  const ask = (headers) => gate.guard(gate.request({ method: 'GET', url: '/', headers, rawHeaders: [], socket: {} }), rule);
  const verdict = await ask({ authorization: `Bearer ${token}` });
  assert.equal(verdict.signedIn, true);
  assertHides(printed(verdict), [token, token.split('.')[2]]);
  assert.match(inspect(verdict), /pass: true, signedIn: true/);
  assert.match(inspect(await ask({ authorization: 'Bearer x' })), /refusal: '/);
  gate.close();
});

for (const [which, express] of Object.entries(versions)) {
  test(`${which}: req.oidc, res.oidc, and the whole request show who is there, and neither token nor secret`, async () => {
    const site = await application(stage, practice, (origin) => ({ issuerBaseURL: practice.issuer(`ok~printed-${express === versions['Express 4'] ? 4 : 5}`), baseURL: origin }), {
      express,
      places(app) {
        app.get('/me', (req, res, next) => (req.oidc.isAuthenticated() ? next() : res.oidc.login()), (req, res) => {
          req.oidc.idTokenClaims; // has been looked at
          res.json({
            texts: [printed(req.oidc), printed(res.oidc), inspect(req, { depth: 3 }), inspect(res, { depth: 3 })], secrets: [req.oidc.idToken, req.oidc.accessToken.access_token],
          });
        });
      },
    });
    const { json } = await enter(site);
    for (const text of json.texts) assertHides(text, [...json.secrets, SECRET, 'practice-secret']);
    assert.match(json.texts[0], /person-ada/);
  });
}

test('the middleware of auth(), its sessions, and what sockets take of it, show no secret', async () => {
  const { middleware } = await application(stage, practice);
  for (const thing of [middleware, middleware.sessions, middleware.socketSource()]) assertHides(printed(thing), [SECRET, 'practice-secret']);
});
