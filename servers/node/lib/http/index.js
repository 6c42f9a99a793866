// SPDX-License-Identifier: Apache-2.0
// Sign-in for plain node:http, with the options of auth() for Express: see docs/koa.md.
//
//     const signIn = auth({ issuerBaseURL, baseURL, clientID, clientSecret, secret });
//     createServer(signIn((req, res) => res.end(`Hello ${req.oidc.user.name}`)));
import { STATUS_CODES } from 'node:http';
import { demandsFor } from '../app/demands.js';
import { enter, passesAll } from '../app/enter.js';
import { sessionProperty } from '../app/session.js';
import { Site } from '../app/site.js';
import { NodeResponse } from './response.js';

/**
 * @typedef {import('node:http').IncomingMessage & {oidc?: any, [name: string]: any}} Request
 * @typedef {import('node:http').ServerResponse & {oidc?: any}} Response
 * @typedef {(req: Request, res: Response) => any} Handler
 * @typedef {(error: any, req: Request, res: Response) => void} OnError
 */

/** A refusal has been logged already, with its cause; a person is told little. @type {OnError} */
function answerError(error, req, res) {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const status = error.statusCode >= 400 && error.statusCode < 600 ? error.statusCode : 500;
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...error.headers }).end(`${STATUS_CODES[status]}\n`);
}

/** @param {string} url */
const pathOf = (url) => url.split('?', 1)[0];

const property = sessionProperty((req) => req.oidc.visit);

/**
 * @param {Site} site
 * @param {Request} req
 * @param {Response} res
 * @param {OnError} onError
 * @returns {Promise<boolean>} true: the handler's turn
 */
async function decide(site, req, res, onError) {
  if (req.oidc) throw new Error('req.oidc is already set, does auth() wrap this handler twice?');
  const visit = await site.sessions.visit(req, res);
  const fail = (/** @type {any} */ error) => onError(error, req, res);
  visit.onFailure = fail;
  const dressed = new NodeResponse(res);
  const url = req.url ?? '/';
  enter(site, visit, req, dressed, { originalUrl: url, path: pathOf(url), fail });
  res.oidc = dressed.oidc;
  Object.defineProperty(req, site.config.session.name, property);
  const route = site.find(pathOf(url), req.method ?? 'GET');
  if (!route) return passesAll(site, req, dressed);
  await route.act(dressed);
  return false;
}

/**
 * What signs people in, and then hands over to a handler: auth(options)(handler, onError?).
 * @param {any} [params]  the options of auth() for Express
 */
export function auth(params) {
  const site = new Site(params);
  /** @param {Handler} handler @param {OnError} [onError] */
  const wrap = (handler, onError = answerError) => {
    if (typeof handler !== 'function') throw new TypeError('auth(options)(handler): the handler is a function (req, res), for who may pass');
    return (/** @type {Request} */ req, /** @type {Response} */ res) => {
      decide(site, req, res, onError).then(
        (goOn) => goOn && process.nextTick(handler, req, res),
        (error) => process.nextTick(onError, error, req, res),
      );
    };
  };
  return Object.assign(wrap, { sessions: site.sessions, socketSource: () => site.socketSource(), close: () => site.close() });
}

/** They are called with (req, res, next): next() goes on, next(error) says why not. */
export const { requiresAuth, claimEquals, claimIncludes, claimCheck, attemptSilentLogin } = demandsFor((middleware) => (
  /** @type {Request} */ req, /** @type {any} */ res, /** @type {(error?: any) => void} */ next) => {
  const answering = middleware(req, res, next);
  answering?.then?.(undefined, next);
});
