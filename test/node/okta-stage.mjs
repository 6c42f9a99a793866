// SPDX-License-Identifier: Apache-2.0
// What the tests of ExpressOIDC share: applications in front of the practice provider, which stop with the tests.
import { createServer } from 'node:http';
import { after } from 'node:test';
import express5 from 'express5';
import session from 'express-session';
import { ExpressOIDC } from '../../servers/node/lib/okta/index.js';
import { freePort, pause } from '../support/place.mjs';
import { SlowStore } from '../support/slow_store.mjs';

const quiet = () => {};

/** opened: what is to be called when the tests end. */
export function applications(practice) {
  const opened = [];
  after(() => opened.forEach((close) => close()));

  function provider(origin, more = {}) {
    return new ExpressOIDC({ issuer: practice.issuer('ok'), client_id: 'practice', client_secret: 'practice-secret', appBaseUrl: origin, scope: 'openid profile email', log: quiet, ...more });
  }

  /** An application: {origin, oidc, store, errors}. more: options of ExpressOIDC; set: further routes. */
  async function open({ express = express5, store = new SlowStore(), more = {}, set = quiet, before = quiet } = {}) {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const app = express();
    const oidc = provider(origin, more);
    const errors = [];
    app.use(session({ secret: 'only for a test', resave: false, saveUninitialized: false, store }));
    before(app, oidc);
    app.use(oidc.router);
    app.get('/', (req, res) => res.json({ user: req.userContext?.userinfo ?? null, authenticated: req.isAuthenticated() }));
    app.get('/protected', oidc.ensureAuthenticated(), (req, res) => res.json({ name: req.userContext.userinfo.name, groups: req.userContext.userinfo.groups }));
    app.get('/slow', oidc.ensureAuthenticated(), async (req, res) => {
      req.session.seen = Math.random();
      await pause(Number(req.query.ms));
      res.json({ ok: true });
    });
    set(app, oidc);
    app.use((error, req, res, next) => { // eslint-disable-line no-unused-vars
      errors.push(error);
      res.status(error.status ?? 500).json({ id: error.id, message: error.message });
    });
    const server = createServer(app).listen(port, '127.0.0.1');
    opened.push(() => { oidc.close(); server.closeAllConnections(); server.close(); });
    return { origin, oidc, store, errors };
  }

  return { provider, open, opened };
}
