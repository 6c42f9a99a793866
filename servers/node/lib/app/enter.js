// SPDX-License-Identifier: Apache-2.0
// A request of a framework other than Express, with what sign-in needs of it. It works on Node's own request, which is given the few
// things of Express that are missing, and on a response that the framework provides: setHeader, getHeader, hasHeader, headersSent, redirect.
import { RequestContext } from '../express/request.js';
import { ResponseContext } from '../express/response.js';

/** @typedef {import('./site.js').Site} Site */
/** @typedef {import('../session/index.js').Visit} Visit */

/** The framework's own request, where there is one. */
export const HOST = Symbol('gatewright.host');

/** In which form somebody who is not signed in is answered: a page is sent to sign in. The engine tells navigations in the same way. @this {any} */
function accepts() {
  const { upgrade, accept, 'x-requested-with': requestedWith, 'sec-purpose': purpose, 'sec-fetch-mode': mode } = this.headers;
  if (upgrade || requestedWith || /\bprefetch\b/i.test(purpose ?? '')) return false;
  if (mode) return mode === 'navigate' || mode === 'nested-navigate';
  return /\btext\/html\b/i.test(accept ?? '');
}

/** What goes wrong goes to who answers errors, so that nobody need wait for the promise. */
class AnsweringResponse extends ResponseContext {
  /** @param {() => Promise<void>} work */
  async attempt(work) {
    await super.attempt(work);
    return this.res.sent;
  }
}

/** What goes wrong is a refused promise, for a framework whose handlers wait. */
class PromisedResponse extends ResponseContext {
  /** @param {() => Promise<void>} work */
  attempt(work) {
    return work();
  }
}

/**
 * @param {Site} site
 * @param {Visit} visit
 * @param {any} req   Node's own
 * @param {any} res
 * @param {{host?: any, originalUrl: string, path: string, fail?: (error: any) => void}} how
 */
export function enter(site, visit, req, res, { host = req, originalUrl, path, fail }) {
  Object.assign(req, { originalUrl, path, accepts, [HOST]: host });
  req.oidc = new RequestContext(site, visit);
  res.oidc = fail ? new AnsweringResponse(site, visit, req, res, fail) : new PromisedResponse(site, visit, req, res, () => {});
}

/**
 * Does a middleware of Express let this request go on? It calls next at once, or answers.
 * @param {import('./site.js').Middleware} middleware
 * @param {any} req
 * @param {any} res
 * @returns {true | Promise<false>}
 */
export function passes(middleware, req, res) {
  let went = false;
  let failed;
  const answering = middleware(req, res, (error) => {
    went = true;
    failed = error;
  });
  if (failed) throw failed;
  return went || Promise.resolve(answering).then(() => false);
}

/** @param {Site} site @param {any} req @param {any} res @returns {Promise<boolean>} */
export async function passesAll(site, req, res) {
  for (const demand of site.demands) {
    const passed = passes(demand, req, res);
    if (passed !== true) return passed;
  }
  return true;
}
