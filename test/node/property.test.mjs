// SPDX-License-Identifier: Apache-2.0
// Properties of requests that stand on Express's prototype: as if they were set, from wherever they are read.
import assert from 'node:assert/strict';
import { createServer, IncomingMessage } from 'node:http';
import { test } from 'node:test';
import express4 from 'express4';
import express from 'express5';
import { requestProperty, responseProperty } from '../../servers/node/lib/property.js';

let number = 0;

/** A property with a name that no other test has: what stands on Express's prototype stays there. */
const fresh = (access) => requestProperty(`property${++number}`, access);

async function ask(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((done) => { server.once('listening', done); });
  try {
    return await (await fetch(`http://127.0.0.1:${server.address().port}/`)).json();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

for (const [name, make] of [['Express 5', express], ['Express 4', express4]]) {
  test(`${name}: it is there for what comes behind, own to each request, and no property of the request`, async () => {
    const property = fresh();
    const app = make();
    app.get('/', (req, res, next) => { property.put(req, { url: req.url }); next(); });
    app.get('/', (req, res) => res.json({ url: req[property.name].url, own: Object.hasOwn(req, property.name), has: property.has(req) }));
    assert.deepEqual(await ask(app), { url: '/', own: false, has: true });
    const without = make();
    without.get('/', (req, res) => res.json({ is: typeof req[property.name], has: property.has(req) }));
    assert.deepEqual(await ask(without), { is: 'undefined', has: false });
  });

  test(`${name}: an application within, mounted or called, sees it, and what is behind it sees what was put within`, async () => {
    const [outer, mounted, called] = [fresh(), fresh(), fresh()];
    const [app, one, two] = [make(), make(), make()];
    const seen = {};
    app.use((req, res, next) => { outer.put(req, { is: 'outer' }); next(); });
    one.use((req, res, next) => { seen.one = req[outer.name]?.is; mounted.put(req, { is: 'mounted' }); next(); });
    two.use((req, res, next) => { seen.two = req[outer.name]?.is; called.put(req, { is: 'called' }); next(); });
    app.use(one);
    app.use((req, res, next) => two(req, res, next));
    app.use((req, res) => res.json({ ...seen, mounted: req[mounted.name]?.is, called: req[called.name]?.is }));
    assert.deepEqual(await ask(app), { one: 'outer', two: 'outer', mounted: 'mounted', called: 'called' });
  });

  test(`${name}: through an object that has the request as its prototype`, async () => {
    const property = fresh();
    const app = make();
    app.use((req, res) => { property.put(req, { is: 1 }); res.json(Object.create(Object.create(req))[property.name]); });
    assert.deepEqual(await ask(app), { is: 1 });
  });

  test(`${name}: what an application sets under this name is its own, before and after`, async () => {
    const property = fresh();
    const app = make();
    app.use((req, res, next) => { property.put(req, { is: 'ours' }); req[property.name] = 'theirs'; next(); });
    app.use((req, res) => {
      const [after, keys] = [req[property.name], Object.keys(req).includes(property.name)];
      property.put(req, { is: 'ours again' });
      res.json([after, keys, req[property.name].is]);
    });
    assert.deepEqual(await ask(app), ['theirs', true, 'ours again']);
  });

  test(`${name}: where an application has the name on its own prototype, nothing of it is touched`, async () => {
    const property = fresh();
    const app = make();
    app.request[property.name] = 'a helper';
    app.get('/', (req, res) => { property.put(req, { is: 'ours' }); res.json([req[property.name].is, app.request[property.name], Object.hasOwn(req, property.name)]); });
    assert.deepEqual(await ask(app), ['ours', 'a helper', true]);
  });
}

test('of a response, and of none that has no request', async () => {
  const property = responseProperty(`property${++number}`);
  const app = express();
  app.use((req, res) => { property.put(res, { is: 1 }); res.json([res[property.name], Object.hasOwn(res, property.name), Object.create(app.response)[property.name] ?? null]); });
  assert.deepEqual(await ask(app), [{ is: 1 }, false, null]);
});

test('a list of raw headers that somebody replaced has nothing of it: nobody, not somebody else', async () => {
  const property = fresh();
  const app = express();
  app.use((req, res) => { property.put(req, { is: 1 }); req.rawHeaders = [...req.rawHeaders]; res.json([req[property.name] ?? null, property.has(req)]); });
  assert.deepEqual(await ask(app), [null, false]);
});

test('another request with the same list of raw headers: nobody, and never somebody else', async () => {
  const property = fresh();
  const app = express();
  app.use((req, res) => {
    const other = Object.assign(Object.create(Object.getPrototypeOf(req)), { rawHeaders: req.rawHeaders });
    property.put(req, { is: 'first' });
    const before = other[property.name] ?? null;
    property.put(other, { is: 'second' });
    res.json([before, other[property.name].is, req[property.name] ?? null]);
  });
  assert.deepEqual(await ask(app), [null, 'second', null]);
});

test('where there are no raw headers it is set on the request itself', () => {
  const property = fresh();
  const req = Object.create(Object.create(Object.create(IncomingMessage.prototype)));
  property.put(req, { is: 1 });
  assert.deepEqual([req[property.name], Object.hasOwn(req, property.name)], [{ is: 1 }, true]);
});

test('without Express it is set on the request itself, and nothing stands on Node\'s prototype', async () => {
  const property = fresh();
  const answer = await ask((req, res) => {
    property.put(req, { is: 1 });
    res.end(JSON.stringify({ own: Object.hasOwn(req, property.name), value: req[property.name], above: property.name in Object.getPrototypeOf(req) }));
  });
  assert.deepEqual(answer, { own: true, value: { is: 1 }, above: false });
});

test('with an accessor: what is read and set goes through it, in Express and without', async () => {
  const access = { get: (kept) => kept.text, set: (kept, given) => { kept.text = `set to ${given}`; } };
  const property = fresh(access);
  const use = (req, res) => {
    property.put(req, { text: 'as it was' });
    const before = req[property.name];
    req[property.name] = 5;
    res.end(JSON.stringify([before, req[property.name], property.has(req)]));
  };
  const wanted = ['as it was', 'set to 5', true];
  assert.deepEqual(await ask(express().use(use)), wanted);
  assert.deepEqual(await ask(use), wanted);
});
