// SPDX-License-Identifier: Apache-2.0
// auth(): the session, req.oidc, res.oidc and the routes for sign-in, as one middleware for Express 4 and 5.
import { sessionProperty } from '../app/session.js';
import { Site } from '../app/site.js';
import { Added } from './added.js';
import { RequestContext } from './request.js';
import { ResponseContext } from './response.js';

/** @typedef {import('./gates.js').Middleware} Middleware */

/**
 * What this auth() has put on a request, of several that it has been through.
 * @param {any} req
 * @param {Site} site
 */
function contextOf({ oidc }, site) {
  let context = oidc;
  while (context.site !== site) context = context.before;
  return context;
}

/** One demand after the other. @param {Middleware[]} demands @returns {Middleware} */
function inOrder([first, ...rest]) {
  if (!first) return (req, res, next) => next();
  if (rest.length === 0) return first;
  const then = inOrder(rest);
  return (req, res, next) => first(req, res, (error) => (error ? next(error) : then(req, res, next)));
}

/** Routes as Express's own router lists them, for those who look. @param {import('../app/site.js').Route[]} routes */
function listed(routes) {
  return routes.map(({ path, methods }) => ({ route: { path, methods: Object.fromEntries(methods.map((each) => [each.toLowerCase(), true])) } }));
}

/**
 * @param {any} [params]  see docs/express.md
 * @returns {Middleware & Record<'get' | 'post' | 'put' | 'patch' | 'delete' | 'all', (path: string, ...handlers: Middleware[]) => any> & {stack: any[], close: () => void}}
 */
export function auth(params) {
  const site = new Site(params);
  const { config, sessions } = site;
  const { name } = config.session;
  const added = new Added();
  const demand = inOrder([...site.demands, (req, res, next) => added.run(req, res, next)]);
  const property = sessionProperty((req) => contextOf(req, site).visit);

  /** @param {import('../session/index.js').Visit} visit @param {any} req @param {any} res @param {(error?: any) => void} next */
  const enter = (visit, req, res, next) => {
    visit.onFailure = next;
    req.oidc = new RequestContext(site, visit, req.oidc);
    res.oidc = new ResponseContext(site, visit, req, res, next);
    Object.defineProperty(req, name, property);
    const route = site.find(req.path, req.method);
    return route ? route.act(res) : demand(req, res, next);
  };

  /** @type {Middleware} */
  const middleware = (req, res, next) => {
    if (Object.hasOwn(req, name)) return next(new Error(`req[${name}] is already set, did you run this middleware twice?`));
    const visit = sessions.visit(req, res);
    return visit instanceof Promise ? visit.then((found) => enter(found, req, res, next)).catch(next) : enter(visit, req, res, next);
  };
  Object.assign(middleware, { stack: listed(site.routes), sessions, socketSource: () => site.socketSource(), close: () => site.close() });
  return added.methodsFor(middleware);
}

/** For stores that are made with the middleware that uses them: `const MemoryStore = memorystore(auth)`. */
auth.Store = function Store() {};
