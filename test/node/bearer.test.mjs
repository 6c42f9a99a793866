// SPDX-License-Identifier: Apache-2.0
// bearer() on each framework: who is let in, what the handler sees, and how each wrong token is answered.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { bearer, claimCheck, claimEquals, claimIncludes, requiredScopes, scopeIncludesAny } from '../../servers/node/lib/bearer/index.js';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { call, frameworks, minter, open, seconds } from './bearer-stage.mjs';

const stage = openStage('bearer');
const test = testOn(stage);
const practice = stage.add(await Practice.start(['--quiet']));
const mint = minter(practice);
const LABEL = 'ok~atjwt~aud-api';
const OTHER = 'ok~es256~atjwt~aud-api';
const issuer = practice.issuer(LABEL);

const quiet = { issuer, audience: 'api', log() {} };
const past = seconds() - 3600;

const forgeries = {
  'garbage': () => 'garbage',
  'three segments of garbage': () => 'a.b.c',
  'an empty header and payload': () => '..c2ln',
  'no JSON in it': () => `${Buffer.from('{').toString('base64url')}.e30.AAAA`,
  'an array for a header': () => 'W10.W10.AAAA',
  'null for a payload': () => 'eyJhbGciOiJSUzI1NiJ9.bnVsbA.AAAA',
  'another audience': () => mint(LABEL, { claims: { aud: 'other' } }),
  'audiences that are no strings': () => mint(LABEL, { claims: { aud: [1, { api: 'api' }] } }),
  'no audience': () => mint(LABEL, { claims: { aud: null } }),
  'expired': () => mint(LABEL, { claims: { exp: past } }),
  'no exp': () => mint(LABEL, { claims: { exp: null } }),
  'exp as a string': () => mint(LABEL, { claims: { exp: String(past + 7200) } }),
  'exp as an array': () => mint(LABEL, { claims: { exp: [past + 7200] } }),
  'nbf to come': () => mint(LABEL, { claims: { nbf: past + 7200 } }),
  'another issuer': () => mint(LABEL, { claims: { iss: 'https://other.example' } }),
  'an issuer in an array': () => mint(LABEL, { claims: { iss: [issuer] } }),
  'our issuer with a slash': () => mint(LABEL, { claims: { iss: `${issuer}/` } }),
  'no sub': () => mint(LABEL, { claims: { sub: null } }),
  'no client_id': () => mint(LABEL, { claims: { client_id: null } }),
  'bound to a key': () => mint(LABEL, { claims: { cnf: { jkt: 'x' } } }),
  'typ JWT': () => mint(LABEL, { header: { typ: 'JWT' } }),
  'typ logout+jwt': () => mint(LABEL, { header: { typ: 'logout+jwt' } }),
  'no typ': () => mint(LABEL, { header: { typ: null } }),
  'alg none': () => mint(LABEL, { header: { alg: 'none' }, sign: 'none' }),
  'HS256 with the public key': () => mint(LABEL, { header: { alg: 'HS256' }, sign: 'hs256-pem' }),
  'PS256 with a key for RS256': () => mint(LABEL, { header: { alg: 'PS256' }, sign: 'ps256-on-rs256' }),
  'a stranger’s key': () => mint(LABEL, { sign: 'stranger' }),
  'a flipped bit': () => mint(LABEL, { break: 'flip' }),
  'half a signature': () => mint(LABEL, { break: 'truncate' }),
  'crit': () => mint(LABEL, { header: { crit: ['exp'], exp: past } }),
  'b64': () => mint(LABEL, { header: { b64: false } }),
  'a kid that nobody knows': () => mint(LABEL, { header: { kid: '../../dev/null' } }),
  'a key of its own': () => mint(LABEL, { header: { jku: `${issuer}/stranger-jwks`, jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }, sign: 'stranger' }),
  'the token of another issuer': () => mint(OTHER),
};

const challenge = /^Bearer realm="api", error="invalid_token", error_description="[^"]+"$/;

/** One of each for all frameworks: what a middleware is told by. */
function middlewares(t) {
  const all = {
    plain: bearer(quiet), optional: bearer({ ...quiet, authRequired: false }), scoped: bearer({ ...quiet, scope: 'read write' }),
    errors: bearer({ ...quiet, passErrors: true }), everywhere: bearer({ ...quiet, tokenFrom: 'header query form cookie:token' }),
    required: bearer({ ...quiet, require: 'groups has "staff"' }),
  };
  t.after(() => Object.values(all).forEach((each) => each.close()));
  return all;
}

const routesOf = (m) => ({
  '/': [m.plain], '/optional': [m.optional], '/optional/scopes': [m.optional, requiredScopes('read')], '/scoped': [m.scoped], '/errors': [m.errors],
  '/everywhere': [m.everywhere], '/required': [m.required],
  '/scopes': [m.plain, requiredScopes('read write')], '/any': [m.plain, scopeIncludesAny(['read', 'admin'])],
  '/equals': [m.plain, claimEquals('tenant', 7)], '/includes': [m.plain, claimIncludes('groups', 'staff', 'night')],
  '/check': [m.plain, claimCheck(({ tenant }) => tenant > 5)], '/thrown': [m.plain, claimCheck(() => { throw Object.assign(new Error('broken'), { status: 500 }); })],
  '/promised': [m.plain, claimCheck(async () => true)], '/errors/scopes': [m.errors, requiredScopes('admin')], '/alone': [requiredScopes('read')],
});

for (const framework of Object.keys(frameworks)) {
  describe(framework, () => {
    const seen = [];
    let origin;
    const start = async (t) => {
      seen.length = 0;
      origin = await open(t, framework, routesOf(middlewares(t)), (error) => seen.push(error));
    };

    test('a good token is let in; the handler sees it', async (t) => {
      await start(t);
      const token = await mint(LABEL, { claims: { tenant: 7 } });
      const { status, json } = await call(`${origin}/`, { token });
      assert.equal(status, 200);
      assert.equal(json.token, token);
      assert.equal(json.header.typ, 'at+jwt');
      assert.deepEqual([json.payload.sub, json.payload.aud, json.payload.tenant], ['person-ada', 'api', 7]);
      assert.deepEqual(json.user, /fastify|koa/.test(framework) ? json.payload : null);
      for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) assert.equal((await call(`${origin}/`, { token, method })).status, 200, method);
    });

    test('no token: 401 without an error code, for whatever method and for a browser too', async (t) => {
      await start(t);
      for (const how of [{}, { method: 'POST' }, { method: 'HEAD' }, { fields: [['Authorization', 'Basic YTpi']] }, { fields: [['Accept', 'text/html']] }]) {
        const { status, headers } = await call(`${origin}/`, how);
        assert.deepEqual([status, headers['www-authenticate'], headers.location], [401, 'Bearer realm="api"', undefined]);
      }
    });

    test('every wrong token is a 401, and no handler runs', async (t) => {
      await start(t);
      for (const [what, make] of Object.entries(forgeries)) {
        const { status, headers, text } = await call(`${origin}/`, { token: await make() });
        assert.equal(status, 401, what);
        assert.match(headers['www-authenticate'], challenge, what);
        assert.ok(!text.includes('payload'), what);
      }
      assert.ok(!(await practice.log(LABEL)).some(({ endpoint }) => endpoint === 'stranger_jwks'), 'no address out of a token is fetched');
    });

    test('one token at a time', async (t) => {
      await start(t);
      const token = await mint(LABEL);
      const twice = await call(`${origin}/`, { token, fields: [['authorization', `Bearer ${token}`]] });
      const both = await call(`${origin}/everywhere?access_token=${token}`, { token });
      const list = await call(`${origin}/everywhere?access_token=${token}&access_token=${token}`);
      const words = await call(`${origin}/`, { token: 'two words' });
      const none = await call(`${origin}/`, { fields: [['Authorization', 'Bearer']] });
      for (const { status, headers } of [twice, both, list, words, none]) {
        assert.equal(status, 400);
        assert.match(headers['www-authenticate'], /error="invalid_request"/);
      }
    });

    test('query, form and cookie only where they are asked for', async (t) => {
      await start(t);
      const token = await mint(LABEL);
      const form = { method: 'POST', body: `access_token=${token}`, fields: [['Content-Type', 'application/x-www-form-urlencoded'], ['Content-Length', String(token.length + 13)]] };
      const ways = [[`?access_token=${token}`, {}], ['', { fields: [['Cookie', `a=b; token=${token}`]] }], ['', form]];
      for (const [query, how] of ways) {
        assert.equal((await call(`${origin}/${query}`, how)).status, 401);
        assert.equal((await call(`${origin}/everywhere${query}`, how)).json.token, token);
      }
      for (const query of ['access_token[]=x', 'access_token=', 'access_token[a]=x', 'access_token=%00', 'id_token[]=x']) {
        assert.ok([400, 401].includes((await call(`${origin}/everywhere?${query}`)).status), query);
      }
    });

    test('scopes: 403 says which; in scope or scp', async (t) => {
      await start(t);
      for (const path of ['/scoped', '/scopes']) {
        const lacks = await call(origin + path, { token: await mint(LABEL, { claims: { scope: 'read' } }) });
        assert.equal(lacks.status, 403);
        assert.match(lacks.headers['www-authenticate'], /^Bearer realm="api", error="insufficient_scope", error_description="[^"]+", scope="read write"$/);
        assert.equal(lacks.json.error, 'insufficient_scope');
        assert.equal((await call(origin + path, { token: await mint(LABEL, { claims: { scope: 'write x read' } }) })).status, 200);
        assert.equal((await call(origin + path, { token: await mint(LABEL, { claims: { scope: null, scp: ['read', 'write'] } }) })).status, 200);
        for (const scope of [null, 7, { read: true, write: true }, [['read', 'write']], 'readwrite']) {
          assert.equal((await call(origin + path, { token: await mint(LABEL, { claims: { scope } }) })).status, 403, JSON.stringify(scope));
        }
      }
      assert.equal((await call(`${origin}/any`, { token: await mint(LABEL, { claims: { scope: 'x admin' } }) })).status, 200);
      assert.equal((await call(`${origin}/any`, { token: await mint(LABEL, { claims: { scope: 'x' } }) })).status, 403);
    });

    test('claims: by rule, and by middleware', async (t) => {
      await start(t);
      const staff = await mint(LABEL, { claims: { groups: ['night', 'staff'], tenant: 7 } });
      const guest = await mint(LABEL, { claims: { groups: 'guest', tenant: '7' } });
      for (const path of ['/required', '/equals', '/includes', '/check']) {
        assert.equal((await call(origin + path, { token: staff })).status, 200, path);
        const refused = await call(origin + path, { token: path === '/check' ? await mint(LABEL, { claims: { tenant: 1 } }) : guest });
        assert.deepEqual([refused.status, refused.json.error], [403, 'access_denied'], path);
      }
      assert.equal((await call(`${origin}/promised`, { token: staff })).status, 403, 'a promise is no true');
      assert.equal((await call(`${origin}/thrown`, { token: staff })).status, 500);
    });

    test('authRequired false: without a token nobody is there; a bad one is refused all the same', async (t) => {
      await start(t);
      const nobody = await call(`${origin}/optional`);
      assert.deepEqual([nobody.status, nobody.json.token], [200, null]);
      assert.equal((await call(`${origin}/optional`, { token: 'bad.to.ken' })).status, 401);
      assert.equal((await call(`${origin}/optional`, { token: await mint(LABEL) })).json.payload.sub, 'person-ada');
      const demanded = await call(`${origin}/optional/scopes`);
      assert.deepEqual([demanded.status, demanded.headers['www-authenticate']], [401, 'Bearer realm="api"']);
    });

    test('passErrors: the application’s own handler gets the error, with all that it needs', async (t) => {
      await start(t);
      const cases = [
        [{}, 'UnauthorizedError', 401, 'bearer_missing', /^Bearer realm="api"$/],
        [{ token: 'two words' }, 'InvalidRequestError', 400, 'bearer_malformed', /error="invalid_request"/],
        [{ token: await mint(LABEL, { claims: { exp: past } }) }, 'InvalidTokenError', 401, 'token_exp', /error="invalid_token"/],
      ];
      for (const [how, name, status, id, header] of cases) {
        const { status: sent, headers } = await call(`${origin}/errors`, how);
        const error = seen.at(-1);
        assert.deepEqual([error.name, error.status, error.statusCode, error.id, sent], [name, status, status, id, status]);
        assert.match(error.headers['WWW-Authenticate'], header);
        assert.match(headers['www-authenticate'], header);
        assert.ok(error instanceof Error && error.clause.startsWith('RFC'));
      }
      assert.equal((await call(`${origin}/errors/scopes`, { token: await mint(LABEL) })).status, 403);
      assert.deepEqual([seen.at(-1).name, seen.at(-1).id], ['InsufficientScopeError', 'token_scope']);
      assert.equal(seen.length, 4);
    });

    test('requiredScopes() without bearer() before it lets nobody in', async (t) => {
      await start(t);
      assert.equal((await call(`${origin}/alone`, { token: await mint(LABEL) })).status, 500);
      assert.match(seen.at(-1).message, /bearer\(\) must stand before/);
    });

    test('the engine’s own addresses are none here', async (t) => {
      await start(t);
      assert.equal((await call(`${origin}/?code=x&state=y`)).status, 401);
    });
  });
}

test('one middleware in all frameworks at once, in whatever order requests come', async (t) => {
  const middleware = bearer(quiet);
  t.after(() => middleware.close());
  const origins = [];
  for (const framework of Object.keys(frameworks)) origins.push(await open(t, framework, { '/': [middleware] }));
  const token = await mint(LABEL);
  for (const order of [origins, origins.toReversed(), origins]) {
    for (const origin of order) {
      assert.equal((await call(`${origin}/`, { token })).json.payload.sub, 'person-ada');
      assert.equal((await call(`${origin}/`)).status, 401);
    }
  }
});
