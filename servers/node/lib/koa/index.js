// SPDX-License-Identifier: Apache-2.0
// Sign-in for Koa 2 and 3, with the options of auth() for Express: see docs/koa.md.
import { demandsFor } from '../app/demands.js';
import { enter, HOST, passes, passesAll } from '../app/enter.js';
import { saveSession, sessionProperty } from '../app/session.js';
import { Site } from '../app/site.js';
import { KoaContext, KoaResponse } from './context.js';

/** @typedef {(ctx: any, next: () => Promise<any>) => Promise<any>} Middleware */

const property = sessionProperty((ctx) => ctx.oidc.visit);

/** ctx.state.user, for templates: read when somebody asks. @param {any} ctx */
function showUser(ctx) {
  Object.defineProperty(ctx.state, 'user', {
    enumerable: true, configurable: true, get: () => ctx.oidc.user,
    set(value) {
      Object.defineProperty(ctx.state, 'user', { value, enumerable: true, configurable: true, writable: true });
    },
  });
}

/** @param {Site} site @param {any} ctx */
async function open(site, ctx) {
  if (ctx.oidc) throw new Error('ctx.oidc is already set, did you run this middleware twice?');
  const visit = await site.sessions.visit(ctx.req, ctx.res);
  const res = new KoaResponse(ctx);
  enter(site, visit, ctx.req, res, { host: ctx, originalUrl: ctx.originalUrl, path: ctx.path });
  ctx.oidc = new KoaContext(ctx.req.oidc, res);
  Object.defineProperty(ctx, site.config.session.name, property);
  showUser(ctx);
  return { visit, res };
}

/** Called as for Express, with the context in place of request and response. @type {Record<string, (given: Function) => Function>} */
const calls = {
  afterCallback: (given) => (/** @type {any} */ req, /** @type {any} */ res, /** @type {any} */ session, /** @type {any} */ state) => given(res.ctx, session, state),
  getLoginState: (given) => (/** @type {any} */ req, /** @type {any} */ options) => given(req[HOST], options),
};

/**
 * @param {any} [params]
 * @returns {Middleware & {sessions: any, socketSource: () => any, close: () => void}}
 */
export function auth(params) {
  const site = new Site(params, calls);
  /** @type {Middleware} */
  const middleware = async (ctx, next) => {
    const { visit, res } = await open(site, ctx);
    const route = site.find(ctx.path, ctx.method);
    if (route) await route.act(res);
    else if (await passesAll(site, ctx.req, res)) await next();
    await saveSession(visit);
  };
  return Object.assign(middleware, { sessions: site.sessions, socketSource: () => site.socketSource(), close: () => site.close() });
}

export const { requiresAuth, claimEquals, claimIncludes, claimCheck, attemptSilentLogin } = demandsFor((middleware) => (
  /** @type {Middleware} */ async (ctx, next) => {
    if (!ctx.oidc) throw new Error('ctx.oidc is not found, did you use auth() before?');
    return await passes(middleware, ctx.req, ctx.oidc.res) ? next() : undefined;
  }));
