// SPDX-License-Identifier: Apache-2.0
// auth(): the session, req.oidc, res.oidc and the routes for sign-in, as one middleware for Express 4 and 5.
import { sessionAccess } from '../app/session.js';
import { Site } from '../app/site.js';
import { requestProperty, responseProperty } from '../property.js';
import { Added } from './added.js';
import { RequestContext } from './request.js';
import { ResponseContext } from './response.js';

/** @typedef {import('./gates.js').Middleware} Middleware */

const requestContext = requestProperty('oidc');
const responseContext = responseProperty('oidc');

/** By the name of the session's cookie. @type {Map<string, ReturnType<typeof requestProperty>>} */
const sessionsByName = new Map();

/** @param {string} name */
function sessionNamed(name) {
  const property = sessionsByName.get(name) ?? requestProperty(name, sessionAccess);
  sessionsByName.set(name, property);
  return property;
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
  const session = sessionNamed(name);

  /** @param {import('../session/index.js').Visit} visit @param {any} req @param {any} res @param {(error?: any) => void} next */
  const enter = (visit, req, res, next) => {
    visit.onFailure = next;
    requestContext.put(req, new RequestContext(site, visit));
    responseContext.put(res, new ResponseContext(site, visit, req, res, next));
    session.put(req, visit);
    const route = site.find(req.path, req.method);
    return route ? route.act(res) : demand(req, res, next);
  };

  /** @type {Middleware} */
  const middleware = (req, res, next) => {
    if (session.has(req)) return next(new Error(`req[${name}] is already set, did you run this middleware twice?`));
    const visit = sessions.visit(req, res);
    return visit instanceof Promise ? visit.then((found) => enter(found, req, res, next)).catch(next) : enter(visit, req, res, next);
  };
  Object.assign(middleware, { stack: listed(site.routes), sessions, socketSource: () => site.socketSource(), close: () => site.close() });
  return added.methodsFor(middleware);
}

/** For stores that are made with the middleware that uses them: `const MemoryStore = memorystore(auth)`. */
auth.Store = function Store() {};
