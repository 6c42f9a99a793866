// SPDX-License-Identifier: Apache-2.0
// One process of the server under test: opens its sites and listens.
import cluster from 'node:cluster';
import { appendFileSync } from 'node:fs';
import { Server } from 'node:net';
import { httpGuard } from '../../../servers/node/lib/guard/index.js';
import { openSite } from './places.mjs';
import { passOnSocket } from './upstream.mjs';

const two = (n) => String(n).padStart(2, '0');

/**
 * As web servers write them: the time, the level, the line, who asked for what. At once, so that whoever has read the answer finds the line.
 * @param {string} file
 */
export const logTo = (file) => (level, line, request) => {
  const now = new Date();
  const day = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  const asked = request ? `, client: ${request.socket?.remoteAddress}, request: "${request.method} ${String(request.originalUrl ?? request.url).split('?')[0]}"` : '';
  appendFileSync(file, `${day} ${time} [${level}] ${process.pid}: oidc: ${line}${asked}\n`);
};

/** Upgrades are routed by no framework. */
function takeUpgrades(server, gate, places) {
  const guard = httpGuard(gate);
  const routes = places.map(({ path, rule, upstream }) => [path, guard.upgrade(rule, (req, socket, head) => passOnSocket(upstream, req, socket, head))]);
  server.on('upgrade', (req, socket, head) => {
    const route = routes.find(([path]) => req.url.startsWith(path));
    if (route) route[1](req, socket, head);
    else socket.destroy();
  });
}

export async function openSites(kind, description) {
  const { buildServer } = await import(`./${kind}.mjs`);
  return Promise.all(description.sites.map(async (site) => {
    const { gate, places } = openSite(description, site, logTo(description.log));
    const server = await buildServer({ gate, places, site });
    takeUpgrades(server, gate, places);
    return { server, site, gate };
  }));
}

/** Listens no more, and lets what is under way end. To Node a connection on which nothing has come yet is idle: these have a moment. */
function leave(servers) {
  for (const server of servers) Server.prototype.close.call(server);
  setTimeout(() => {
    cluster.worker.disconnect();
    setInterval(() => servers.forEach(closeIdle), 100);
    Promise.all(servers.map(isClosed)).then(() => process.exit(0));
  }, 300);
}

function closeIdle(server) {
  server.closeIdleConnections?.();
  server.sessions?.forEach((session) => session.close());
}

function isClosed(server) {
  return new Promise((done) => { server.getConnections((error, count) => (error || count === 0 ? done() : server.once('close', done))); });
}

/** HTTP/2 servers do not know their own. */
function keepSessions(server) {
  server.sessions = new Set();
  server.on('session', (session) => {
    server.sessions.add(session);
    session.on('close', () => server.sessions.delete(session));
  });
}

export async function work(kind, description) {
  const open = await openSites(kind, description);
  const servers = open.map(({ server }) => server);
  servers.forEach(keepSessions);
  await Promise.all(open.map(({ server, site }) => new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(site.port, '127.0.0.1', done);
  })));
  process.send('listening');
  process.on('message', (word) => word === 'leave' && leave(servers));
}
