// SPDX-License-Identifier: Apache-2.0
// An HTTP client that sends what a browser sends: cookies by SameSite, Sec-Fetch-*, Origin; each request on a connection of its
// own, redirects in view. HTTP/2 towards the origins that are named for it.
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { Jar } from './jar.mjs';

const HOPS_MAX = 20;
const REQUEST_MS = 30000;
const PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** How the initiator of a request stands to its target: Fetch Metadata 2.1.4. Sites know no ports. */
function relation(initiator, url) {
  if (!initiator) return 'none';
  if (initiator.origin === url.origin) return 'same-origin';
  return initiator.hostname === url.hostname && initiator.protocol === url.protocol ? 'same-site' : 'cross-site';
}

function isTrustworthy(url) {
  return url.protocol === 'https:' || url.hostname === 'localhost' || url.hostname.startsWith('127.');
}

export class Answer {
  constructor(url, status, headers, body, request) {
    this.url = url;
    this.status = status;
    this.headers = headers; // names in lower case; set-cookie is an array
    this.body = body;
    this.request = request;
    this.history = [];
  }

  get text() {
    return this.body.toString('utf8');
  }

  /** What a person reads. */
  get words() {
    return unescapeHtml(this.text.replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();
  }

  get links() {
    return [...this.text.matchAll(/<a\b[^>]*>/gi)].map(([tag]) => attribute(tag, 'href'));
  }

  get json() {
    return JSON.parse(this.text);
  }

  get location() {
    return this.headers.location && new URL(this.headers.location, this.url);
  }

  get cookies() {
    return this.headers['set-cookie'] ?? [];
  }

  toString() {
    return `${this.request.method} ${this.url} -> ${this.status} ${this.headers.location ?? this.words.slice(0, 300)}`;
  }
}

/** One request by HTTP/1.1. */
function exchange1(url, { method, headers, body, ca }) {
  return new Promise((done, fail) => {
    const secure = url.protocol === 'https:';
    const request = (secure ? https : http).request(url, {
      method, headers, agent: false, timeout: REQUEST_MS, ...(secure && { ca, rejectUnauthorized: Boolean(ca) }),
    }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part)).on('error', fail);
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url} within ${REQUEST_MS} ms`)));
    request.on('error', fail);
    if (body instanceof Function) body(request);
    else request.end(body);
  });
}

/** One request by HTTP/2, on a connection of its own. */
function exchange2(url, { method, headers, body, ca }) {
  return new Promise((done, fail) => {
    const session = http2.connect(url.origin, { ca, rejectUnauthorized: Boolean(ca) }).on('error', fail);
    const { host, connection, ...fields } = headers;
    const stream = session.request({ ':method': method, ':path': url.pathname + url.search, ':authority': host ?? url.host, ...fields });
    const parts = [];
    let head;
    stream.on('response', (got) => { head = got; }).on('data', (part) => parts.push(part)).on('error', fail);
    stream.on('end', () => {
      session.close();
      const kept = Object.fromEntries(Object.entries(head).filter(([name]) => !name.startsWith(':')));
      done({ status: head[':status'], headers: kept, body: Buffer.concat(parts) });
    });
    stream.end(body);
  });
}

export class Browser {
  /** options: jar; ca (PEM) of https; http2: origins that speak it; agent: User-Agent */
  constructor(options = {}) {
    this.jar = options.jar ?? new Jar();
    this.ca = options.ca;
    this.http2 = new Set(options.http2 ?? []);
    this.location = null; // the page that is shown
    this.adjust = (url) => url; // a look at each redirect's target before it is followed
  }

  /**
   * One request, no redirect followed. how: method, headers, body; mode (navigate, cors, no-cors, websocket); from: the URL of
   * the page that asks (null: typed in, or a bookmark); sameSite: what SameSite cookies go by.
   */
  async request(target, how = {}) {
    const url = new URL(target);
    const method = how.method ?? 'GET';
    const mode = how.mode ?? 'navigate';
    const from = how.from === undefined ? null : how.from && new URL(how.from);
    const site = how.site ?? relation(from, url);
    const headers = { host: url.host, ...this.fetchHeaders(url, mode, site, method, from), ...how.headers };
    const cookies = this.jar.header(url, { sameSite: site !== 'cross-site', topLevel: mode === 'navigate', method });
    if (cookies && !('cookie' in headers)) headers.cookie = cookies;
    for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
    const exchange = this.http2.has(url.origin) ? exchange2 : exchange1;
    const got = await exchange(url, { method, headers, body: how.body, ca: this.ca });
    for (const field of got.headers['set-cookie'] ?? []) this.jar.set(url, field);
    return new Answer(url, got.status, got.headers, got.body, { method, headers });
  }

  fetchHeaders(url, mode, site, method, from) {
    const headers = { accept: mode === 'navigate' ? PAGE : '*/*', 'user-agent': 'Mozilla/5.0 (test)' };
    if (isTrustworthy(url)) {
      Object.assign(headers, { 'sec-fetch-mode': mode, 'sec-fetch-site': site, 'sec-fetch-dest': mode === 'navigate' ? 'document' : 'empty' });
      if (mode === 'navigate') headers['sec-fetch-user'] = '?1';
    }
    if (from && (method !== 'GET' || mode === 'cors') && method !== 'HEAD') headers.origin = from.origin;
    return headers;
  }

  /** A navigation to its end. What the browser shows then is its location. */
  async open(target, how = {}) {
    const history = [];
    let url = new URL(target);
    let next = { ...how, mode: 'navigate' };
    for (let hop = 0; hop < HOPS_MAX; hop++) {
      const answer = await this.request(url, next);
      history.push(answer);
      if (![301, 302, 303, 307, 308].includes(answer.status) || !answer.location) {
        answer.history = history;
        this.location = answer.url;
        return answer;
      }
      next = this.redirected(answer, next);
      url = this.adjust(answer.location);
    }
    throw new Error(`more than ${HOPS_MAX} redirects:\n${history.join('\n')}`);
  }

  /** A chain of redirects is as far away as its farthest member: Fetch Metadata 2.1.4. */
  redirected(answer, how) {
    const keeps = answer.status === 307 || answer.status === 308;
    const target = answer.location;
    const before = how.site ?? relation(how.from ? new URL(how.from) : null, answer.url);
    const order = ['none', 'same-origin', 'same-site', 'cross-site'];
    const step = before === 'none' ? 'none' : relation(answer.url, target);
    const site = order[Math.max(order.indexOf(before), order.indexOf(step))];
    return keeps ? { ...how, site } : { mode: 'navigate', from: how.from, site, headers: how.redirectHeaders };
  }

  /** Sends the first form of a page, with what its fields hold; `fields` add or replace. */
  submit(answer, fields = {}) {
    const form = readForm(answer);
    const body = new URLSearchParams({ ...form.fields, ...fields }).toString();
    if (form.method !== 'post') return this.open(`${form.action}?${body}`, { from: answer.url });
    return this.open(form.action, {
      method: 'POST', from: answer.url, body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(Buffer.byteLength(body)) },
    });
  }
}

function unescapeHtml(text) {
  const names = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => names[name]);
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i'));
  return found ? unescapeHtml(found[1] ?? found[2] ?? found[3]) : undefined;
}

/** The first form of a page: where it leads, how, and its hidden fields. */
export function readForm(answer) {
  const found = answer.text.match(/<form\b[^>]*>([\s\S]*?)<\/form>/i);
  if (!found) throw new Error(`no form on the page: ${answer}`);
  const fields = {};
  for (const [tag] of found[1].matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(tag, 'name');
    if (name) fields[name] = attribute(tag, 'value') ?? '';
  }
  const head = found[0].slice(0, found[0].indexOf('>') + 1);
  return {
    method: (attribute(head, 'method') ?? 'get').toLowerCase(),
    action: new URL(attribute(head, 'action') ?? '', answer.url),
    fields,
  };
}
