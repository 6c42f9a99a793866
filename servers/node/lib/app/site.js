// SPDX-License-Identifier: Apache-2.0
// What auth() is made of, for every framework: the options, the client at the provider, the sessions, the routes and the demands.
import { Client } from '../express/client.js';
import { requiresAuth } from '../express/gates.js';
import { readOptions } from '../express/options.js';
import { attemptSilentLogin, silentCookie } from '../express/silent.js';
import { printAs } from '../printed.js';
import { openSessions } from '../session/index.js';
import { ownedBy } from '../session/owner.js';
import { plainPath } from './paths.js';

/**
 * @typedef {{path: string, methods: string[], act: (res: any) => Promise<any>}} Route
 * @typedef {(req: any, res: any, next: (error?: any) => void) => any} Middleware
 */

/** @param {any} config @returns {Route[]} */
function routesOf({ routes, baseURL }) {
  /** @type {Route[]} */
  const found = [];
  if (routes.login) found.push({ path: routes.login, methods: ['GET', 'HEAD'], act: (res) => res.oidc.login({ returnTo: baseURL }) });
  if (routes.logout) found.push({ path: routes.logout, methods: ['GET', 'HEAD'], act: (res) => res.oidc.logout() });
  if (routes.callback) found.push({ path: routes.callback, methods: ['GET', 'POST'], act: (res) => res.oidc.callback() });
  return found;
}

/**
 * Functions that an application gives along are called with what its framework calls a request, and not with Node's own.
 * @param {any} params
 * @param {Record<string, (given: Function) => Function>} calls
 */
function withCalls(params, calls) {
  const read = { ...params };
  for (const [name, call] of Object.entries(calls)) if (typeof read[name] === 'function') read[name] = call(read[name]);
  return read;
}

export class Site {
  /**
   * @param {any} [params]  the options of express-openid-connect
   * @param {Record<string, (given: Function) => Function>} [calls]
   */
  constructor(params, calls = {}) {
    const config = readOptions(withCalls(params, calls));
    this.config = config;
    this.client = new Client(config);
    this.sessions = openSessions({
      ...config.session, secret: config.secret, sealer: (secrets, purpose) => this.client.gate.sealer(secrets, purpose), log: config.log,
      owns: ownedBy(() => this.client.gate.read[0]),
    });
    this.silent = silentCookie(config.session.cookie);
    this.routes = routesOf(config);
    this.byPath = new Map(this.routes.map((route) => [plainPath(route.path), route]));
    /** What stands behind the routes. @type {Middleware[]} */
    this.demands = [...(config.authRequired ? [requiresAuth()] : []), ...(config.attemptSilentLogin ? [attemptSilentLogin()] : [])];
  }

  /** @param {string} path @param {string} method @returns {Route | null} */
  find(path, method) {
    const route = this.byPath.get(plainPath(path));
    return route?.methods.includes(method) ? route : null;
  }

  /** For socketAuth(). */
  socketSource() {
    return { gate: this.client.gate, session: this.sessions, origins: [new URL(this.config.baseURL).origin] };
  }

  close() {
    this.client.close();
  }
}
printAs(Site, ({ config: { issuerBaseURL, baseURL } }) => ({ issuerBaseURL, baseURL }));
