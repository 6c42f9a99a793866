// SPDX-License-Identifier: Apache-2.0
// What the tests of oidc and of sockets have around them: a practice provider, ID Tokens to order, servers that go with the test.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Practice } from '../support/practice.mjs';

/** The frameworks are CommonJS, and installed for the tests. */
export const require = createRequire(import.meta.url);

export const SECRET = 'a secret for tests that is long enough to seal with';

/** A provider, with how to order its tokens. */
export async function startProvider(stage) {
  const practice = stage.add(await Practice.start(['--quiet']));
  /** An ID Token of ada for this client; `more` replaces claims, null takes one away. */
  practice.idToken = async (label = 'ok', more = {}, form = {}) => {
    const response = await practice.control(label, 'mint', {
      header: JSON.stringify({ typ: 'JWT', ...form.header }),
      claims: JSON.stringify({ aud: 'practice', scope: null, client_id: null, ...more }),
      ...(form.sign && { sign: form.sign }), ...(form.break && { break: form.break }),
    });
    return response.text();
  };
  return practice;
}

/** Listens on a port of its own; closes with the test, and all its connections. */
export async function listen(t, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  t.after(() => new Promise((done) => {
    server.close(done);
    for (const socket of sockets) socket.destroy();
  }));
  return server.address().port;
}

/** A server that has a port before its application is made: the callback's address is known then. */
export async function openServer(t) {
  const server = createServer();
  const port = await listen(t, server);
  return { server, port, origin: `http://127.0.0.1:${port}` };
}

/** A log that can be read. */
export function keepLog() {
  const lines = [];
  return { lines, log: (level, line) => lines.push(`${level} ${line}`) };
}

export const seconds = () => Math.floor(Date.now() / 1000);
