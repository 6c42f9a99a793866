// SPDX-License-Identifier: Apache-2.0
// What the documents show for nginx is accepted by nginx: each ```nginx block, and the configurations of demo and bench.
// A block may be a whole file, or what stands in http, in server or in a place; its first directive tells.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificate.mjs';
import { makePair } from '../support/keys.mjs';
import { build, root } from '../support/place.mjs';
import { run } from '../support/process.mjs';
import { openStage } from '../support/stage.mjs';
import { host } from './host.mjs';

const skip = host.name !== 'nginx' ? 'about nginx alone' : host.missing() ?? false;
const binary = process.env.GATE_NGINX ?? '/usr/sbin/nginx';
const module = process.env.GATE_NGINX_MODULE ?? join(build, 'ngx_http_oidc_module.so');
const stage = openStage('nginx-docs');
const certificate = makeCertificate(stage.folder);
const decryptionKey = makePair('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' });

const documents = readdirSync(root, { recursive: false }).filter((name) => name.endsWith('.md')).map((name) => join(root, name))
  .concat(readdirSync(join(root, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md')).map((name) => join(root, 'docs', name)));

/** The blocks of a document: [{place, text}] */
function blocksOf(path) {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^```nginx\n(.*?)^```$/gms)].map((found) => ({
    place: `${relative(root, path)}:${text.slice(0, found.index).split('\n').length + 1}`, text: found[1],
  }));
}

const MAIN = ['load_module', 'user', 'worker_processes', 'pid', 'error_log', 'events', 'http'];
const HTTP = ['server', 'upstream', 'map'];
const SERVER = ['listen', 'server_name', 'location', 'error_page', 'large_client_header_buffers'];

/** Providers that a block uses and does not define, so that a part of a file can be read by itself. */
function missingProviders(text) {
  const used = [...text.matchAll(/^\s*auth_oidc(?:_bearer)?\s+([^;]+);/gm)].flatMap((found) => found[1].split(/\s+/)).filter((name) => name !== 'off');
  const defined = [...text.matchAll(/oidc_provider\s+(\S+)\s*\{/g)].map((found) => found[1]);
  return [...new Set(used)].filter((name) => !defined.includes(name))
    .map((name) => `oidc_provider ${name} { issuer https://${name}.example; client_id x; client_secret y; logout_uri /logout; }\n`).join('');
}

function wrap(text) {
  const first = text.replaceAll(/#.*/g, '').trim().split(/[\s;{]/)[0];
  if (MAIN.includes(first)) return text;
  const state = text.includes('oidc_state_path') ? '' : 'oidc_state_path state;\n';
  const inHttp = (inner) => `events {}\nhttp {\n${state}${missingProviders(text)}${inner}}\n`;
  if (HTTP.includes(first) || first.startsWith('oidc_')) return inHttp(text);
  if (SERVER.includes(first)) return inHttp(`server {\n${text}\n}\n`);
  return inHttp(`server {\nlocation / {\n${text}\n}\n}\n`);
}

/** Ports that anybody may open, and the module that was built. */
function settle(text, folder) {
  let port = 20000;
  const ours = text.replace(/^load_module .*$/gm, '').replaceAll(/\blisten(\s+)(?:\[::\]:|[\d.]+:)?\d+/g, () => `listen 127.0.0.1:${port++}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${folder}/${each};`).join(' ');
  const lines = ours.includes('_temp_path') ? '' : temporary;
  const pid = /^\s*pid\s/m.test(ours) ? '' : 'pid nginx.pid;\n';
  return `load_module ${module};\n${pid}${ours.replace(/^http \{/m, () => `http { ${lines}`)}`;
}

/** Files that a block names lie beside nginx.conf. */
async function makeFiles(text, folder) {
  const { key, cert } = await certificate;
  for (const [, name, file] of text.matchAll(/\b(\w+_file|ssl_\w+)\s+([^\s;]+);/g)) {
    if (!/^(ssl_certificate|ssl_certificate_key|ssl_trusted_certificate|ssl_crl)$/.test(name) && !name.endsWith('_file')) continue;
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    if (name === 'client_key_file' || name === 'ssl_certificate_key' || name === 'oidc_signing_key_file') copyFileSync(key, path);
    else if (name === 'decryption_key_file') writeFileSync(path, decryptionKey, { mode: 0o600 });
    else if (name.endsWith('_file')) writeFileSync(path, 'a secret that is made up for this test, and long\n', { mode: 0o600 });
    else copyFileSync(cert, path);
  }
}

async function check(text) {
  const folder = mkdtempSync(join(stage.folder, 'conf-'));
  await makeFiles(text, folder);
  writeFileSync(join(folder, 'nginx.conf'), settle(wrap(text), folder));
  return run(binary, ['-t', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr']);
}

const blocks = documents.flatMap(blocksOf);

test('the documents have configurations', { skip }, () => assert.ok(blocks.length >= 10, `${blocks.length} blocks`));

for (const { place, text } of blocks) {
  test(place, { skip }, async () => {
    const { status, text: said } = await check(text);
    assert.equal(status, 0, said);
  });
}

for (const file of ['demo/nginx.conf.in', 'bench/nginx.conf.in']) {
  test(file, { skip }, async () => {
    const filled = readFileSync(join(root, file), 'utf8').replaceAll('@MODULE@', module).replaceAll('@ISSUER@', 'http://127.0.0.1:1')
      .replaceAll('@APP@', '127.0.0.1:1').replaceAll('@PORT@', '80');
    const { status, text: said } = await check(filled);
    assert.equal(status, 0, said);
  });
}

test('a directive that does not exist is seen', { skip }, async () => {
  const { status, text } = await check('auth_oidc okta;\nauth_oidc_requires groups;\n');
  assert.notEqual(status, 0);
  assert.match(text, /unknown directive "auth_oidc_requires"/);
});

test('an option that cannot be right is seen', { skip }, async () => {
  const { status, text } = await check('oidc_provider okta { issuer http://okta.example; client_id x; }\n');
  assert.notEqual(status, 0);
  assert.match(text, /http outside loopback/);
});
