// SPDX-License-Identifier: Apache-2.0
// A Passport strategy without Passport: a request is made up, and whichever of its five actions the strategy calls is the answer.
import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Browser } from './browser.mjs';
import { asPerson } from './practice.mjs';

const ACTIONS = ['success', 'fail', 'redirect', 'pass', 'error'];
const ANSWER_MS = 15000;

/** A request as Express hands it on: with its response, or with a session, or with neither. */
export function makeRequest(url, { method = 'GET', headers = {}, session, response = true, body } = {}) {
  const { host, pathname, search } = new URL(url);
  const req = Readable.from([]);
  Object.assign(req, { method, url: `${pathname}${search}`, originalUrl: `${pathname}${search}`, httpVersion: '1.1' });
  req.headers = { host, ...headers };
  req.rawHeaders = Object.entries(req.headers).flat();
  req.socket = { remoteAddress: '127.0.0.1', encrypted: url.startsWith('https:') };
  req.connection = req.socket;
  if (session) req.session = session;
  if (body) req.body = body;
  if (response) req.res = new ServerResponse(req);
  return req;
}

/** What a strategy does with a request: {action, args}. Two actions, or none, are a failure. */
export function perform(strategy, req, options = {}) {
  return new Promise((done, fail) => {
    const instance = Object.create(strategy);
    const calls = [];
    const timer = setTimeout(fail, ANSWER_MS, new Error('the strategy did nothing'));
    for (const action of ACTIONS) {
      instance[action] = (...args) => {
        calls.push(action);
        clearTimeout(timer);
        if (calls.length > 1) fail(new Error(`the strategy called ${calls.join(' and ')}`));
        setTimeout(done, 5, { action, args, req });
      };
    }
    instance.authenticate(req, options);
  });
}

/** A browser at an application that has only a strategy. */
export class Visitor {
  /** options: origin of the application; session: true to keep cookies in a session in place of a response. */
  constructor(strategy, { origin = 'http://127.0.0.1:8123', session } = {}) {
    this.strategy = strategy;
    this.origin = origin;
    this.browser = new Browser();
    this.session = session;
  }

  /** Makes the request and keeps what its answer sets. */
  async request(path, options = {}, how = {}) {
    const url = new URL(path, this.origin);
    const cookie = this.browser.jar.header(url, { sameSite: true, topLevel: true, method: 'GET' });
    const req = makeRequest(url.href, { session: this.session, response: !this.session, ...how, headers: { ...(cookie && { cookie }), ...how.headers } });
    const done = await perform(this.strategy, req, options);
    for (const field of [req.res?.getHeader('set-cookie') ?? []].flat()) this.browser.jar.set(url, field);
    return done;
  }

  /** Begins a sign-in: the provider's authorization address. */
  async begin(options) {
    const done = await this.request('/login', options);
    if (done.action !== 'redirect') return done;
    return { ...done, url: new URL(done.args[0]) };
  }

  /** A person signs in at the provider: the address that it sends the browser back to. */
  async answer(authorization, who = 'ada', more = {}) {
    const answer = await this.browser.request(asPerson(who, more)(authorization));
    if (!answer.location) throw new Error(`the provider does not answer: ${answer}`);
    return answer.location;
  }

  /** A whole sign-in. */
  async signIn({ who, options, change = (url) => url } = {}) {
    const begun = await this.begin(options);
    if (begun.action !== 'redirect') return begun;
    return this.request(change(await this.answer(begun.url, who)).href, options);
  }
}
