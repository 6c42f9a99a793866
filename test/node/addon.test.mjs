// SPDX-License-Identifier: Apache-2.0
// The addon: what it is linked with, what it takes, and that nothing is left of what is done.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { addon } from '../../servers/node/lib/addon.js';
import { build } from '../support/place.mjs';
import { run } from '../support/process.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const NOW = 1_800_000_000;
const REQUEST = ['GET', 'https', 'app.example', '/x?y=1', '/x'];
const OPTIONS = [
  0, 0, 'cookie_secret', 'c'.repeat(32), 'test',
  1, 0, 'issuer', 'https://op.example', 'test',
  1, 0, 'client_id', 'app', 'test',
  1, 0, 'session_store', 'store', 'test',
  2, 0, 'provider', 'main', 'test',
  2, 1, 'bearer', 'main', 'test',
  2, 1, 'audience', 'api', 'test',
];
const open = () => addon.open(['main'], 1, [0, 0], OPTIONS);
const begin = (engine, ...headers) => addon.begin(engine, 0, 0, null, NOW, ...REQUEST, ...headers);
const waiting = (engine) => begin(engine, 'accept', 'text/html', 'sec-fetch-mode', 'navigate')[2];

/** Several rounds: a finalizer may be put off to the next turn. */
async function collectAll() {
  for (let i = 0; i < 6; i++) {
    collect();
    await new Promise((done) => { setImmediate(done); });
  }
}

test('there is one OpenSSL in the process, and it is Node\'s', () => {
  const program = join(build, 'node/gatewright.node');
  assert.equal(addon.opensslVersion(), process.versions.openssl.replace(/\+.*$/, ''));
  const needed = [...execFileSync('readelf', ['-d', program], { encoding: 'utf8' }).matchAll(/NEEDED.*\[(.*)\]/g)].map(([, name]) => name);
  assert.deepEqual(needed.filter((name) => !/^(libc|libm|libpthread)\.so/.test(name)), []);
  const names = execFileSync('nm', ['-D', '--defined-only', program], { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(' ').at(-1));
  assert.deepEqual(names.filter((name) => !/^(napi|node_api)_/.test(name)), []);
});

test('the tables are the engine\'s', () => {
  assert.equal(addon.options().find(({ name }) => name === 'client_secret').type, 'secret');
  assert.deepEqual(addon.options().find(({ name }) => name === 'response_mode').bounds, 'query|form_post');
  assert.equal(addon.refusals().find(({ id }) => id === 'no_session').status, 401);
  assert.match(addon.version(), /^\d+\.\d+\.\d+$/);
});

const engine = open();
const sealer = addon.sealerOpen(['s'.repeat(32)], 'test');
const good = {
  open: [['main'], 1, [0, 0], OPTIONS],
  close: [open()],
  siteAnswers: [engine, 0, '/oidc_callback'],
  headerIsOurs: [engine, 'X-User'],
  needsStore: [engine],
  upkeepDue: [engine, NOW],
  begin: [engine, 0, 0, null, NOW, ...REQUEST, 'accept', 'text/html'],
  step: [waiting(engine), NOW, 3, null, 0, [], [], 'down'],
  drop: [waiting(engine)],
  upkeep: [engine, NOW],
  sealerOpen: [['s'.repeat(32)], 'test'],
  sealerClose: [addon.sealerOpen(['s'.repeat(32)], 'test')],
  seal: [sealer, '', 'text'],
  unseal: [sealer, 'a.b.c'],
};
const ODD = [undefined, null, true, 1.5, -1, NaN, Infinity, 2 ** 53, '', 'x', Symbol('s'), 10n, {}, [], [1], [[]], () => {}, new Uint8Array(3), new Date(),
  new Proxy([], { get() { throw new Error('trap'); } }), open(), addon.sealerOpen(['s'.repeat(32)], 'spare'), Object.create(null), new Float64Array(2), new DataView(new ArrayBuffer(8))];

for (const [name, args] of Object.entries(good)) {
  test(`${name}: whatever it is given, it throws an Error or answers`, () => {
    for (let at = 0; at < args.length; at++) {
      for (const odd of ODD) {
        const given = args.map((arg, i) => (i === at ? odd : arg));
        try {
          addon[name](...given);
        } catch (error) {
          assert.ok(error instanceof Error, `${name} ${at} ${String(error)}`);
        }
      }
      assert.throws(() => addon[name](...args.slice(0, at).concat(Symbol('s'))), Error);
    }
    assert.throws(() => addon[name](), name === 'open' ? Error : TypeError);
  });
}

test('a value of another kind is a TypeError, by its place', () => {
  assert.throws(() => addon.begin({}, 0, 0, null, NOW, ...REQUEST), { name: 'TypeError', message: 'an engine was expected' });
  assert.throws(() => addon.step(engine, NOW, 0), { name: 'TypeError', message: 'a transaction was expected' });
  assert.throws(() => addon.seal(engine, '', ''), { name: 'TypeError', message: 'a sealer was expected' });
  assert.throws(() => begin(engine, 'accept'), TypeError);
  assert.throws(() => begin(engine, 'accept', 5), TypeError);
  assert.throws(() => addon.begin(engine, 0, 0, null, NOW, 'GET', 'https', 'app.example', '/x', Buffer.from('/x')), TypeError);
});

/** An array that calls back while its elements are read. */
function withGetter(array, at, act) {
  const { [at]: value } = array;
  return Object.defineProperty([...array], at, { get() {
    act();
    return value;
  } });
}

test('an array that calls the addon while it is read changes nothing of what was read with it', () => {
  const own = addon.open(['main'], 1, [], OPTIONS.slice(0, 20).with(18, 'application'));
  const disturb = () => void begin(engine, ...Array(40).fill('x'.repeat(20_000)));
  const ask = (act) => addon.begin(own, 0, -1, withGetter([0, 0, '/x', '', 'note', ''], 2, act), NOW, ...REQUEST);
  assert.equal(ask(disturb)[0], 2);
  assert.throws(() => ask(() => addon.close(own)), { code: 'GATE_CLOSED' });

  const step = (tx, act) => addon.step(tx, NOW, 0, '{"issuer":"https://op.example"}', 200, withGetter(['content-type', 'application/json'], 1, act), [], undefined);
  assert.match(step(waiting(open()), disturb)[1].join(' '), /metadata_malformed/);
  const tx = waiting(open());
  assert.throws(() => step(tx, () => addon.drop(tx)), { code: 'GATE_ENDED' });

  const secrets = ['o'.repeat(32), 'y'.repeat(32)];
  const sealed = addon.seal(addon.sealerOpen(secrets, 'session'), '', 'text');
  assert.equal(addon.unseal(addon.sealerOpen(withGetter(secrets, 1, disturb), 'session'), sealed)[1], 'text');
});

test('a time that is none is no time at which every token is fresh', () => {
  for (const time of [NaN, Infinity, -Infinity, -1, 1.5, undefined, '5']) {
    assert.throws(() => addon.begin(engine, 0, 0, null, time, ...REQUEST), Error);
  }
});

test('a character that is no byte is refused where bytes are read: it would become another', () => {
  assert.throws(() => begin(engine, 'cookie', 'a=\u010a'), { name: 'TypeError', message: /no byte/ });
  assert.throws(() => addon.begin(engine, 0, 0, null, NOW, 'GET', 'https', 'app.example', '/\u010d', '/x'), TypeError);
  assert.ok(begin(engine, 'cookie', 'a=\xe9\xff'));
  assert.ok(addon.begin(engine, 0, 0, null, NOW, 'GET', 'https', 'app.example', '/x', '/\u010d\u{1f600}'));
});

test('what is too much is refused, and what is much is not', () => {
  assert.throws(() => begin(engine, ...Array(130).fill('accept')), TypeError);
  assert.throws(() => begin(engine, ...Array(300).fill('accept')), RangeError);
  assert.throws(() => begin(engine, 'cookie', 'x'.repeat(5 << 20)), RangeError);
  assert.equal(begin(engine, 'cookie', 'x'.repeat(100_000))[8], 'request_too_large');
  assert.equal(begin(engine, 'cookie', `a=${'x'.repeat(60_000)}`)[8], 'no_session');
  assert.throws(() => addon.open(['main'], 1, Array(70_000).fill(0), OPTIONS), RangeError);
  assert.throws(() => addon.open(['main'], 1, [0, 0], OPTIONS.slice(1)), TypeError);
});

test('Authorization that was sent twice arrives twice', () => {
  const ask = (...headers) => addon.begin(engine, 0, 1, null, NOW, ...REQUEST, ...headers);
  assert.notEqual(ask('authorization', 'Bearer a')[8], ask('authorization', 'Bearer a', 'authorization', 'Bearer b')[8]);
});

test('what the engine logs comes with the result, and once', () => {
  const own = open();
  const asked = begin(own, 'accept', 'text/html', 'sec-fetch-mode', 'navigate');
  assert.equal(asked[1], undefined);
  const done = addon.step(asked[2], NOW, 3, null, 0, [], [], 'down');
  assert.equal(done[0], 3);
  assert.match(done[1].join(' '), /provider_down/);
  assert.doesNotMatch(begin(own)[1].join(' '), /provider_down/);
});

test('a message says place, option, fault and remedy', () => {
  assert.throws(() => addon.open(['main'], 1, [0], [1, 0, 'issuer', 'http://op.example', 'app.js:7', 2, 0, 'provider', 'main', 'app.js:8']),
    { code: 'GATE_OPTION', message: /^app\.js:7: issuer: is http outside loopback; / });
});

test('an engine ends with its last transaction, and begins none after close', () => {
  const own = open();
  const tx = waiting(own);
  const [engines] = addon.counts();
  addon.close(own);
  addon.close(own);
  assert.equal(addon.counts()[0], engines);
  assert.throws(() => begin(own), { code: 'GATE_CLOSED' });
  assert.throws(() => addon.siteAnswers(own, 0, '/'), { code: 'GATE_CLOSED' });
  assert.equal(addon.step(tx, NOW, 3)[0], 3);
  assert.equal(addon.counts()[0], engines - 1);
  assert.throws(() => addon.step(tx, NOW, 3), { code: 'GATE_ENDED' });
  addon.drop(tx);
});

test('a transaction that is dropped has ended', () => {
  const own = open();
  const [, before] = addon.counts();
  const tx = waiting(own);
  assert.equal(addon.counts()[1], before + 1);
  addon.drop(tx);
  addon.drop(tx);
  assert.equal(addon.counts()[1], before);
  assert.throws(() => addon.step(tx, NOW, 3), { code: 'GATE_ENDED' });
});

function leaveBehind() {
  for (let round = 0; round < 20; round++) {
    const own = open();
    const held = Array.from({ length: 10 }, () => waiting(own));
    addon.step(held[round % 10], NOW, 3);
    if (round % 2) addon.close(own);
    addon.sealerOpen(['s'.repeat(32)], 'test');
  }
}

test('what nobody holds any more is collected, whatever comes first', async () => {
  await collectAll();
  const before = addon.counts();
  leaveBehind();
  assert.ok(addon.counts()[0] > before[0] && addon.counts()[1] > before[1] && addon.counts()[2] > before[2]);
  await collectAll();
  assert.deepEqual(addon.counts(), before);
});

test('sealed text comes back, under any of the secrets, for its purpose', () => {
  const open2 = (...secrets) => addon.sealerOpen(secrets, 'session');
  const [old, young] = ['o'.repeat(32), 'y'.repeat(32)];
  const sealed = addon.seal(open2(old), ',"iat":7', 'h\xe9llo \u{1f600}');
  const [header, text] = addon.unseal(open2(young, old), sealed);
  assert.equal(text, 'h\xe9llo \u{1f600}');
  assert.equal(JSON.parse(header).iat, 7);
  assert.equal(addon.unseal(open2(young), sealed), null);
  assert.equal(addon.unseal(addon.sealerOpen([old], 'other'), sealed), null);
  assert.equal(addon.unseal(open2(old), sealed.slice(0, -2)), null);
  assert.throws(() => addon.sealerOpen([], 'session'), { code: 'GATE_SEALER' });
});

test('the same under AddressSanitizer: wrong types, collection, workers that are ended', async (t) => {
  const program = join(build, 'node/san/gatewright.node');
  const library = execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  if (!existsSync(program) || !library.includes('/')) return t.skip('no sanitized build is here');
  const script = new URL('./addon-load.mjs', import.meta.url).pathname;
  const { status, text } = await run(process.execPath, [script, '300'], {
    env: { LD_PRELOAD: library, GATEWRIGHT_ADDON: program, ASAN_OPTIONS: 'detect_leaks=0:alloc_dealloc_mismatch=0', UBSAN_OPTIONS: 'print_stacktrace=1', NODE_TEST_CONTEXT: '' },
  });
  assert.equal(status, 0, text.slice(-4000));
  assert.match(text, /loaded .*node\/san\/gatewright\.node/);
  assert.match(text, /done 300/);
});
