// SPDX-License-Identifier: Apache-2.0
// What the tests of lib/express share: an application on Express 4 or 5 in front of the practice provider.
import { createServer } from 'node:http';
import express4 from 'express4';
import express5 from 'express5';
import { Browser } from '../support/browser.mjs';
import { freePort } from '../support/place.mjs';
import { asPerson, signIn } from '../support/practice.mjs';
import { auth, claimCheck, claimEquals, claimIncludes, requiresAuth } from '../../servers/node/lib/express/index.js';

export const versions = { 'Express 4': express4, 'Express 5': express5 };
export const SECRET = 'a-secret-for-tests-of-thirty-two-bytes-and-more';

/** The usual options for a client of the practice provider. */
export function options(practice, origin, more = {}) {
  return {
    issuerBaseURL: practice.issuer('ok'), baseURL: origin, clientID: 'practice', clientSecret: 'practice-secret', secret: SECRET,
    authRequired: false, authorizationParams: { response_type: 'code', scope: 'openid profile email' }, ...more,
  };
}

/** What an error handler sees. */
export function handleError(app, seen) {
  app.use((error, req, res, next) => {
    void next;
    seen.push(error);
    res.status(error.status ?? 500).set(error.headers ?? {}).json({ id: error.id, error: error.error, error_description: error.error_description, message: error.message });
  });
}

/** The places that most tests look at. */
export function places(app) {
  const who = (req, res) => res.json({ sub: req.oidc.user?.sub ?? null, url: req.originalUrl });
  app.get('/', who);
  app.get('/me', requiresAuth(), who);
  app.post('/me', requiresAuth(), who);
  app.get('/admins', claimIncludes('groups', 'admins'), who);
  app.get('/engineers-and-pilots', claimIncludes('groups', 'engineers', 'pilots'), who);
  app.get('/ada', claimEquals('sub', 'person-ada'), who);
  app.get('/verified', claimCheck((req, claims) => claims.email_verified === true), who);
  app.get('/all', requiresAuth(), (req, res) => res.json({
    user: req.oidc.user, claims: req.oidc.idTokenClaims, idToken: req.oidc.idToken, access: req.oidc.accessToken, refresh: req.oidc.refreshToken, session: req.appSession,
  }));
}

/**
 * An application that stops with the stage. more: options of auth(), or a function of the origin; set: what it does besides.
 * @returns {Promise<{origin: string, app: any, errors: Error[], log: string[], browser: Browser}>}
 */
export async function application(stage, practice, more = {}, set = {}) {
  const express = set.express ?? express5;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const app = express();
  const errors = [];
  const log = [];
  set.before?.(app, express);
  const given = options(practice, origin, { log: (level, line) => log.push(`${level} ${line}`), ...(typeof more === 'function' ? more(origin) : more) });
  const middleware = (set.auth ?? auth)(set.auth ? Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'log')) : given);
  app.use(set.mount ?? '/', middleware);
  (set.places ?? places)(app);
  handleError(app, errors);
  const server = createServer(app);
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  stage.add({ stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); middleware.close?.(); }) });
  return { origin, app, errors, log, middleware, browser: new Browser() };
}

/** The provider's answer to a sign-in that begins at `path`, not yet followed. */
export async function answerOf(site, browser, path = '/me', who = 'ada', practiceParameters = {}) {
  const begun = await browser.request(site.origin + path);
  const answer = await browser.request(asPerson(who, practiceParameters)(begun.location));
  return { begun, answer, back: answer.location };
}

export const enter = (site, path = '/me', who = 'ada') => signIn(site.browser, site.origin + path, who);
export const whoIs = async (site, browser = site.browser) => (await browser.request(`${site.origin}/`)).json.sub;
