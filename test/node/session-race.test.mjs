// SPDX-License-Identifier: Apache-2.0
// "I log out, and am still logged in": a store whose writes take 200 ms, a sign-out, and requests beside it. First the defect where it is
// known from (express-session, express-openid-connect), then the same here.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import eoc from 'express-openid-connect';
import express from 'express4';
import session from 'express-session';
import { pause } from '../support/place.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { Client, idToken, SECRET, serve, site, SlowStore } from './session-support.mjs';

const stage = openStage('session-race');
const test = testOn(stage);
const LATENCY = 200;
const slow = () => new SlowStore(LATENCY, 10);

/** express-session as it is used everywhere: destroy, and redirect. */
async function usualApplication(store) {
  const app = express();
  class Store extends session.Store {
    get(...args) { store.get(...args); }

    set(...args) { store.set(...args); }

    destroy(...args) { store.destroy(...args); }

    touch(id, row, callback) { store.set(id, row, callback); }
  }
  app.use(session({ store: new Store(), secret: SECRET, resave: false, saveUninitialized: false }));
  app.get('/in', (req, res) => {
    req.session.sub = 'ada';
    res.redirect('/see');
  });
  app.get('/see', (req, res) => res.json(req.session.sub ?? null));
  app.get('/slow', (req, res) => {
    req.session.slow = true;
    setTimeout(() => res.json(req.session.sub ?? null), Number(req.query.ms));
  });
  app.get('/out', (req, res) => {
    req.session.destroy();
    res.redirect('/see');
  });
  return serve(stage, app);
}

/** The sub that a client sees: express-session's application answers it alone. */
const who = async (client, path) => {
  const seen = await client.see(path);
  return typeof seen === 'string' ? seen : seen?.sub ?? null;
};

/** Another browser with the same cookies. */
function copyOf(client) {
  const copy = new Client(client.origin);
  copy.browser.jar = client.browser.jar.copy();
  return copy;
}

describe('the defect', () => {
  test('destroy and redirect: who is quick is still signed in, and stays so for good', async () => {
    const client = new Client(await usualApplication(slow()));
    await client.get('/in');
    const copy = copyOf(client);
    await client.get('/out');
    assert.equal(await who(copy), 'ada', 'at once');
    await pause(3 * LATENCY);
    assert.equal(await who(copy), 'ada', 'and later');
  });

  test('a request that was on its way writes the session back', async () => {
    const client = new Client(await usualApplication(slow()));
    await client.get('/in');
    const onItsWay = client.get('/slow?ms=700');
    await pause(60);
    await client.get('/out');
    await onItsWay;
    await pause(2 * LATENCY);
    assert.equal(await who(client), 'ada');
  });

  test('express-openid-connect too, even by a request that only reads', async () => {
    const store = slow();
    const app = express();
    app.use(eoc.auth({ issuerBaseURL: 'https://op.example', baseURL: 'http://127.0.0.1', clientID: 'x', clientSecret: 'unused-here', secret: SECRET, authRequired: false, authorizationParams: { response_type: 'code' }, session: { store } }));
    app.get('/in', (req, res) => { Object.assign(req.appSession, { id_token: idToken({ sub: 'ada' }) }); res.end(); });
    app.get('/see', (req, res) => res.json(req.oidc.user?.sub ?? null));
    app.get('/slow', (req, res) => setTimeout(() => res.json(null), 700));
    app.get('/out', (req, res) => { req.appSession = null; res.end(); });
    const client = new Client(await serve(stage, app));
    await client.get('/in');
    const onItsWay = client.get('/slow');
    await pause(60);
    const [copy, another] = [0, 1].map(() => copyOf(client));
    await client.get('/out');
    assert.equal(await who(copy), null);
    await onItsWay;
    assert.equal(await who(another), 'ada');
  });
});

describe('here', () => {
  /** A client that is signed in, and a copy of its cookies as an attacker, or another tab, has them. */
  async function signedIn(store, places) {
    const { origin, log } = await site(stage, { store }, places);
    const client = new Client(origin);
    await client.get('/in');
    return { client, copy: copyOf(client), log };
  }

  test('the answer to a sign-out comes when the store has acknowledged it, and nobody is signed in from then on', async () => {
    const store = slow();
    const { client, copy } = await signedIn(store);
    const began = Date.now();
    const out = await client.get('/out');
    assert.equal(out.status, 302);
    assert.ok(Date.now() - began >= 2 * LATENCY - 20, 'mark and row');
    assert.deepEqual(store.sessions, []);
    assert.equal(await who(copy), null);
    await pause(2 * LATENCY);
    assert.equal(await who(copy), null);
  });

  for (const [name, path] of Object.entries({ 'only reads': '/slow?ms=700', 'writes': '/slow?write=1&ms=700' })) {
    test(`a request that was on its way and ${name} brings nothing back`, async () => {
      const store = slow();
      const { client, copy } = await signedIn(store);
      const onItsWay = copy.get(path);
      await pause(60);
      await client.get('/out');
      const answer = await onItsWay;
      assert.equal(answer.status, 200);
      await pause(3 * LATENCY);
      assert.deepEqual(store.sessions, []);
      assert.equal(await who(copy), null);
    });
  }

  test('at whatever moment the sign-out comes, nobody is signed in after it, and no row is left', async () => {
    await Promise.all(Array.from({ length: 24 }, async (_, i) => {
      const store = new SlowStore(40);
      const { client, copy } = await signedIn(store);
      const onItsWay = copy.get('/slow?write=1&ms=40');
      await pause(i * 12);
      await client.get('/out');
      assert.equal(await who(copy), null, `after ${i * 12} ms`);
      await onItsWay;
      await pause(200);
      assert.equal(await who(copy), null, `after ${i * 12} ms, and the other request`);
      assert.deepEqual(store.sessions, [], `after ${i * 12} ms`);
    }));
  });

  test('a row that was taken away by hand is not written back either', async () => {
    const store = new SlowStore(20);
    const { copy } = await signedIn(store);
    const onItsWay = copy.get('/slow?write=1&ms=150');
    await pause(80);
    store.rows.clear();
    await onItsWay;
    assert.deepEqual(store.sessions, []);
    assert.equal(await who(copy), null);
  });

  test('a touch is a write like any other', async () => {
    const store = new SlowStore(20);
    const { client, copy } = await signedIn(store);
    for (const [id, row] of store.sessions) store.rows.set(id, JSON.stringify({ ...row, header: { ...row.header, uat: row.header.uat - 40000 } }));
    const onItsWay = copy.get('/slow?ms=150');
    await pause(60);
    await client.get('/out');
    await onItsWay;
    assert.deepEqual(store.sessions, []);
    assert.equal(await who(copy), null);
  });

  test('the mark lives as long as the session could have', async () => {
    const store = new SlowStore();
    const { client } = await signedIn(store);
    await client.get('/out');
    const [[id, text]] = [...store.rows];
    assert.match(id, /^ended-[\w-]{43}$/);
    const left = JSON.parse(text).cookie.expires - Date.now();
    assert.ok(Math.abs(left - 7 * 86400e3) < 5000, String(left));
  });
});
