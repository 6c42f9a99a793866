// SPDX-License-Identifier: Apache-2.0
// auth(): the session, req.oidc, res.oidc and the routes for sign-in, as one middleware for Express 4 and 5.
import { openSessions } from '../session/index.js';
import { Client } from './client.js';
import { requiresAuth } from './gates.js';
import { readOptions } from './options.js';
import { RequestContext } from './request.js';
import { ResponseContext } from './response.js';
import { attemptSilentLogin, silentCookie } from './silent.js';

/** @typedef {import('./gates.js').Middleware} Middleware */

/**
 * req.appSession: its members are the application's. null ends it; another object in its place could be anybody's.
 * One for all requests: it knows its request by `this`.
 */
const sessionProperty = {
  enumerable: true,
  /** @this {any} */
  get() {
    return this.oidc.visit.data;
  },
  /** @this {any} @param {any} value */
  set(value) {
    if (value !== null && value !== undefined) throw new TypeError('session object cannot be reassigned');
    this.oidc.visit.empty();
  },
};

/** @typedef {{path: string, methods: string[], act: (res: any) => Promise<void>}} Route */

/** @param {any} config @returns {Route[]} */
function routesOf({ routes, baseURL }) {
  /** @type {Route[]} */
  const found = [];
  if (routes.login) found.push({ path: routes.login, methods: ['GET', 'HEAD'], act: (res) => res.oidc.login({ returnTo: baseURL }) });
  if (routes.logout) found.push({ path: routes.logout, methods: ['GET', 'HEAD'], act: (res) => res.oidc.logout() });
  if (routes.callback) found.push({ path: routes.callback, methods: ['GET', 'POST'], act: (res) => res.oidc.callback() });
  return found;
}

/** As Express compares paths by default: in any case, with or without a slash at the end. @param {string} path */
function plainPath(path) {
  const plain = path.toLowerCase();
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain;
}

/** What stands behind the routes. @param {any} config @returns {Middleware[]} */
function demandsOf({ authRequired, attemptSilentLogin: silent }) {
  return [...(authRequired ? [requiresAuth()] : []), ...(silent ? [attemptSilentLogin()] : [])];
}

/** One demand after the other. @param {Middleware[]} demands @returns {Middleware} */
function inOrder([first, ...rest]) {
  if (!first) return (req, res, next) => next();
  if (rest.length === 0) return first;
  const then = inOrder(rest);
  return (req, res, next) => first(req, res, (error) => (error ? next(error) : then(req, res, next)));
}

/** Routes as Express's own router lists them, for those who look. @param {Route[]} routes */
function listed(routes) {
  return routes.map(({ path, methods }) => ({ route: { path, methods: Object.fromEntries(methods.map((each) => [each.toLowerCase(), true])) } }));
}

/**
 * @param {any} [params]  see docs/express.md
 * @returns {Middleware & {stack: any[], close: () => void}}
 */
export function auth(params) {
  const config = readOptions(params);
  const client = new Client(config);
  const sessions = openSessions({ ...config.session, secret: config.secret, sealer: (secrets, purpose) => client.gate.sealer(secrets, purpose), log: config.log });
  const site = { config, client, sessions, silent: silentCookie(config.session.cookie) };
  const { name } = config.session;
  const routes = routesOf(config);
  const byPath = new Map(routes.map((route) => [plainPath(route.path), route]));
  const demand = inOrder(demandsOf(config));

  /** @param {import('../session/index.js').Visit} visit @param {any} req @param {any} res @param {(error?: any) => void} next */
  const enter = (visit, req, res, next) => {
    visit.onFailure = next;
    req.oidc = new RequestContext(site, visit);
    res.oidc = new ResponseContext(site, visit, req, res, next);
    Object.defineProperty(req, name, sessionProperty);
    const route = byPath.get(plainPath(req.path));
    return route?.methods.includes(req.method) ? route.act(res) : demand(req, res, next);
  };

  /** @type {Middleware} */
  const middleware = (req, res, next) => {
    if (Object.hasOwn(req, name)) return next(new Error(`req[${name}] is already set, did you run this middleware twice?`));
    const visit = sessions.visit(req, res);
    return visit instanceof Promise ? visit.then((found) => enter(found, req, res, next)).catch(next) : enter(visit, req, res, next);
  };
  const socketSource = () => ({ gate: client.gate, session: sessions, origins: [new URL(config.baseURL).origin] });
  return Object.assign(middleware, { stack: listed(routes), sessions, socketSource, close: () => client.close() });
}

/** For stores that are made with the middleware that uses them: `const MemoryStore = memorystore(auth)`. */
auth.Store = function Store() {};
