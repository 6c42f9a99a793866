// SPDX-License-Identifier: Apache-2.0
// What the application learns of who is there comes from the server alone.
import assert from 'node:assert/strict';
import { valuesOf } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { signedIn } from '../support/practice.mjs';
import { rawGet } from '../support/raw.mjs';
import { host, identity, setUp } from './host.mjs';

const world = await setUp('identity', { site: { lines: host.lenientHeaders } });
const { test, port, url } = world;

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];
const SPELLINGS = ['X-User-Sub', 'x-user-sub', 'X_User_Sub', 'x_user_sub', 'X.User.Sub', 'X-USER_sub', 'x-USER.Sub', 'X-User_Sub'];
const browser = await signedIn(url('/'));
const cookie = browser.jar.header(new URL(url('/')));
const sub = valuesOf(browser.first.json, 'X-User-Sub')[0];

const forged = SPELLINGS.map((name, i) => [name, `mallory-${i}`]);

function assertNoneForged(answer, expected) {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(valuesOf(JSON.parse(answer.text), 'X-User-Sub'), expected);
  assert.ok(!answer.text.includes('mallory'), answer.text);
}

for (const method of METHODS) {
  const length = method === 'GET' ? [] : [['Content-Length', '0']];
  test(`${method}: forged headers do not reach a public place`, async () => {
    assertNoneForged(await rawGet(port, '/public/x', [...forged, ...length], method), []);
  });
  test(`${method}: forged headers do not reach a protected place beside a session`, async () => {
    assertNoneForged(await rawGet(port, '/x', [...forged, ...length, ['Cookie', cookie]], method), [sub]);
  });
  test(`${method}: forged headers are no session`, async () => {
    const answer = await rawGet(port, '/x', [...forged, ...length], method);
    assert.equal(answer.status, 401);
  });
  test(`${method}: forged headers do not reach a place that lets the unknown pass`, async () => {
    assertNoneForged(await rawGet(port, '/perhaps/x', [...forged, ...length], method), []);
  });
}

for (const name of SPELLINGS) {
  test(`${name} alone, and twice, never arrives`, async () => {
    assertNoneForged(await rawGet(port, '/public/x', [[name, 'mallory']]), []);
    assertNoneForged(await rawGet(port, '/x', [[name, 'mallory'], ['Cookie', cookie], [name, 'mallory']]), [sub]);
  });
}

test('each header that any rule sets is taken from the client everywhere', async () => {
  for (const name of Object.keys(identity)) {
    const answer = await rawGet(port, '/public/x', [[name, 'mallory']]);
    assert.deepEqual(valuesOf(JSON.parse(answer.text), name), [], name);
  }
});

test('a header among very many is found', async () => {
  const crowd = Array.from({ length: 60 }, (_, i) => [`X-Filler-${i}`, 'x']);
  const answer = await rawGet(port, '/public/x', [...crowd, ['x_user.sub', 'mallory'], ...crowd.map(([name]) => [`${name}-b`, 'y'])]);
  assertNoneForged(answer, []);
  const told = JSON.parse(answer.text);
  assert.equal(told.fields.filter(([name]) => name.startsWith('X-Filler-')).length, 120, 'the others arrive, every one');
});

test('headers that only look alike arrive', async () => {
  const others = [['X-User-Subject', 'a'], ['X-User', 'b'], ['X-User-Sub-2', 'c'], ['XUserSub', 'd']];
  const told = JSON.parse((await rawGet(port, '/public/x', others)).text);
  for (const [name, value] of others) assert.deepEqual(valuesOf(told, name), [value], name);
});

test('a request that a forged header would split is none of ours', async () => {
  const answer = await rawGet(port, '/public/x', [['X-User-Sub\t', 'mallory'], ['X-User-Sub ', 'mallory']]);
  assert.ok(answer.status === 400 || !answer.text.includes('mallory'), answer.text);
});

test('a session cookie in the second of several Cookie fields counts', async () => {
  const told = JSON.parse((await rawGet(port, '/x', [['Cookie', 'a=1'], ['Cookie', cookie], ['Cookie', 'b=2']])).text);
  assert.deepEqual(valuesOf(told, 'X-User-Sub'), [sub]);
});

test('of two session cookies neither makes another person', async () => {
  const alan = await signedIn(url('/'), 'alan');
  const other = alan.jar.header(new URL(url('/')));
  for (const fields of [[['Cookie', cookie], ['Cookie', other]], [['Cookie', `${other}; ${cookie}`]]]) {
    const answer = await rawGet(port, '/x', fields);
    const who = valuesOf(JSON.parse(answer.text), 'X-User-Name');
    assert.equal(who.length, 1);
    assert.ok(['Ada Lovelace', 'Alan Turing'].includes(who[0]));
    assert.equal(valuesOf(JSON.parse(answer.text), 'X-User-Sub').length, 1);
  }
});

test('two people at once never see each other', async () => {
  const people = await Promise.all(['ada', 'alan', 'grace'].map((who) => signedIn(url('/'), who)));
  const names = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper'];
  await Promise.all(Array.from({ length: 90 }, async (_, i) => {
    const told = (await people[i % 3].open(url(`/who/${i}`))).json;
    assert.deepEqual(valuesOf(told, 'X-User-Name'), [names[i % 3]]);
  }));
});

test('big cookies of others do not get in the way', async () => {
  const big = `theirs=${'x'.repeat(7000)}`;
  const answer = await rawGet(port, '/x', [['Cookie', `${big}; ${cookie}; more=${'y'.repeat(3000)}`]]);
  assert.deepEqual(valuesOf(JSON.parse(answer.text), 'X-User-Sub'), [sub]);
});

test('a claim that would break a header is not passed on', async () => {
  const told = (await new Browser({ jar: browser.jar }).open(url('/x'))).json;
  for (const [, value] of told.fields) assert.ok(!/[\r\n]/.test(value));
});
