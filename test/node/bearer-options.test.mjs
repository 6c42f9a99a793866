// SPDX-License-Identifier: Apache-2.0
// What bearer() is given: what cannot be, or cannot be safe, does not start, and says why in one line.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bearer, claimCheck, claimEquals, claimIncludes, requiredScopes, scopeIncludesAny } from '../../servers/node/lib/bearer/index.js';

const good = { issuer: 'https://op.example', audience: 'api' };

const refused = {
  'no issuer': [{ audience: 'api' }, /"issuer" is missing/],
  'an empty issuer': [{ ...good, issuer: '' }, /issuer/],
  'no issuer in a list': [{ ...good, issuer: [] }, /"issuer" is missing/],
  'an issuer that is none': [{ ...good, issuer: [7] }, /"issuer" must be/],
  'issuer and issuerBaseURL': [{ ...good, issuerBaseURL: 'https://op.example' }, /not both/],
  'too many issuers': [{ ...good, issuer: Array.from({ length: 9 }, (_, i) => `https://op${i}.example`) }, /at most 8/],
  'http': [{ ...good, issuer: 'http://op.example' }, /https/],
  'no audience': [{ issuer: good.issuer }, /"audience" is missing/],
  'an audience of blanks': [{ ...good, audience: ' ' }, /"audience" is missing/],
  'an unknown option': [{ ...good, audiense: 'x' }, /options\.test\.mjs:\d+: audiense: is not an option here; did you mean audience\?/],
  'an option of sign-in': [{ ...good, sessionStore: 'cookie' }, /sessionStore: is not an option here/],
  'an unknown type': [{ ...good, tokenTypes: 'saml' }, /: tokenTypes: /],
  'an unknown place': [{ ...good, tokenFrom: 'body' }, /: tokenFrom: /],
  'opaque without a client': [{ ...good, tokenTypes: 'opaque' }, /client/i],
  'an algorithm that is none': [{ ...good, algorithms: 'none' }, /: algorithms: names an algorithm that is not accepted/],
  'HMAC': [{ ...good, algorithms: ['RS256', 'HS256'] }, /: algorithms: names an algorithm/],
  'one option under two names': [{ ...good, algorithms: 'RS256', tokenSigningAlg: 'RS256' }, /are the same/],
  'a secret': [{ ...good, secret: 'x' }, /shared secret/],
  'a rule that cannot be read': [{ ...good, require: 'groups has' }, /require/],
  'a rule where nobody need be': [{ ...good, require: 'a = "b"', authRequired: false }, /require/],
  'scopes where nobody need be': [{ ...good, scope: 'read', authRequired: false }, /: scope: .*let authRequired be true/],
  'authRequired as a word': [{ ...good, authRequired: 'false' }, /"authRequired" must be true or false/],
  'passErrors as a word': [{ ...good, passErrors: 'yes' }, /"passErrors" must be true or false/],
  'a realm with a quote': [{ ...good, realm: 'a"b' }, /"realm"/],
  'a path to forward to': [{ ...good, forwardTo: 'https://orders.example/api' }, /origins/],
  'a name without a scheme': [{ ...good, forwardTo: 'orders.example' }, /origins/],
  'anybody to forward to': [{ ...good, forwardTo: 'https://*' }, /origins|forwardTo/],
  'http to forward to': [{ ...good, forwardTo: 'http://orders.example' }, /in the clear/],
  'trust in every proxy': [{ ...good, trustProxy: true }, /trustProxy/],
  'null': [null, /options/],
};

describe('refused', () => {
  for (const [what, [options, words]] of Object.entries(refused)) {
    test(what, () => {
      assert.throws(() => bearer(options), (error) => words.test(error.message) && !error.message.includes('\n'));
    });
  }
});

for (const [name, value] of Object.entries({ jwksUri: 'x', strict: true, validators: {}, maxTokenAge: 1, dpop: {}, mtls: {}, mcd: {} })) {
  test(`${name} is not here, and says what is`, () => assert.throws(() => bearer({ ...good, [name]: value }), new RegExp(`"${name}": `)));
}

test('everything that may be said', () => {
  const options = {
    issuer: ['https://op.example', { issuer: 'https://two.example', clientId: 'c', clientSecret: 's' }], audience: ['api', 'https://api.example'],
    tokenTypes: ['at+jwt', 'jwt'], tokenFrom: 'header cookie:token', scope: ['read'], require: ['a = "b"', 'c = 1'], tokenSigningAlg: 'RS256',
    clockTolerance: 5, passErrors: true, forwardTo: 'https://orders.example http://localhost:3000', realm: 'orders', fetchTimeout: 5, log() {},
  };
  bearer(options).close();
  bearer({ ...good, forwardTo: 'http://orders.internal', allowInsecureHttp: true }).close();
});

test('ISSUER_BASE_URL and AUDIENCE of the environment, where nothing is said', (t) => {
  Object.assign(process.env, { ISSUER_BASE_URL: 'https://env.example', AUDIENCE: 'env' });
  t.after(() => { delete process.env.ISSUER_BASE_URL; delete process.env.AUDIENCE; });
  const middleware = bearer();
  assert.deepEqual([middleware.rule.options.audience, middleware.gate.read.map(({ issuer }) => issuer)], ['env', ['https://env.example', 'https://env.example/']]);
  middleware.close();
  const said = bearer(good);
  assert.deepEqual([said.rule.options.audience, said.gate.read.map(({ issuer }) => issuer)], ['api', ['https://op.example']]);
  said.close();
});

test('issuerBaseURL stands for either spelling of a mere origin, and for itself otherwise', () => {
  const issuers = (issuerBaseURL) => {
    const middleware = bearer({ issuerBaseURL, audience: 'api' });
    middleware.close();
    return middleware.gate.read.map(({ issuer }) => issuer);
  };
  assert.deepEqual(issuers('https://op.example/'), ['https://op.example/', 'https://op.example']);
  assert.deepEqual(issuers('https://op.example/realms/a'), ['https://op.example/realms/a']);
  assert.deepEqual(issuers('https://tenant.eu.auth0.com'), ['https://tenant.eu.auth0.com/']);
});

test('demands that cannot be are said when the application starts', () => {
  for (const wrong of [undefined, '', [], [7], 'a"b', { a: 1 }]) {
    assert.throws(() => requiredScopes(wrong), /requiredScopes\(\) expects/);
    assert.throws(() => scopeIncludesAny(wrong), /scopeIncludesAny\(\) expects/);
  }
  for (const make of [() => claimEquals(), () => claimEquals('', 1), () => claimEquals('a'), () => claimEquals('a', {}), () => claimIncludes('a'), () => claimIncludes('a', []), () => claimCheck('a')]) {
    assert.throws(make, TypeError);
  }
});
