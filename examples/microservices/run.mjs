// SPDX-License-Identifier: Apache-2.0
// Starts everything on loopback: the practice provider, nginx, two services, the web page. Ctrl-C stops it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '../..');
const build = process.env.BUILD ?? join(root, 'build');
const nginx = process.env.NGINX ?? '/usr/sbin/nginx';
const AUDIENCE = 'https://api.example.org';

const folder = mkdtempSync(join(tmpdir(), 'gatewright-microservices.'));
chmodSync(folder, 0o711); // nginx's workers are not root
const children = [];

function stop(code) {
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
process.once('SIGINT', () => stop(0));
process.once('SIGTERM', () => stop(0));

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

function start(command, args, env = {}) {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  child.once('exit', (code) => code && stop(1));
  children.push(child);
  return child;
}

/** Resolves when something answers there. */
async function listens(url) {
  for (let i = 0; i < 100; i++) {
    try {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await once(socket, 'connect');
      return socket.destroy();
    } catch {
      await new Promise((done) => { setTimeout(done, 100); });
    }
  }
  throw new Error(`nothing listens at ${url}`);
}

const secret = () => randomBytes(24).toString('hex');
const [provider, gateway, orders, profiles, web] = await Promise.all([1, 2, 3, 4, 5].map(freePort));
const secrets = { web: secret(), gateway: secret() };
const ISSUER = `http://127.0.0.1:${provider}/f/ok~phantom`; // this issuer gives a JWT for an opaque token, to those who introspect
const ORDERS_URL = `http://127.0.0.1:${orders}`;
const PROFILES_URL = `http://127.0.0.1:${profiles}`;
const BASE_URL = `http://127.0.0.1:${process.env.PORT ?? web}`;

start(join(build, 'practice-op/practice-op'), ['--quiet', '--port', String(provider),
  '--client', `web:${secrets.web}`, '--client', `gateway:${secrets.gateway}`]);

const values = { MODULE: join(build, 'ngx_http_oidc_module.so'), ISSUER, AUDIENCE, GATEWAY_PORT: gateway, ORDERS_URL, PROFILES_URL };
writeFileSync(join(folder, 'nginx.conf'), readFileSync(join(here, 'nginx.conf'), 'utf8').replace(/@([A-Z_]+)@/g, (_, name) => values[name]));
start(nginx, ['-p', folder, '-e', 'error.log', '-c', 'nginx.conf', '-g', 'daemon off;'], { GATEWAY_SECRET: secrets.gateway });

const service = { ISSUER, AUDIENCE, PROFILES_URL };
start(process.execPath, [join(here, 'orders.mjs')], { ...service, PORT: orders });
start(process.execPath, [join(here, 'profiles.mjs')], { ...service, PORT: profiles });
start(process.execPath, [join(here, 'web.mjs')], {
  ISSUER_BASE_URL: ISSUER, BASE_URL, CLIENT_ID: 'web', CLIENT_SECRET: secrets.web, SECRET: secret(),
  AUDIENCE, GATEWAY_URL: `http://127.0.0.1:${gateway}`,
});

for (const url of [`http://127.0.0.1:${provider}/`, `http://127.0.0.1:${gateway}/`, ORDERS_URL, PROFILES_URL, BASE_URL]) await listens(url);
console.log(`
  A web page, and two microservices that know who asks.

    Open ${BASE_URL}/ and choose a person. Ctrl-C stops everything.
`);
