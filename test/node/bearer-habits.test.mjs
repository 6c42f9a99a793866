// SPDX-License-Identifier: Apache-2.0
// bearer() where applications of express-oauth2-jwt-bearer would stumble: errors by their classes, descriptions, and issuers that have
// keys and no page to sign in at.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as entry from '../../servers/node/lib/bearer/index.js';
import { Gate, Refusal } from '../../servers/node/index.js';
import { FakeProvider } from '../support/fake_provider.mjs';
import { call, open } from './bearer-stage.mjs';

const { auth, bearer, claimCheck, InsufficientScopeError, InvalidRequestError, InvalidTokenError, requiredScopes, UnauthorizedError } = entry;
const op = new FakeProvider();
const quiet = { issuer: op.issuer, audience: 'api', customFetch: op.fetch, log() {} };
const token = (claims) => op.jwt({ sub: 'ada', aud: 'api', client_id: 'c', jti: 'j', ...claims }, { typ: 'at+jwt' });

/** What an error handler of Express saw, and the answer. */
async function refused(t, chain, how) {
  const seen = [];
  const origin = await open(t, 'express 5', { '/': chain }, (error) => seen.push(error));
  return { answer: await call(origin, how), seen };
}

test('refusals are of the class that a handler asks for', async (t) => {
  const cases = [
    [{}, [], UnauthorizedError, 401], [{ token: 'two words' }, [], InvalidRequestError, 400], [{ token: token({ aud: 'other' }) }, [], InvalidTokenError, 401],
    [{ token: token() }, [requiredScopes('read')], InsufficientScopeError, 403],
  ];
  for (const [how, more, kind, status] of cases) {
    const { seen, answer } = await refused(t, [bearer({ ...quiet, passErrors: true }), ...more], how);
    const [error] = seen;
    assert.ok(error instanceof kind && error instanceof UnauthorizedError && error instanceof Refusal, kind.name);
    assert.deepEqual([error.name, error.status, answer.status], [kind.name, status, status]);
    const others = [InvalidRequestError, InvalidTokenError, InsufficientScopeError].filter((each) => each !== kind);
    assert.ok(others.every((each) => !(error instanceof each)));
  }
});

test('an application may make the same errors', () => {
  const told = new InsufficientScopeError(['read', 'write'], 'say "please"\r\nX: y');
  assert.deepEqual([told.name, told.status, told.statusCode, told.code, told.message], ['InsufficientScopeError', 403, 403, 'insufficient_scope', 'say "please"\r\nX: y']);
  assert.equal(told.headers['WWW-Authenticate'], 'Bearer realm="api", error="insufficient_scope", error_description="say \'please\'  X: y", scope="read write"');
  assert.deepEqual(new UnauthorizedError().headers, { 'WWW-Authenticate': 'Bearer realm="api"' });
  assert.deepEqual([new InvalidTokenError('old').status, new InvalidRequestError().status], [401, 400]);
  assert.deepEqual([new InvalidTokenError().id, new UnauthorizedError().id], ['invalid_token', 'bearer_missing']);
});

test('auth is bearer; claimCheck tells the caller what its second argument says', async (t) => {
  assert.equal(auth, bearer);
  const { answer } = await refused(t, [auth(quiet), claimCheck(({ level }) => level > 3, '"level" is too low')], { token: token({ level: 2 }) });
  assert.equal(answer.status, 403);
  assert.equal(answer.json.error_description, '"level" is too low');
  assert.throws(() => claimCheck(() => true, 7), /description that is text/);
});

test('an issuer with keys and no page to sign in at: its tokens are taken, and nobody is sent there', async (t) => {
  const machines = new FakeProvider('https://machines.example');
  machines.answers['/.well-known/openid-configuration'] = () => Response.json({ issuer: machines.issuer, jwks_uri: `${machines.issuer}/jwks` });
  const mine = machines.jwt({ sub: 'job', aud: 'api', client_id: 'c', jti: 'j' }, { typ: 'at+jwt' });
  const { answer } = await refused(t, [bearer({ ...quiet, issuer: machines.issuer, customFetch: machines.fetch })], { token: mine });
  assert.equal(answer.status, 200);
  const gate = new Gate({ issuer: machines.issuer, clientId: 'c', redirectUri: 'https://app.example/cb', sessionStore: 'application', cookieSecret: 'x'.repeat(32), customFetch: machines.fetch, log() {} });
  const verdict = await gate.signIn(gate.request({ method: 'GET', url: '/', headers: { host: 'app.example' }, rawHeaders: ['host', 'app.example'], socket: { encrypted: true } }), { returnTo: '/' });
  assert.deepEqual([verdict.refusal, verdict.status], ['metadata_malformed', 502]);
  gate.close();
});
