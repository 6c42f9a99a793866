// SPDX-License-Identifier: Apache-2.0
// Bearer tokens for Express, Restify, Fastify, Koa and node:http: see docs/bearer.md.
import { Resource } from './resource.js';

export { claimCheck, claimEquals, claimIncludes, requiredScopes, scopeIncludesAny } from './demand.js';
export { InsufficientScopeError, InvalidRequestError, InvalidTokenError, UnauthorizedError } from './error.js';

/**
 * @typedef {((a: any, b: any, c?: any) => any) & {gate: any, rule: any, close: () => void}} Bearer
 */

/**
 * A middleware that lets in who shows a good token. It serves each framework: app.use() of Express, Restify and Koa, a hook of Fastify.
 * @param {import('./options.js').BearerOptions & Record<string, any>} [options]
 * @returns {Bearer}
 */
export function bearer(options = {}) {
  const resource = new Resource(options);
  // Three named arguments: Fastify and Restify take a function of two for an asynchronous one.
  const middleware = (/** @type {any} */ a, /** @type {any} */ b, /** @type {any} */ c) => resource.handle(a, b, c);
  return Object.assign(middleware, { gate: resource.gate, rule: resource.rule, close: () => resource.close() });
}

/**
 * The same as a plugin of Fastify: `fastify.register(bearer.fastify, {...})` protects all routes of the context that it is registered in.
 * @param {any} fastify
 * @param {any} options
 */
async function plugin(fastify, { prefix: _prefix, logLevel: _logLevel, logSerializers: _logSerializers, ...options }) {
  const resource = new Resource(options);
  for (const name of ['auth', 'user']) if (!fastify.hasRequestDecorator(name)) fastify.decorateRequest(name, null);
  fastify.addHook(resource.setting.readsForm ? 'preHandler' : 'onRequest', (/** @type {any} */ a, /** @type {any} */ b, /** @type {any} */ c) => resource.handle(a, b, c));
  fastify.addHook('onClose', async () => resource.close());
}

/** Under the name that express-oauth2-jwt-bearer gives it. */
export { bearer as auth };

bearer.fastify = Object.assign(plugin, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'gatewright-bearer' });
