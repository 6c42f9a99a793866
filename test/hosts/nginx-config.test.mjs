// SPDX-License-Identifier: Apache-2.0
// nginx: a configuration that cannot be safe, or cannot be meant, does not start, and one line says where and what to do.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStage } from '../support/stage.mjs';
import { host, SECRET } from './host.mjs';

const skip = host.name !== 'nginx' && 'about nginx alone';
const stage = openStage('nginx-config');
const good = { issuer: 'https://op.example', client_id: 'x', client_secret: 'y' };

function describe(change = {}) {
  return {
    cookieSecrets: [SECRET],
    providers: { op: { ...good, ...change.provider }, ...change.providers },
    sites: [{ port: 8080, upstream: 'http://127.0.0.1:1', places: [{ path: '/', provider: 'op', ...change.place }, ...(change.places ?? [])], lines: change.siteLines }],
    ...change.top,
  };
}

function without(name) {
  const { [name]: _, ...rest } = good;
  return { provider: undefined, providers: { op: rest } };
}

const file = (name, text, mode = 0o600) => {
  const path = join(stage.folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

/** The line of the configuration on which a word first stands. */
function lineOf(path, word) {
  return readFileSync(path, 'utf8').split('\n').findIndex((line) => line.includes(word)) + 1;
}

// [what, change, what the message must say, the word whose line it names (null: none)]
const refused = [
  ['an issuer over http', { provider: { issuer: 'http://op.example' } }, /issuer.*http outside loopback.*allow_insecure_http/, 'issuer '],
  ['an issuer that is no URL', { provider: { issuer: 'op.example' } }, /issuer.*https URL/, 'issuer '],
  ['an issuer with a query', { provider: { issuer: 'https://op.example?x' } }, /issuer.*without query/, 'issuer '],
  ['no issuer', without('issuer'), /op.* has no issuer.*add: issuer/, null],
  ['no client_id', without('client_id'), /op.* has no client_id/, null],
  ['no secret for client_secret_post', { ...without('client_secret'), providers: { op: { issuer: 'https://op.example', client_id: 'x', client_auth_method: 'client_secret_post' } } },
    /client_auth_method.*needs a client_secret/, 'client_auth_method '],
  ['a scope without openid', { provider: { scope: 'profile email' } }, /scope.*openid/, 'scope '],
  ['neither pkce nor nonce', { provider: { pkce: 'off', nonce: 'off' } }, /nonce.*pkce.*leave one/, 'nonce '],
  ['an algorithm that is none', { provider: { id_token_signed_response_alg: 'RS256 none' } }, /id_token_signed_response_alg/, 'id_token_signed_response_alg '],
  ['a symmetric algorithm', { provider: { id_token_signed_response_alg: 'HS256' } }, /id_token_signed_response_alg/, 'id_token_signed_response_alg '],
  ['an extra argument that is ours', { provider: { extra_auth_args: 'state=x' } }, /extra_auth_args.*state/, 'extra_auth_args '],
  ['an option that nobody knows', { provider: { client_secrte: 'y' } }, /unknown directive "client_secrte"/, 'client_secrte'],
  ['an option that is given twice', { provider: { client_id: ['x', 'z'] } }, /client_id/, '"z"'],
  ['a time that is no time', { provider: { session_timeout: 'soon' } }, /session_timeout/, 'session_timeout '],
  ['a time out of bounds', { provider: { session_timeout: '2s' } }, /session_timeout.*within 60\.\.31536000/, 'session_timeout '],
  ['a choice that is none', { provider: { response_mode: 'fragment' } }, /response_mode.*query.*form_post/, 'response_mode '],
  ['a flag that is none', { provider: { pkce: 'yes' } }, /pkce.*on.*off/, 'pkce '],
  ['a redirect_uri on another http host', { provider: { redirect_uri: 'http://site.example/cb' } }, /redirect_uri.*http outside loopback/, 'redirect_uri '],
  ['a redirect_uri that is no path', { provider: { redirect_uri: '//evil.example/cb' } }, /redirect_uri/, 'redirect_uri '],
  ['a cookie secret that is short', { top: { cookieSecrets: ['short'] } }, /cookie_secret.*shorter than 32 bytes.*openssl rand/, 'cookie_secret'],
  ['a provider that is not defined', { place: { provider: 'other' } }, /names no provider that is defined/, 'auth_oidc '],
  ['a demand that cannot be read', { place: { require: ['groups has'] } }, /require.*write for example/, 'auth_oidc_require'],
  ['a header that is none', { place: { lines: ['auth_oidc_header "X User" sub;'] } }, /header.*write for example/, 'auth_oidc_header'],
  ['a header without a claim', { place: { lines: ['auth_oidc_header X-User;'] } }, /header/, 'auth_oidc_header'],
  ...['Host', 'Cookie', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Upgrade'].map((name) =>
    [`a claim in ${name}, which HTTP itself needs`, { place: { headers: { [name]: 'sub' } } }, /header/, 'auth_oidc_header']),
  ['a redirect_uri with a query', { provider: { redirect_uri: '/cb?x=1' } }, /redirect_uri.*give a path/, 'redirect_uri '],
  ['a redirect_uri with a fragment', { provider: { redirect_uri: '/cb#x' } }, /redirect_uri.*give a path/, 'redirect_uri '],
  ['a demand where the unknown may pass', { place: { unauthenticated: 'pass', require: ['groups has "staff"'] } },
    /require.*cannot hold where the unknown may pass; .*login or 401/, 'auth_oidc_require'],
  ['a demand where the server lets the unknown pass',
    { siteLines: ['auth_oidc_unauthenticated pass;'], place: { require: ['groups has "staff"'] } }, /require.*unknown may pass/, 'auth_oidc_require'],
  ['a demand without a provider', { places: [{ path: '/b', lines: ['auth_oidc_require "a = b";'] }] }, /auth_oidc_require.*protects nothing without "auth_oidc"/, 'auth_oidc_require'],
  ...[['off'], ['off', 'auth_oidc_unauthenticated 401;'], [undefined, 'auth_oidc_bearer off;']].map(([off, ...more]) =>
    [`a demand in an open place (${[off && 'auth_oidc off;', ...more].filter(Boolean).join(' ')})`,
      { places: [{ path: '/b', lines: [...(off ? ['auth_oidc off;'] : []), ...more, 'auth_oidc_require "a = b";'] }] },
      /protects nothing without "auth_oidc"/, null]),
  ['a demand below a place that is open', { siteLines: ['auth_oidc off;'], places: [{ path: '/b', lines: ['auth_oidc_require "a = b";'] }] },
    /auth_oidc_require.*protects nothing/, 'auth_oidc_require'],
  ['two providers with one cookie', { provider: { cookie_name: 'c' }, providers: { two: { ...good, cookie_name: 'c', redirect_uri: '/b' } },
    places: [{ path: '/two/', provider: 'two' }] }, /same cookie_name.*own/, null],
  ...['/', '/a/../cb', '/a/./cb', '/a//cb', '/c%62'].map((path) =>
    [`a redirect_uri ${path} that no request can be equal to`, { provider: { redirect_uri: path } }, /redirect_uri.*give a path/, 'redirect_uri ']),
  ['a redirect_uri URL whose path no request can be equal to', { provider: { redirect_uri: 'https://a.example/c%62' } }, /redirect_uri/, 'redirect_uri '],
  ['a logout_uri that is the callback', { provider: { logout_uri: '/oidc_callback' } }, /logout_uri.*path of its own/, 'logout_uri '],
  ['a logout_uri that is the signed-out page', { provider: { logout_uri: '/oidc_signed_out' } }, /op.*address that is something else already/, null],
  ['a logout_uri that is the callback of another', { provider: { logout_uri: '/bye' }, providers: { two: { ...good, redirect_uri: '/bye' } },
    places: [{ path: '/two/', provider: 'two' }] }, /address that is something else already/, null],
  ['a post_logout_uri that is the callback', { provider: { post_logout_uri: '/oidc_callback' } }, /post_logout_uri.*callback/, 'post_logout_uri '],
  ['a post_logout_uri that is a script', { provider: { post_logout_uri: 'javascript:alert(1)' } }, /post_logout_uri.*neither a path nor a URL/, 'post_logout_uri '],
  ['a post_logout_uri over http', { provider: { post_logout_uri: 'http://other.example/' } }, /post_logout_uri/, 'post_logout_uri '],
  ['a cookie_name with a prefix', { provider: { cookie_name: '__Host-x' } }, /cookie_name.*without prefix/, 'cookie_name '],
  ['a secret that is not used', { provider: { client_auth_method: 'none' } }, /client_auth_method.*is none, but there is a client_secret/, 'client_auth_method '],
  ['a key that is no key', { provider: { client_key_file: file('no.key', 'hello') } }, /client_key.*no private key/, 'client_key_file'],
  ['a certificate file that is not there', { provider: { ssl_trusted_certificate: join(stage.folder, 'absent.pem') } }, /absent\.pem/, 'ssl_trusted_certificate'],
  ['a secret file that is not there', { provider: { client_secret_file: join(stage.folder, 'absent') } }, /absent/, 'client_secret_file'],
];

for (const [what, change, says, word] of refused) {
  test(`${what} does not start`, { skip }, async () => {
    const { accepted, text, file: configuration } = await host.check(stage, describe(change));
    assert.equal(accepted, false, text);
    const lines = text.split('\n').filter((line) => line.includes('[emerg]'));
    assert.equal(lines.length, 1, text);
    assert.match(lines[0], says);
    if (word) assert.ok(lines[0].includes(`${configuration}:${lineOf(configuration, word)}`), `${lines[0]}\nnames another line than ${lineOf(configuration, word)}`);
    assert.ok(!lines[0].includes(SECRET), 'no secret in a message');
  });
}

test('what is right starts', { skip }, async () => {
  for (const change of [{}, { provider: { issuer: 'http://127.0.0.1:1' } }, { provider: { issuer: 'http://op.example', allow_insecure_http: 'on' } },
    { place: { require: ['groups has "staff" and email_verified = true'], headers: { 'X-User': 'sub' } } },
    { provider: { client_secret: undefined, client_secret_file: file('good.secret', 'secret\n') } }]) {
    if (change.provider && 'client_secret' in change.provider) delete change.provider.client_secret;
    const { accepted, text } = await host.check(stage, change.provider?.client_secret_file
      ? describe({ ...without('client_secret'), providers: { op: { issuer: good.issuer, client_id: 'x', ...change.provider } } }) : describe(change));
    assert.ok(accepted, text);
  }
});

test('a configuration without any of our directives starts', { skip }, async () => {
  const { accepted, text } = await host.check(stage, { sites: [{ port: 8080, upstream: 'http://127.0.0.1:1', places: [{ path: '/' }] }] });
  assert.ok(accepted, text);
});

test('without a cookie secret one is made, private, and the same after a restart', { skip }, async () => {
  const description = describe();
  delete description.cookieSecrets;
  description.sites[0].port = await host.freePort();
  const server = await host.open(stage, description);
  const secret = join(server.folder, 'state', 'cookie_secret');
  const before = readFileSync(secret, 'utf8');
  assert.ok(before.trim().length >= 32);
  const { statSync } = await import('node:fs');
  assert.equal(statSync(secret).mode & 0o077, 0);
  await server.restart();
  assert.equal(readFileSync(secret, 'utf8'), before);
});
