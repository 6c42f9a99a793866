// SPDX-License-Identifier: Apache-2.0
// What auth() answers can be given places of the application's own, as a router of Express can: auth({...}).get('/login', handler).
// Whole paths only: what has parameters or patterns in it is for app.get() and its like.
import { plainPath } from '../app/paths.js';

/** @typedef {import('./gates.js').Middleware} Middleware */

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'all'];

/** @param {any} path @param {any[]} handlers @param {string} who */
function check(path, handlers, who) {
  if (typeof path !== 'string' || !path.startsWith('/') || /[:*(){}?+[\]!]/.test(path)) {
    throw new TypeError(`auth().${who}() takes a whole path, such as "/login": for anything else, use the application's own ${who}()`);
  }
  if (handlers.length === 0 || !handlers.every((each) => typeof each === 'function')) throw new TypeError(`auth().${who}() expects functions behind the path`);
}

export class Added {
  constructor() {
    /** @type {{path: string, method: string, handler: Middleware}[]} */
    this.places = [];
  }

  /** get(), post() and their like, for the object that stands for all of this. @param {any} target */
  methodsFor(target) {
    for (const name of METHODS) {
      target[name] = (/** @type {any} */ path, /** @type {any[]} */ ...handlers) => {
        check(path, handlers, name);
        for (const handler of handlers.flat()) this.places.push({ path: plainPath(path), method: name.toUpperCase(), handler });
        return target;
      };
    }
    return target;
  }

  /** One after the other, those that are meant by this request; then what stands behind. @param {any} req @param {any} res @param {(error?: any) => void} next */
  run(req, res, next) {
    if (this.places.length === 0) return next();
    const path = plainPath(req.path);
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    const meant = this.places.filter((place) => place.path === path && (place.method === method || place.method === 'ALL'));
    return follow(meant.map(({ handler }) => handler), req, res, next);
  }
}

/** @param {Middleware[]} handlers @param {any} req @param {any} res @param {(error?: any) => void} next @returns {any} */
function follow([first, ...rest], req, res, next) {
  if (!first) return next();
  const go = (/** @type {any} */ error) => (error ? next(error) : follow(rest, req, res, next));
  try {
    const answer = first(req, res, go);
    return typeof answer?.then === 'function' ? answer.then(undefined, next) : answer;
  } catch (error) {
    return next(error);
  }
}
