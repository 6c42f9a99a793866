// SPDX-License-Identifier: Apache-2.0
// Nobody is signed out by a change of package: express-openid-connect's sessions are read here, and ours there, in the cookie, in a
// store, and with signed ids.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import eoc from 'express-openid-connect';
import express from 'express4';
import session from 'express-session';
import { openStage, testOn } from '../support/stage.mjs';
import { Client, idToken, SECRET, serve, site } from './session-support.mjs';

const stage = openStage('session-change');
const test = testOn(stage);

/** express-openid-connect with a session that says who it is. */
async function theirs(options = {}) {
  const app = express();
  const { secret = SECRET, ...session } = options;
  app.use(eoc.auth({
    issuerBaseURL: 'https://op.example', baseURL: 'http://127.0.0.1', clientID: 'practice', secret, authRequired: false,
    authorizationParams: { response_type: 'code' }, clientSecret: 'unused-here', session,
  }));
  app.get('/in', (req, res) => {
    Object.assign(req.appSession ?? req[session.name], {
      id_token: idToken({ sub: 'ada' }, Number(req.query.filling ?? 0)), access_token: 'at', token_type: 'Bearer', expires_at: 9e9, cart: ['ü', 1],
    });
    res.redirect('/see');
  });
  app.get('/see', (req, res) => res.json(req.oidc.isAuthenticated() ? req.oidc.user.sub : null));
  app.get('/all', (req, res) => res.json(req.appSession));
  return serve(stage, app);
}

const ours = async (options = {}) => (await site(stage, options, {
  '/sub': (visit, req, res) => res.end(JSON.stringify(visit.peek()?.sub ?? JSON.parse(Buffer.from(visit.peek()?.id_token?.split('.')[1] ?? 'bnVsbA', 'base64url'))?.sub ?? null)),
})).origin;

const kinds = {
  'in the cookie': () => ({}),
  'in a store': () => ({ store: new session.MemoryStore() }),
  'in a store, with a signed id': () => ({ store: new session.MemoryStore(), signSessionStoreCookie: true }),
  'in the cookie, with a secret of eight characters': () => ({ secret: '12345678' }),
  'in the cookie, without rolling': () => ({ rolling: false, absoluteDuration: 3600 }),
};

for (const [name, options] of Object.entries(kinds)) {
  describe(name, () => {
    for (const filling of name.includes('cookie') ? [0, 500, 2500, 3000] : [0]) {
      test(`theirs is read here (${filling} more bytes)`, async () => {
        const shared = options();
        const there = new Client(await theirs(shared));
        await there.get(`/in?filling=${filling}`);
        const here = new Client(await ours(shared), there.browser);
        assert.equal(await here.see('/sub'), 'ada');
        const { cart, id_token: token } = await here.see();
        assert.deepEqual([cart, token], [['ü', 1], idToken({ sub: 'ada' }, filling)]);
      });

      test(`ours is read there (${filling} more bytes)`, async () => {
        const shared = options();
        const here = new Client(await ours(shared));
        await here.get(`/in?filling=${filling}`);
        const there = new Client(await theirs(shared), here.browser);
        assert.equal(await there.see(), 'ada');
      });
    }

    test('and back again, changed on both sides; a sign-out here is one there', async () => {
      const shared = options();
      const there = new Client(await theirs(shared));
      await there.get('/in');
      const here = new Client(await ours(shared), there.browser);
      assert.equal((await here.see('/count')).count, 1);
      assert.equal((await there.see('/all')).count, 1);
      assert.equal((await here.see('/count')).count, 2);
      await here.get('/out');
      assert.equal(await there.see(), null);
    });
  });
}

describe('secrets that rotate', () => {
  const old = 'an-old-secret-of-thirty-two-bytes-and-more';

  test('what the old one sealed is read on both sides', async () => {
    const there = new Client(await theirs({ secret: old }));
    await there.get('/in');
    assert.equal(await new Client(await ours({ secret: [SECRET, old] }), there.browser).see('/sub'), 'ada');
    const here = new Client(await ours({ secret: old }));
    await here.get('/in');
    assert.equal(await new Client(await theirs({ secret: [SECRET, old] }), here.browser).see(), 'ada');
  });

  test('a signed id of the old one is taken; of another, or unsigned, it is not', async () => {
    const store = new session.MemoryStore();
    const signed = { store, signSessionStoreCookie: true };
    const there = new Client(await theirs({ ...signed, secret: old }));
    await there.get('/in');
    assert.equal(await new Client(await ours({ ...signed, secret: [SECRET, old] }), there.browser).see('/sub'), 'ada');
    assert.equal(await new Client(await ours(signed), there.browser).see('/sub'), null);
    const bare = new Client(await theirs({ store }));
    await bare.get('/in');
    assert.equal(await new Client(await ours(signed), bare.browser).see('/sub'), null);
    assert.equal(await new Client(await ours({ ...signed, requireSignedSessionStoreCookie: false }), bare.browser).see('/sub'), 'ada');
  });
});
