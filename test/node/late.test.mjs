// SPDX-License-Identifier: Apache-2.0
// An application that has answered by itself before it is known who is there (a timeout): what comes late is for nobody, and ends no process.
import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import express4 from 'express4';
import express5 from 'express5';
import { Auth, auth, bearer, ExpressOIDC, Gate, middleware, Strategy } from '../../servers/node/index.js';
import { expressGuard } from '../../servers/node/lib/guard/index.js';
import { requiresAuth } from '../../servers/node/lib/express/index.js';
import { pause } from '../support/place.mjs';
import { openStage, testOn } from '../support/stage.mjs';

const test = testOn(openStage('late'));
const ISSUER = 'https://op.example';
const SECRET = 'a secret for tests that is long enough to seal with';
const LATE = 120;
const client = { issuer: ISSUER, clientId: 'app', clientSecret: 'client-secret', cookieSecret: SECRET, log() {}, customFetch: () => pause(LATE).then(() => { throw new Error('nobody is there'); }) };

/** A session store that takes its time, and knows nobody. */
const slowStore = { get: (id, done) => setTimeout(done, LATE), set: (id, row, done) => setTimeout(done, LATE), destroy: (id, done) => setTimeout(done, LATE) };

const { issuer, clientId, clientSecret, customFetch, log } = client;
const interfaces = {
  guard: () => {
    const gate = new Gate(client);
    const guard = expressGuard(gate);
    return { gate, handlers: [guard.site(), guard.place()] };
  },
  bearer: () => {
    const api = bearer({ issuer, audience: 'api', customFetch, log });
    return { gate: api, handlers: [api] };
  },
  'bearer, errors passed on': () => {
    const api = bearer({ issuer, audience: 'api', passErrors: true, customFetch, log });
    return { gate: api, handlers: [api] };
  },
  oidc: () => {
    const owner = new Auth({ oidcServer: issuer, clientId, clientSecret, callbackURL: 'https://app.example/cb', cookieSecret: SECRET, customFetch, log });
    return { gate: owner, handlers: [new middleware.Express(owner).auth({ redirectToOidc: true })] };
  },
  okta: () => {
    const oidc = new ExpressOIDC({ issuer, client_id: clientId, client_secret: clientSecret, appBaseUrl: 'https://app.example', cookieSecret: SECRET, customFetch, log });
    oidc.on('error', () => {});
    const session = (req, res, next) => {
      Object.assign(req, { session: { [`oidc:${ISSUER}`]: { login: 'x' } }, sessionStore: slowStore });
      next();
    };
    return { gate: oidc, handlers: [session, oidc.ensureAuthenticated()] };
  },
  passport: () => {
    const strategy = new Strategy({ issuer, clientID: clientId, clientSecret, callbackURL: 'https://app.example/cb', cookieSecret: SECRET, customFetch, log }, () => {});
    const authenticate = (req, res, next) => Object.assign(Object.create(strategy), { redirect: (to) => res.redirect(to), error: next, fail: () => next(new Error('failed')) }).authenticate(req, {});
    return { gate: strategy, handlers: [authenticate] };
  },
  express: () => {
    const signIn = auth({ issuerBaseURL: issuer, baseURL: 'https://app.example', clientID: clientId, clientSecret, secret: SECRET, authRequired: false, session: { store: slowStore }, customFetch, log });
    return { gate: signIn, handlers: [signIn, requiresAuth()] };
  },
};
// An access token that nobody signed: whose it would be is to be found out at the provider.
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const TOKEN = `${part({ alg: 'RS256', kid: 'k', typ: 'at+jwt' })}.${part({ iss: ISSUER, aud: 'api', exp: 9e9 })}.${'A'.repeat(342)}`;

/** As a browser asks, and not as fetch does. */
const open = (url, headers) => new Promise((done, fail) => {
  get(url, { headers }, async (res) => {
    let text = '';
    for await (const part of res) text += part;
    done([res.statusCode, text]);
  }).on('error', fail);
});

for (const [name, make] of Object.entries(interfaces)) {
  for (const [which, express] of [['Express 4', express4], ['Express 5', express5]]) {
    test(`${name}, ${which}: an answer that comes late ends nothing`, async (t) => {
      const { gate, handlers } = make();
      const app = express();
      app.use((req, res, next) => {
        setTimeout(() => res.status(504).end('too slow'), LATE / 4);
        next();
      });
      let late = 0;
      app.use('/', ...handlers, (req, res) => res.json('let in'));
      app.use((error, req, res, next) => { // eslint-disable-line no-unused-vars
        late += 1;
        if (!res.headersSent) res.status(error.status ?? 500).end();
      });
      const server = createServer(app);
      await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
      t.after(() => new Promise((done) => {
        gate.close?.();
        server.closeAllConnections();
        server.close(done);
      }));
      const headers = { accept: 'text/html', cookie: 'appSession=an-id-of-a-row', ...(/bearer|oidc/.test(name) && { authorization: `Bearer ${TOKEN}` }) };
      assert.deepEqual(await open(`http://127.0.0.1:${server.address().port}/page`, headers), [504, 'too slow']);
      await pause(4 * LATE); // what is thrown meanwhile fails this test
      assert.ok(late <= 1);
    });
  }
}
