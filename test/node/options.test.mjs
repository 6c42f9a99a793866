// SPDX-License-Identifier: Apache-2.0
// Options: every spelling, where a value may come from, and what is said of a wrong one.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { auth, environmentNames, ExpressOIDC, Gate, OptionError } from '../../servers/node/index.js';
import { addon } from '../../servers/node/lib/addon.js';
import { readOptions, spellings } from '../../servers/node/lib/options.js';
import { openStage } from '../support/stage.mjs';

const stage = openStage('options');
const SECRET = 'c'.repeat(32);
const GOOD = { issuer: 'https://op.example', clientId: 'app', cookieSecret: SECRET };
const quiet = { log() {} };

afterEach(() => { for (const name of environmentNames()) delete process.env[name]; });

function refused(options, pattern) {
  assert.throws(() => new Gate({ ...quiet, ...options }), (error) => {
    assert.ok(error instanceof OptionError, String(error));
    assert.match(error.message, pattern);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}

/** What reaches the engine, without scope, number and place. */
function read(scope, given, environment = false) {
  const flat = readOptions(scope, 0, given, { place: 'here', environment });
  const found = [];
  for (let i = 0; i < flat.length; i += 5) found.push([flat[i + 2], flat[i + 3]]);
  return found;
}

test('every option of the table has its camelCase name, in its scope', () => {
  for (const { scope, name, type } of addon.options()) {
    const camel = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    assert.ok(spellings(scope).includes(camel), name);
    assert.equal(spellings(scope).includes(`${camel}File`), type === 'secret', name);
  }
});

test('values are said as JavaScript says them', () => {
  assert.deepEqual(read('provider', { pkce: false, userinfo: true, maxAge: 60, scope: ['openid', 'email'], issuer: new URL('https://op.example/x'), fetchTimeout: '5s' }),
    [['issuer', 'https://op.example/x'], ['scope', 'openid email'], ['pkce', 'off'], ['max_age', '60'], ['userinfo', 'on'], ['fetch_timeout', '5s']]);
  assert.deepEqual(read('provider', { extraAuthArgs: { prompt: 'login', ui_locales: 'de en' } }), [['extra_auth_args', 'prompt=login&ui_locales=de+en']]);
  assert.deepEqual(read('rule', { unauthenticated: 401, require: ['a = 1', 'b = 2'], header: { 'X-A': 'sub', 'X-B': 'email' } }),
    [['unauthenticated', '401'], ['require', 'a = 1'], ['require', 'b = 2'], ['header', 'X-A sub'], ['header', 'X-B email']]);
  assert.deepEqual(read('engine', { cookieSecret: ['a', 'b'] }), [['cookie_secret', 'a'], ['cookie_secret', 'b']]);
});

test('a value of a wrong kind is an error that names the option', () => {
  for (const value of [null, {}, () => {}, Symbol('s'), [1], true, 10n]) {
    refused({ ...GOOD, clientId: value }, /options\.test\.mjs:\d+: clientId: /);
  }
  refused({ ...GOOD, pkce: 'yes' }, /pkce: has a value/);
  refused({ ...GOOD, clientId: 7 }, /clientId/);
});

test('an option that is none names the nearest', () => {
  refused({ ...GOOD, clientID: 'x' }, /clientID: is not an option here; did you mean clientId\?$/);
  refused({ ...GOOD, cookieSecrets: 'x' }, /did you mean cookieSecret/);
  refused({ ...GOOD, elephant: 'x' }, /elephant: is not an option here$/);
  refused({ providers: { a: { ...GOOD } } }, /providers\.a: cookieSecret: is not an option here/);
  refused({ providers: { a: {} }, issuer: 'https://op.example' }, /issuer: is not an option here/);
  assert.throws(() => new Gate({ ...GOOD, ...quiet }).rule({ unauthenticatd: 'pass' }), /unauthenticatd: is not an option here; did you mean unauthenticated\?/);
});

test('the engine\'s words come with the place that called, and the names of here', () => {
  refused({ ...GOOD, issuer: 'http://op.example' }, /options\.test\.mjs:\d+: issuer: is http outside loopback; use https, or say allowInsecureHttp on$/);
  refused({ ...GOOD, cookieSecret: 'short' }, /cookieSecret: is shorter than 32 bytes/);
  refused({ ...GOOD, clientAuthMethod: 'client_secret_basic' }, /clientAuthMethod: needs a clientSecret/);
  const gate = new Gate({ ...GOOD, ...quiet });
  assert.throws(() => gate.rule({ require: 'groups hass "x"' }), /options\.test\.mjs:\d+: require: .*; write for example/);
  assert.throws(() => gate.rule({ bearer: 'default' }), /bearer: is given without audience/);
  assert.throws(() => gate.rule({ provider: 'other' }), /provider: names no provider/);
  assert.ok(gate.rule(), 'a rule that could not be does not stand in the way of the next');
});

test('a secret comes from where it is kept', () => {
  const file = join(stage.folder, 'secret');
  writeFileSync(file, `${'f'.repeat(40)}\n`);
  process.env.OIDC_CLIENT_ID = 'from-env';
  assert.deepEqual(read('provider', { clientSecretFile: file }), [['client_secret', 'f'.repeat(40)]]);
  assert.deepEqual(read('provider', { clientSecretEnv: 'OIDC_CLIENT_ID' }), [['client_secret', 'from-env']]);
  refused({ ...GOOD, clientSecretFile: join(stage.folder, 'none') }, /clientSecretFile: cannot be read: ENOENT/);
  refused({ ...GOOD, clientSecretEnv: 'OIDC_NOT_THERE' }, /clientSecretEnv: the environment has no OIDC_NOT_THERE/);
  refused({ ...GOOD, clientSecretFile: file, clientSecret: 'x' }, /clientSecret: is given twice, as clientSecret and clientSecretFile/);
  writeFileSync(file, '\n');
  refused({ ...GOOD, clientSecretFile: file }, /is empty/);
});

test('the environment fills in what is not given, and nothing dangerous', () => {
  const file = join(stage.folder, 'cookie');
  writeFileSync(file, SECRET);
  Object.assign(process.env, { OIDC_ISSUER: 'https://env.example', OIDC_CLIENT_ID: 'env', OIDC_COOKIE_SECRET_FILE: file, OIDC_ALLOW_INSECURE_HTTP: 'on' });
  const gate = new Gate({ clientId: 'given', ...quiet });
  assert.deepEqual([gate.read[0].issuer, gate.read[0].client_id, gate.secrets], ['https://env.example', 'given', [SECRET]]);
  assert.equal(gate.read[0].allow_insecure_http, undefined);
  assert.ok(environmentNames().includes('OIDC_CLIENT_SECRET') && !environmentNames().includes('OIDC_ALLOW_INSECURE_HTTP'));
  refused({ providers: { a: { clientId: 'x' } } }, /a: has no issuer/);
  process.env.OIDC_ISSUER = 'http://env.example';
  refused({}, /environment OIDC_ISSUER: issuer: is http/);
});

test('without a cookie secret there is a warning, and rules that come later open what was sealed before', () => {
  const lines = [];
  const gate = new Gate({ issuer: 'https://op.example', clientId: 'app', log: (level, line) => lines.push(`${level} ${line}`) });
  assert.match(lines.join('\n'), /^warn cookieSecret: is not given/);
  const before = gate.secrets[0];
  gate.rule();
  assert.equal(gate.secrets[0], before);
  assert.ok(before.length >= 64 && before !== new Gate({ issuer: 'https://op.example', clientId: 'app', ...quiet }).secrets[0]);
});

test('a store is demanded where sessions are to live in one; lmdb is for servers', () => {
  refused({ ...GOOD, sessionStore: 'store' }, /sessionStore: is store, but there is no store/);
  refused({ ...GOOD, sessionStore: 'lmdb' }, /sessionStore: lmdb is for web servers/);
  assert.throws(() => new Gate({ ...GOOD, ...quiet, store: { get() {} } }), /store: has neither/);
  refused({ ...GOOD, sslTrustedCertificate: join(stage.folder, 'none') }, /sslTrustedCertificate: cannot be read: ENOENT/);
  refused({ ...GOOD, sslTrustedCertificate: '/x.pem', customFetch: fetch }, /customFetch: stands beside sslTrustedCertificate/);
});

test('several providers, each with its own options', () => {
  const gate = new Gate({ cookieSecret: SECRET, providers: { a: { issuer: 'https://a.example', clientId: 'x', logoutUri: '/out' }, b: { issuer: 'https://b.example' } }, ...quiet });
  assert.deepEqual(gate.names, ['a', 'b']);
  assert.equal(gate.answers('/oidc_callback') && gate.answers('/out') && !gate.answers('/'), true);
  assert.throws(() => gate.rule({ provider: 'b' }), /b: has no client_?[iI]d/);
  assert.throws(() => gate.number('c'), /provider: c: is not defined; there are: a, b/);
  const rule = gate.rule({ bearer: true, audience: 'api', header: { 'X-User': 'sub' } });
  assert.equal(rule.options.bearer.length, 2);
  assert.equal(gate.headerIsOurs('x_user'), true);
  assert.equal(gate.headerIsOurs('x-other'), false);
});

test('the environment of one provider is not told to another', () => {
  const all = { OIDC_ISSUER: 'https://op.example/', OIDC_CLIENT_ID: 'app', OIDC_CLIENT_SECRET: 'for op.example alone' };
  const secretFor = (given, environment = all) => {
    for (const name of environmentNames()) delete process.env[name];
    Object.assign(process.env, environment);
    const gate = new Gate({ ...quiet, cookieSecret: SECRET, ...given });
    gate.close();
    return gate.read[0].client_secret;
  };
  for (const own of [{}, { issuer: 'https://op.example' }, { issuer: new URL('https://op.example/') }, { clientId: 'app' }, { clientId: 'other' }]) assert.equal(secretFor(own), all.OIDC_CLIENT_SECRET, JSON.stringify(own));
  assert.equal(secretFor({ issuer: 'https://op.example', clientId: 'other' }, { OIDC_CLIENT_SECRET: 'given alone' }), 'given alone');
  assert.equal(secretFor({ issuer: 'https://other.example', clientId: 'app' }), undefined);
  const express = auth({ issuerBaseURL: 'https://other.example', baseURL: 'https://app.example', clientID: 'public', secret: SECRET, ...quiet });
  assert.equal(express.socketSource().gate.read[0].client_secret, undefined);
  assert.equal(express.socketSource().gate.read[0].client_auth_method, 'none');
  express.close();
  Object.assign(process.env, { ISSUER_BASE_URL: 'https://op.example', CLIENT_ID: 'app', CLIENT_SECRET: 'for op.example alone' });
  for (const [other, secret] of [[{}, process.env.CLIENT_SECRET], [{ issuerBaseURL: 'https://other.example' }, undefined], [{ clientID: 'other' }, process.env.CLIENT_SECRET]]) {
    const one = auth({ baseURL: 'https://app.example', secret: SECRET, ...other, ...quiet });
    assert.equal(one.socketSource().gate.read[0].client_secret, secret, JSON.stringify(other));
    one.close();
  }
  const okta = { issuer: 'https://other.example', client_id: 'other', appBaseUrl: 'https://app.example', ...quiet };
  assert.throws(() => new ExpressOIDC(okta), /client_secret is missing/);
  for (const name of ['ISSUER_BASE_URL', 'CLIENT_ID', 'CLIENT_SECRET']) delete process.env[name];
});
