// SPDX-License-Identifier: Apache-2.0
// nginx under the suite: all that is nginx's own. Another server takes part with a module of the same exports.
//
// A description says what is wanted in no server's words:
//   workers, cookieSecrets: [...], providers: {name: {option: value}},
//   sites: [{port, tls: {key, cert}, http2, upstream, lines,
//     places: [{path, exact, provider (name | 'off' | none), require: [...], headers: {Name: claim}, unauthenticated, options, upstream, lines}]}]
// `options` of a place are further options of a rule by their names in src/option/options.def: {bearer: 'main', audience: 'api'}.
// `lines` are in this server's own words, for the tests that are about it alone.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build, freePort, until } from '../../support/place.mjs';
import { childrenOf } from '../../support/pid.mjs';
import { Program, run } from '../../support/process.mjs';
import { Server } from './server.mjs';

export const name = 'nginx';

const binary = process.env.GATE_NGINX ?? '/usr/sbin/nginx';
const module = process.env.GATE_NGINX_MODULE ?? join(build, 'ngx_http_oidc_module.so');

/** What the tests need to run at all; a text says what is missing. */
export function missing() {
  if (!existsSync(binary)) return 'nginx is not installed';
  return existsSync(module) ? null : `${module} is not built`;
}

// ---- the configuration ----

export function quote(value) {
  return `"${String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '\\$')}"`;
}

function writeProvider([name, options]) {
  const lines = Object.entries(options).flatMap(([option, value]) => [value].flat().map((each) =>
    (option === 'scope' || option.endsWith('_alg') || option === 'acr_values' || option === 'trusted_audiences'
      ? `        ${option} ${each};` : `        ${option} ${quote(each)};`)));
  return `    oidc_provider ${name} {\n${lines.join('\n')}\n    }`;
}

function writeRule(place, indent) {
  const lines = [];
  if (place.provider) lines.push(`auth_oidc ${place.provider};`);
  if (place.unauthenticated) lines.push(`auth_oidc_unauthenticated ${place.unauthenticated};`);
  for (const [option, value] of Object.entries(place.options ?? {})) lines.push(`auth_oidc_${option} ${value};`);
  for (const each of place.require ?? []) lines.push(`auth_oidc_require ${quote(each)};`);
  for (const [header, claim] of Object.entries(place.headers ?? {})) lines.push(`auth_oidc_header ${header} ${claim};`);
  return [...lines, ...(place.lines ?? [])].map((line) => indent + line);
}

function writePlace(place, site) {
  const upstream = place.upstream ?? site.upstream;
  const pass = upstream && !place.lines?.some((line) => /^(proxy_pass|return|root|try_files|alias|stub_status)/.test(line))
    ? [`            proxy_pass ${upstream};`] : [];
  return [`        location ${place.exact ? '= ' : ''}${place.path} {`, ...writeRule(place, '            '), ...pass, '        }'].join('\n');
}

function writeSite(site) {
  const listen = `        listen 127.0.0.1:${site.port}${site.tls ? ' ssl' : ''}${site.http2 ? ' http2' : ''};`;
  const tls = site.tls ? [`        ssl_certificate ${site.tls.cert};`, `        ssl_certificate_key ${site.tls.key};`] : [];
  return ['    server {', listen, ...tls, ...writeRule(site, '        '), ...(site.places ?? []).map((p) => writePlace(p, site)), '    }'].join('\n');
}

const PROXY = `    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $gate_connection;
    proxy_read_timeout 60s;
    client_max_body_size 8m;
    large_client_header_buffers 8 32k;
    map $http_upgrade $gate_connection { default upgrade; '' ''; }`;

function writeConfiguration(folder, description) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `    ${each}_temp_path ${folder}/${each};`);
  const secrets = (description.cookieSecrets ?? []).map((each) => `    oidc_cookie_secret ${quote(each)};`);
  return [
    `load_module ${module};`, 'daemon off;', `worker_processes ${description.workers ?? 1};`, `pid ${folder}/nginx.pid;`,
    `error_log ${folder}/error.log info;`, 'worker_rlimit_nofile 4096;', 'events { worker_connections 1024; }', 'http {',
    `    access_log ${folder}/access.log;`, '    default_type text/plain;', ...temporary, PROXY,
    `    oidc_state_path ${folder}/state;`, ...secrets, ...(description.lines ?? []).map((line) => `    ${line}`),
    ...Object.entries(description.providers ?? {}).map(writeProvider), ...description.sites.map(writeSite), '}', '',
  ].join('\n');
}

// ---- the running server ----

class Nginx extends Server {
  constructor(folder) {
    super();
    this.folder = folder;
    this.name = 'nginx error log';
    this.file = join(folder, 'nginx.conf');
    this.killed = new Set();
    this.store = join(folder, 'state', 'sessions.mdb');
  }

  write(description) {
    this.description = description;
    writeFileSync(this.file, writeConfiguration(this.folder, description));
  }

  async start(env = {}) {
    this.env = env;
    writeFileSync(join(this.folder, 'error.log'), '', { flag: 'a' });
    chmodSync(join(this.folder, 'error.log'), 0o666);
    this.program = new Program(binary, ['-p', this.folder, '-e', join(this.folder, 'error.log'), '-c', this.file], { name: 'nginx', env });
    await until('nginx has its workers', () => {
      if (this.program.child.exitCode !== null) throw new Error(`nginx ended early:\n${this.program.text}\n${this.text.slice(-3000)}`);
      return existsSync(join(this.folder, 'nginx.pid')) && this.workers().length >= (this.description.workers ?? 1);
    });
  }

  get text() {
    const log = existsSync(join(this.folder, 'error.log')) ? readFileSync(join(this.folder, 'error.log'), 'utf8') : '';
    return this.program?.text ? `${log}${this.program.text}` : log;
  }

  workers() {
    return childrenOf(this.program.pid);
  }

  /** So many workers serve, and no others. */
  async complete(count) {
    await until(`there are ${count} workers`, () => {
      const now = this.workers();
      return now.length === count && !now.some((pid) => this.killed.has(pid));
    });
  }

  /** As reload, but the old workers, which it answers, may be serving still. */
  async reloadBegin(description = this.description) {
    const before = this.workers();
    this.write(description);
    this.program.signal('SIGHUP');
    await until('nginx has new workers', () => this.workers().filter((pid) => !before.includes(pid)).length >= (description.workers ?? 1));
    return before;
  }

  /** The content of the session store, as a hash: equal when nothing was written. */
  storePrint() {
    return createHash('sha256').update(readFileSync(this.store)).digest('hex');
  }

  /** The store cannot be opened any more: a folder stands in its place. Takes a restart to be noticed. */
  breakStore() {
    renameSync(this.store, `${this.store}.kept`);
    mkdirSync(this.store);
  }

  mendStore() {
    rmdirSync(this.store);
    renameSync(`${this.store}.kept`, this.store);
  }
}

/** A running server for a description, on a stage. */
export async function open(stage, description, env) {
  const folder = join(stage.folder, `nginx${stage.things.length}`);
  mkdirSync(folder, { mode: 0o755 });
  const server = new Nginx(folder);
  server.write(description);
  await server.start(env);
  return stage.add(server);
}

/** Does the server accept this configuration? {accepted, text} */
export async function check(stage, description) {
  const folder = join(stage.folder, `check${Math.random().toString(36).slice(2)}`);
  mkdirSync(folder, { mode: 0o755 });
  const server = new Nginx(folder);
  server.write(description);
  const { status, text } = await run(binary, ['-t', '-p', folder, '-e', 'stderr', '-c', server.file]);
  return { accepted: status === 0, text, file: server.file };
}

export { freePort };

/** Lets through whatever header names a client invents. */
export const lenientHeaders = ['underscores_in_headers on;', 'ignore_invalid_headers off;'];

/** What this server cannot do, and why: tests of it are skipped. */
export const lacks = {};
