// SPDX-License-Identifier: Apache-2.0
// The middleware for Express and Restify. Both have Node's own requests and responses; they differ in how a chain of handlers ends.
import { Refusal } from '../errors.js';
import { sessionOfUser, userOfCallback, userOfSession, userOfToken } from './user.js';

/**
 * @typedef {import('./auth.js').Auth} Auth
 * @typedef {import('node:http').IncomingMessage & {originalUrl?: string, cookies?: any, body?: any, user?: any}} Request
 * @typedef {import('node:http').ServerResponse & {redirect?: Function}} Response
 * @typedef {(argument?: any) => void} Next
 * @typedef {{user: import('./user.js').User, headers?: [string, string][]} | {answer: any}} Outcome
 */

/** @param {Request} req */
const targetOf = (req) => req.originalUrl ?? req.url ?? '/';

/** @param {Auth} auth @param {Request} req */
const isCallback = (auth, req) => targetOf(req).split('?')[0] === auth.callbackPath;

/** @param {Request} req */
const isNavigation = (req) => req.method === 'GET' || req.method === 'HEAD';

/** None where this application keeps no sessions. @param {Auth} auth @param {Request} req @param {Response} res */
const visitOf = (auth, req, res) => (auth.keepsSession(req) ? auth.sessions?.visit(req, res) : undefined);

/** @param {Auth} auth @param {Request} req @param {Response} res @returns {Promise<Outcome>} */
async function finishSignIn(auth, req, res) {
  const verdict = await auth.gate.callback(auth.gate.request(req));
  if (!verdict.pass || !verdict.idToken) return { answer: verdict };
  const user = userOfCallback(verdict);
  const visit = await visitOf(auth, req, res);
  await visit?.begin(sessionOfUser(user));
  return { user, headers: verdict.headers };
}

/** @param {Auth} auth @param {Request} req @param {Response} res */
async function findSession(auth, req, res) {
  const visit = await visitOf(auth, req, res);
  const data = visit?.peek();
  return data?.id_token ? userOfSession(data) : null;
}

/** An address with a token in it is neither to be kept by caches (RFC 6750 2.3) nor to be told to the sites that the page links to. @param {Request} req @returns {[string, string][]} */
function caution(req) {
  return req.headers.authorization ? [] : [['Cache-Control', 'private'], ['Referrer-Policy', 'no-referrer']];
}

/**
 * A token that came is never passed over: a bad one is a refusal, whatever else the request has.
 * @param {Auth} auth @param {Request} req @param {Response} res @param {{redirectToOidc?: boolean}} how
 * @returns {Promise<Outcome>}
 */
async function decide(auth, req, res, how) {
  if (isCallback(auth, req)) return finishSignIn(auth, req, res);
  const request = auth.gate.request(req);
  const verdict = await auth.gate.guard(request, auth.rule);
  if (verdict.pass && verdict.signedIn) return { user: userOfToken(verdict.accessToken ?? '', undefined, verdict.claims), headers: [...verdict.headers, ...caution(req)] };
  if (verdict.refusal !== 'bearer_missing') return { answer: verdict };
  const user = await findSession(auth, req, res);
  if (user) return { user };
  if (how.redirectToOidc && isNavigation(req)) return { answer: await auth.gate.signIn(request, { returnTo: targetOf(req) }) };
  return { answer: verdict };
}

/** Cookies of the response's own stay. Nothing is added where the application has answered meanwhile. @param {Response} res @param {[string, string][]} [headers] */
function addHeaders(res, headers = []) {
  if (res.headersSent) return;
  for (const [name, value] of headers) res.appendHeader(name, value);
}

/** @param {Response} res @param {any} verdict */
function send(res, verdict) {
  if (res.headersSent) return;
  res.statusCode = verdict.status;
  addHeaders(res, verdict.headers);
  res.end(verdict.body);
}

/** What broke is no refusal, and no reason to let anybody in. @param {any} error */
function asError(error) {
  return error?.status ? error : Object.assign(new Refusal('internal'), { cause: error });
}

/** Browsers say from where a request comes, and no page can change it (Fetch Metadata 2.1): another site's page signs nobody out. */
const FOREIGN = {
  status: 403, headers: [['Content-Type', 'text/plain; charset=utf-8'], ['Cache-Control', 'no-store']],
  body: 'Another site asked to sign you out. Open this site itself to do so.\n',
};

/** Signs out here and at the provider. @param {Auth} auth @param {Request} req @param {Response} res @param {{returnTo?: string}} how @returns {Promise<Outcome>} */
async function leave(auth, req, res, how) {
  if (req.headers['sec-fetch-site'] === 'cross-site') return { answer: FOREIGN };
  const visit = auth.sessions && await auth.sessions.visit(req, res);
  const idToken = visit?.peek()?.id_token;
  await visit?.end();
  return { answer: await auth.gate.signOut(auth.gate.request(req), { ...(idToken && { idToken }), ...how }) };
}

class Middleware {
  /** @param {Auth} auth */
  constructor(auth) {
    if (!auth?.gate || !auth.rule) throw new TypeError(`oidc.middleware.${new.target.name}: give it an oidc.Auth`);
    this.owner = auth;
  }

  /**
   * Answers what stands in front of a handler. It sets req.user, or answers 401; with redirectToOidc it sends people to sign in. At the address
   * of callbackURL it finishes a sign-in.
   * @param {{redirectToOidc?: boolean}} [how]
   */
  auth(how = {}) {
    return this.handler((req, res) => decide(this.owner, req, res, how));
  }

  /**
   * Answers a handler that ends the session, and then signs out at the provider.
   * @param {{returnTo?: string}} [how] an address that the provider knows
   */
  logout(how = {}) {
    return this.handler((req, res) => leave(this.owner, req, res, how));
  }

  /** The next handler runs on its own: what it throws is its own fault, and none of ours. @param {(req: Request, res: Response) => Promise<Outcome>} act */
  handler(act) {
    return (/** @type {Request} */ req, /** @type {Response} */ res, /** @type {Next} */ next) => {
      act(req, res).then((outcome) => this.carryOut(outcome, req, res, next), (error) => process.nextTick(next, asError(error)));
    };
  }

  /** @param {Outcome} outcome @param {Request} req @param {Response} res @param {Next} next */
  carryOut(outcome, req, res, next) {
    if ('answer' in outcome) {
      send(res, outcome.answer);
      this.afterAnswer(next);
      return;
    }
    addHeaders(res, outcome.headers);
    req.user = outcome.user;
    process.nextTick(next);
  }

  /** @param {Next} next */
  afterAnswer(next) {
    void next;
  }
}

export class Express extends Middleware {}

/** Restify counts a request as open until it hears next(false). */
export class Restify extends Middleware {
  /** @override @param {Next} next */
  afterAnswer(next) {
    next(false);
  }
}
