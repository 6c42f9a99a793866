// SPDX-License-Identifier: Apache-2.0
// Sign-in for Fastify 5, with the options of auth() for Express: see docs/fastify.md.
//
//     await fastify.register(auth, { issuerBaseURL, baseURL, clientID, clientSecret, secret });
//     fastify.get('/', (request) => `Hello ${request.oidc.user.name}`);
import { demandsFor } from '../app/demands.js';
import { enter, HOST, passes, passesAll } from '../app/enter.js';
import { saveSession, sessionProperty } from '../app/session.js';
import { Site } from '../app/site.js';
import { FastifyResponse } from './response.js';

/** @typedef {(request: any, reply: any, done: (error?: any) => void) => void} Hook */

const OWN_ROUTE = Symbol('gatewright.route');
const RESPONSE = Symbol('gatewright.response');
const FORM = 'application/x-www-form-urlencoded';
const FORM_MAX = 64 * 1024;

/** Called as for Express, with Fastify's request and reply. @type {Record<string, (given: Function) => Function>} */
const calls = {
  afterCallback: (given) => (/** @type {any} */ req, /** @type {any} */ res, /** @type {any} */ session, /** @type {any} */ state) => given(req[HOST], res.reply, session, state),
  getLoginState: (given) => (/** @type {any} */ req, /** @type {any} */ options) => given(req[HOST], options),
};

/** @param {Site} site @param {any} request @param {any} reply */
async function open(site, request, reply) {
  const visit = await site.sessions.visit(request.raw, reply.raw);
  const res = new FastifyResponse(reply);
  const { originalUrl } = request;
  enter(site, visit, request.raw, res, {
    host: request, originalUrl, path: originalUrl.split('?', 1)[0], fail: (/** @type {any} */ error) => reply.send(error),
  });
  request.oidc = request.raw.oidc;
  reply.oidc = res.oidc;
  reply[RESPONSE] = res;
  return request.routeOptions.config?.[OWN_ROUTE] ? true : passesAll(site, request.raw, res);
}

/** Goes on with done(), or does not when there is an answer already. @param {Promise<boolean>} passing @param {(error?: any) => void} done */
function settle(passing, done) {
  passing.then((goOn) => goOn && done(), done);
}

/** @param {any} fastify @param {Site} site */
function addRoutes(fastify, site) {
  // In a context of its own: its parser of forms is nobody else's.
  fastify.register(async (/** @type {any} */ inner) => {
    if (inner.hasContentTypeParser(FORM)) inner.removeContentTypeParser(FORM);
    inner.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: FORM_MAX }, (/** @type {any} */ request, /** @type {string} */ body, /** @type {any} */ done) => done(null, body));
    for (const { path, methods, act } of site.routes) {
      inner.route({
        method: methods.filter((each) => each !== 'HEAD'), url: path, config: { [OWN_ROUTE]: true }, exposeHeadRoute: methods.includes('HEAD'),
        handler: (/** @type {any} */ request, /** @type {any} */ reply) => {
          request.raw.body = request.body ?? undefined;
          return act(reply[RESPONSE]);
        },
      });
    }
  });
}

/** @param {any} fastify @param {Site} site */
function decorate(fastify, site) {
  const { get, set } = sessionProperty((request) => request.oidc.visit);
  fastify.decorateRequest('oidc', null);
  fastify.decorateRequest(site.config.session.name, { getter: get, setter: set });
  fastify.decorateReply('oidc', null);
  fastify.decorateReply(RESPONSE, null);
  fastify.decorate('requiresAuth', requiresAuth());
  fastify.decorate('oidc', { sessions: site.sessions, socketSource: () => site.socketSource() });
}

/**
 * @param {any} fastify
 * @param {any} options
 */
async function plugin(fastify, { prefix: _prefix, logLevel: _logLevel, logSerializers: _logSerializers, ...params }) {
  const site = new Site(params, calls);
  decorate(fastify, site);
  fastify.addHook('onRequest', (/** @type {any} */ request, /** @type {any} */ reply, /** @type {any} */ done) => settle(open(site, request, reply), done));
  fastify.addHook('onSend', async (/** @type {any} */ request) => {
    if (request.oidc) await saveSession(request.oidc.visit);
  });
  fastify.addHook('onClose', async () => site.close());
  addRoutes(fastify, site);
}

/** The plugin: it signs people in for the context that it is registered in. */
export const auth = Object.assign(plugin, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'gatewright' });
export default auth;

/** Hooks: { preHandler: requiresAuth() }. */
export const { requiresAuth, claimEquals, claimIncludes, claimCheck, attemptSilentLogin } = demandsFor((middleware) => (
  /** @type {Hook} */ (request, reply, done) => {
    if (!request.oidc) return done(new Error('request.oidc is not found, did you register auth?'));
    return settle(Promise.resolve().then(() => passes(middleware, request.raw, reply[RESPONSE])), done);
  }));
