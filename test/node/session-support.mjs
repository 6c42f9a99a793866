// SPDX-License-Identifier: Apache-2.0
// What the tests of sessions share: a sealer of the engine's, a small server around one session, a client with a jar, stores.
import { createServer } from 'node:http';
import { Browser } from '../support/browser.mjs';
import { pause } from '../support/place.mjs';
import { openSessions } from '../../servers/node/lib/session/index.js';
import { openSealer as sealer } from '../../servers/node/lib/sealer.js';

export { sealer };

export const SECRET = 'a-secret-for-tests-of-thirty-two-bytes-and-more';
export const DAY = 86400;

/** An ID Token as it stands in a session: nobody looks at its signature there. */
export function idToken(claims, filling = 0) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part({ iss: 'https://op.example', exp: 9e9, ...claims, ...(filling && { filling: 'x'.repeat(filling) }) })}.${'s'.repeat(342)}`;
}

/** A server that stops with the test file's stage. */
export async function serve(stage, listener) {
  const server = createServer(listener);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  stage.add({ stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) });
  return `http://127.0.0.1:${port}`;
}

/**
 * Node's own server with a session: each place of `places` is (visit, req, res, url). A store that is down is answered with its status.
 * Tells what was logged.
 */
export async function site(stage, options, places = {}) {
  const log = [];
  const sessions = openSessions({ secret: SECRET, sealer, log: (level, line) => log.push(`${level} ${line}`), ...options });
  const all = { ...usual, ...places };
  const origin = await serve(stage, async (req, res) => {
    const url = new URL(req.url, 'http://localhost');
    try {
      await all[url.pathname](await sessions.visit(req, res), req, res, url);
    } catch (error) {
      res.writeHead(error.status ?? 500, error.headers).end(JSON.stringify({ id: error.id, message: error.message }));
    }
  });
  return { origin, sessions, log };
}

const json = (res, value) => res.setHeader('Content-Type', 'application/json').end(JSON.stringify(value ?? null));

export const usual = {
  '/see': (visit, req, res) => json(res, visit.peek()),
  '/in': async (visit, req, res, url) => {
    const sub = url.searchParams.get('sub') ?? 'ada';
    await visit.begin({ ...visit.peek(), id_token: idToken({ sub }, Number(url.searchParams.get('filling') ?? 0)), sub });
    res.writeHead(302, { Location: '/see' }).end();
  },
  '/out': async (visit, req, res) => {
    await visit.end();
    res.writeHead(302, { Location: '/see' }).end();
  },
  '/count': (visit, req, res) => {
    visit.data.count = (visit.data.count ?? 0) + 1;
    json(res, visit.peek());
  },
  '/slow': async (visit, req, res, url) => {
    if (url.searchParams.get('write')) visit.data.slow = true;
    else visit.peek();
    await pause(Number(url.searchParams.get('ms') ?? 100));
    json(res, visit.peek());
  },
};

/** A client that follows nothing and keeps cookies. */
export class Client {
  constructor(origin, browser = new Browser()) {
    this.origin = origin;
    this.browser = browser;
  }

  get(path, how) {
    return this.browser.request(this.origin + path, how);
  }

  async see(path = '/see') {
    return (await this.get(path)).json;
  }

  cookies(pattern = /./) {
    return this.browser.jar.find(pattern).map((cookie) => cookie.name).sort();
  }
}

/** A store in memory as express-session knows them, whose operations take time, and which can be down. */
export class SlowStore {
  constructor(ms = 0, readMs = ms) {
    this.ms = ms;
    this.readMs = readMs;
    this.rows = new Map();
    this.asked = [];
    this.down = new Set();
  }

  later(what, id, callback, work) {
    this.asked.push(`${what} ${id}`);
    setTimeout(() => {
      if (this.down.has(what)) return callback?.(Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' }));
      const answer = work();
      return callback?.(null, answer);
    }, what === 'get' ? this.readMs : this.ms);
  }

  get(id, callback) {
    this.later('get', id, callback, () => this.rows.has(id) ? JSON.parse(this.rows.get(id)) : undefined);
  }

  set(id, row, callback) {
    const text = JSON.stringify(row);
    this.later('set', id, callback, () => void this.rows.set(id, text));
  }

  destroy(id, callback) {
    this.later('destroy', id, callback, () => void this.rows.delete(id));
  }

  /** Rows that are sessions, not marks. */
  get sessions() {
    return [...this.rows].filter(([id]) => !id.startsWith('ended-')).map(([id, text]) => [id, JSON.parse(text)]);
  }
}
