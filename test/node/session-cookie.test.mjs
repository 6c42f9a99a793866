// SPDX-License-Identifier: Apache-2.0
// Sessions in a sealed cookie: when they are written, what is nobody, how they end.
import assert from 'node:assert/strict';
import { describe, mock } from 'node:test';
import { openStage, testOn } from '../support/stage.mjs';
import { openSessions } from '../../servers/node/lib/session/index.js';
import { Client, DAY, idToken, SECRET, sealer, serve, site } from './session-support.mjs';

const stage = openStage('session-cookie');
const test = testOn(stage);
const now = () => Math.floor(Date.now() / 1000);

/** Moves the clock of Date for the time of `body`. */
async function after(seconds, body) {
  mock.timers.enable({ apis: ['Date'], now: Date.now() + seconds * 1000 });
  try {
    return await body();
  } finally {
    mock.timers.reset();
  }
}

/** A session cookie made by hand. */
const made = (times, data = { id_token: idToken({ sub: 'ada' }) }, secret = SECRET) => sealer([secret], 'JWE CEK').seal(times, JSON.stringify(data));
const fresh = () => ({ iat: now(), uat: now(), exp: now() + DAY });
const read = (cookie, options = {}) => openSessions({ secret: SECRET, sealer, ...options }).read(cookie);

describe('when it is written', () => {
  test('a response to which nothing happened sets no cookie; a change does, and is for no shared cache', async () => {
    const { origin } = await site(stage, {});
    const client = new Client(origin);
    assert.deepEqual((await client.get('/see')).cookies, []);
    const signedIn = await client.get('/in');
    assert.equal(signedIn.cookies.length, 1);
    assert.match(signedIn.cookies[0], /^appSession=eyJ[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Expires=/);
    assert.equal(signedIn.headers['cache-control'], 'private');
    const seen = await client.get('/see');
    assert.deepEqual(seen.cookies, []);
    assert.equal(seen.headers['cache-control'], undefined);
    assert.equal((await client.get('/count')).cookies.length, 1);
    assert.equal((await client.see('/count')).count, 2);
  });

  test('looking at the object changes nothing', async () => {
    const { origin } = await site(stage, {}, { '/look': (visit, req, res) => res.end(String(visit.data.sub)) });
    const client = new Client(origin);
    assert.deepEqual((await client.get('/look')).cookies, []);
    await client.get('/in');
    assert.deepEqual((await client.get('/look')).cookies, []);
  });

  test('the application’s own Cache-Control stays', async () => {
    const { origin } = await site(stage, {}, { '/mine': (visit, req, res) => {
      visit.data.x = 1;
      res.setHeader('Cache-Control', 'no-store').end();
    } });
    const answer = await new Client(origin).get('/mine');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.cookies.length, 1);
  });

  test('a page that caches may share is for no shared cache when a session goes with it', async () => {
    const said = { 'public, max-age=3600': 'private, max-age=3600', 'max-age=60, s-maxage=600': 'private, max-age=60', private: 'private', 'no-store': 'no-store' };
    for (const way of ['header', 'head']) {
      const { origin } = await site(stage, {}, { '/mine': (visit, req, res, url) => {
        visit.data.x = 1;
        const { value } = Object.fromEntries(url.searchParams);
        if (way === 'header') res.setHeader('Cache-Control', value).end();
        else res.writeHead(200, { 'cache-control': value }).end();
      } });
      for (const [given, wanted] of Object.entries(said)) {
        const answer = await new Client(origin).get(`/mine?value=${encodeURIComponent(given)}`);
        assert.deepEqual([answer.headers['cache-control'], answer.cookies.length], [wanted, 1]);
      }
    }
  });

  test('in use it is written anew after a tenth of its timeout, and not before', async () => {
    const { origin } = await site(stage, {});
    const client = new Client(origin);
    await client.get('/in');
    await after(DAY / 10 - 60, async () => assert.deepEqual((await client.get('/see')).cookies, []));
    await after(DAY / 10 + 60, async () => {
      const touched = await client.get('/see');
      assert.equal(touched.cookies.length, 1);
      assert.equal(touched.headers['cache-control'], 'private');
      assert.deepEqual((await client.get('/see')).cookies, []);
    });
  });

  test('used each half day it lasts seven days, and no longer', async () => {
    const { origin } = await site(stage, {});
    const client = new Client(origin);
    await client.get('/in');
    for (let half = 1; half <= 13; half++) {
      await after(half * DAY / 2, async () => assert.equal((await client.see()).sub, 'ada', `after ${half} half days`));
    }
    const cookie = client.browser.jar.cookies.map((c) => `${c.name}=${c.value}`).join('; ');
    await after(7 * DAY + 1, async () => assert.equal(read(cookie), null));
  });

  test('not used for a day it has ended', async () => {
    const cookie = `appSession=${made({ iat: now(), uat: now(), exp: now() + 6 * DAY })}`;
    await after(DAY - 5, () => assert.equal(read(cookie).data.id_token, idToken({ sub: 'ada' })));
    await after(DAY + 5, () => assert.equal(read(cookie), null));
    await after(DAY + 5, () => assert.ok(read(cookie, { rolling: false, rollingDuration: false })));
  });

  test('the provider’s own end of its session is an end here, half a minute early', () => {
    const data = { id_token: idToken({ sub: 'ada' }), sessionExpiresAt: now() + 100 };
    assert.ok(read(`appSession=${made(fresh(), data)}`));
    assert.equal(read(`appSession=${made(fresh(), { ...data, sessionExpiresAt: now() + 20 })}`), null);
  });
});

describe('any way to answer', () => {
  const places = {
    '/object': (visit, req, res) => { visit.data.n = 1; res.writeHead(200, { 'Set-Cookie': 'own=1', 'X-Own': 'yes' }).end('x'); },
    '/list': (visit, req, res) => { visit.data.n = 1; res.writeHead(200, ['Set-Cookie', 'own=1', 'Set-Cookie', 'two=2', 'X-Own', 'yes']).end('x'); },
    '/reason': (visit, req, res) => { visit.data.n = 1; res.writeHead(200, 'Fine', { 'Set-Cookie': ['own=1'], 'X-Own': 'yes' }).end('x'); },
    '/stream': (visit, req, res) => { visit.data.n = 1; res.setHeader('Set-Cookie', 'own=1').setHeader('X-Own', 'yes').write('x'); res.end(); },
    '/flush': (visit, req, res) => { visit.data.n = 1; res.setHeader('Set-Cookie', 'own=1').setHeader('X-Own', 'yes').flushHeaders(); res.end('x'); },
    '/late': (visit, req, res) => { const data = visit.data; res.setHeader('Set-Cookie', 'own=1').setHeader('X-Own', 'yes'); data.n = 1; res.end('x'); },
  };
  for (const path of Object.keys(places)) {
    test(`${path.slice(1)}: the session goes along, and what the application sets itself stays`, async () => {
      const { origin } = await site(stage, {}, places);
      const client = new Client(origin);
      const answer = await client.get(path);
      assert.equal(answer.text, 'x');
      assert.equal(answer.headers['x-own'], 'yes');
      assert.ok(client.cookies().includes('own') && client.cookies().includes('appSession'), String(answer.cookies));
      assert.equal((await client.see()).n, 1);
    });
  }

  test('what happens to the session after the head has gone out is too late, and harms nothing', async () => {
    const { origin } = await site(stage, {}, { '/after': (visit, req, res) => {
      visit.data.n = 1;
      res.write('x');
      visit.data.n = 2;
      res.end();
    } });
    const client = new Client(origin);
    await client.get('/after');
    assert.equal((await client.see()).n, 1);
  });

  test('a sign-in after the head has gone out is an error, not a session that nobody gets', async () => {
    let why;
    const { origin } = await site(stage, {}, { '/after': async (visit, req, res) => {
      res.write('x');
      await visit.begin({ sub: 'ada' }).catch((error) => { why = error; });
      res.end();
    } });
    await new Client(origin).get('/after');
    assert.match(why.message, /has begun/);
  });
});

describe('size', () => {
  test('a long one comes in pieces that browsers keep, and pieces that are left over go', async () => {
    const { origin } = await site(stage, {});
    const client = new Client(origin);
    await client.get('/in');
    assert.deepEqual(client.cookies(), ['appSession']);
    await client.get('/in?filling=3000');
    assert.deepEqual(client.cookies(), ['appSession.0', 'appSession.1']);
    assert.deepEqual(client.browser.jar.refused, []);
    assert.equal((await client.see()).sub, 'ada');
    client.browser.jar.set(new URL(origin), 'appSession.2=left-over; Path=/');
    assert.equal(await client.see(), null, 'a foreign piece makes it unreadable');
    await client.get('/in?filling=3000');
    assert.deepEqual(client.cookies(), ['appSession.0', 'appSession.1']);
    await client.get('/in');
    assert.deepEqual(client.cookies(), ['appSession']);
    assert.equal((await client.see()).sub, 'ada');
  });

  test('one that is too long is a clear error, at sign-in and later, and what was there stays', async () => {
    const { origin, log } = await site(stage, {}, { '/grow': (visit, req, res) => { visit.data.more = 'x'.repeat(9000); res.setHeader('Content-Type', 'text/html').setHeader('ETag', '"1"').end('<p>fine'); } });
    const client = new Client(origin);
    const refused = await client.get('/in?filling=9000');
    assert.equal(refused.status, 502);
    assert.equal(refused.json.id, 'session_too_large');
    assert.deepEqual(refused.cookies, []);
    await client.get('/in');
    const grown = await client.get('/grow');
    assert.equal(grown.status, 502);
    assert.equal(grown.headers.etag, undefined);
    assert.doesNotMatch(grown.text, /fine/);
    assert.match(log.join(), /session_too_large/);
    assert.equal((await client.see()).sub, 'ada');
  });
});

describe('what is nobody, and no error', () => {
  const good = made(fresh());
  const [head, , iv, text, tag] = good.split('.');
  const flip = (part) => `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`;
  const cases = {
    'nothing': '', 'an empty value': 'appSession=', 'a word': 'appSession=hello', 'dots': 'appSession=....',
    'truncated': `appSession=${good.slice(0, -5)}`, 'another tag': `appSession=${head}..${iv}.${text}.${flip(tag)}`,
    'another header': `appSession=${flip(head)}..${iv}.${text}.${tag}`,
    'a changed header': `appSession=${Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...fresh(), exp: 9e9 })).toString('base64url')}..${iv}.${text}.${tag}`,
    'no ciphertext': `appSession=${head}..${iv}..${tag}`, 'another secret': `appSession=${made(fresh(), {}, 'another-secret-of-thirty-two-bytes-and-more')}`,
    'another purpose': `appSession=${sealer([SECRET], 'another purpose').seal(fresh(), '{"id_token":"a.b.c"}')}`,
    'another name': `appSessio=${good}; xappSession=${good}; appSession2=${good}`, 'six pieces': [0, 1, 2, 3, 4, 5].map((i) => `appSession.${i}=${good.slice(i * 20, i === 5 ? undefined : i * 20 + 20)}`).join('; '),
    'a piece missing': `appSession.0=${good.slice(0, 50)}; appSession.2=${good.slice(50)}`, 'percent signs': 'appSession=%E0%A4%A', 'a quarter megabyte': `appSession=${'a'.repeat(250000)}`,
    'times that are words': `appSession=${made({ iat: 'now', uat: 'now', exp: 'never' })}`, 'no times': `appSession=${made({})}`, 'an infinite end': `appSession=${made({ ...fresh(), exp: 1e999 })}`,
    'over': `appSession=${made({ iat: now() - 50, uat: now() - 50, exp: now() - 1 })}`,
    'a list': `appSession=${made(fresh(), [1])}`, 'null': `appSession=${made(fresh(), null)}`, 'a string': `appSession=${made(fresh(), 'ada')}`,
    'no JSON': `appSession=${sealer([SECRET], 'JWE CEK').seal(fresh(), '{"id_token":')}`,
  };
  for (const [name, cookie] of Object.entries(cases)) {
    test(name, () => assert.equal(read(cookie), null));
  }

  test('and the good one is somebody, among others, quoted, whole or in pieces', () => {
    for (const cookie of [`appSession=${good}`, `a=b; appSession=${good}; c=d`, `a=b;appSession="${good}"`, `appSession.0=${good.slice(0, 50)}; appSession.1=${good.slice(50)}`]) {
      assert.ok(read(cookie), cookie.slice(0, 30));
    }
  });

  test('a prototype stays a prototype', () => {
    const { data } = read(`appSession=${sealer([SECRET], 'JWE CEK').seal(fresh(), '{"__proto__":{"id_token":"a.b.c"}}')}`);
    assert.equal({}.id_token, undefined);
    assert.ok(data);
  });
});

describe('how it ends', () => {
  test('sign-out removes every cookie of it', async () => {
    const { origin } = await site(stage, {});
    const client = new Client(origin);
    await client.get('/in?filling=3000');
    const out = await client.get('/out');
    assert.equal(out.status, 302);
    assert.deepEqual(client.cookies(), []);
    assert.equal(await client.see(), null);
  });

  test('emptied by the application it ends too', async () => {
    const { origin } = await site(stage, {}, { '/clear': (visit, req, res) => { for (const name of Object.keys(visit.data)) delete visit.data[name]; res.end(); } });
    const client = new Client(origin);
    await client.get('/in');
    await client.get('/clear');
    assert.deepEqual(client.cookies(), []);
  });

  test('a request that was on its way during the sign-out does not bring it back', async () => {
    const { origin } = await site(stage, {});
    const client = new Client(origin);
    await client.get('/in');
    const onItsWay = client.get('/slow?write=1&ms=150');
    await client.get('/out');
    const answer = await onItsWay;
    assert.deepEqual(answer.cookies, []);
    assert.equal(await client.see(), null);
  });

  test('a copy of the cookie is nobody in this process after the sign-out', async () => {
    const { origin } = await site(stage, {});
    const client = new Client(origin);
    await client.get('/in');
    const copy = client.browser.jar.copy();
    await client.get('/out');
    client.browser.jar = copy;
    assert.equal(await client.see(), null);
  });

  test('a sign-in of somebody else takes the place of the first, and tells of its end', async () => {
    const { origin, sessions } = await site(stage, {}, { '/as': async (visit, req, res) => { await visit.begin({ id_token: idToken({ sub: 'alan' }), sub: 'alan' }); res.end(); } });
    const ended = [];
    const stop = sessions.onEnd((id) => ended.push(id));
    const client = new Client(origin);
    await client.get('/in');
    const { id } = sessions.read(client.browser.jar.header(new URL(origin)));
    await client.get('/as');
    assert.deepEqual(ended, [id]);
    assert.deepEqual(await client.see(), { id_token: idToken({ sub: 'alan' }), sub: 'alan' });
    stop();
    await client.get('/out');
    assert.equal(ended.length, 1);
  });
});

describe('as it is configured', () => {
  test('name, domain, path, Secure, SameSite, without Expires', async () => {
    const origin = await serve(stage, async (req, res) => {
      const sessions = openSessions({ secret: SECRET, sealer, name: 'mine', cookie: { domain: 'app.example', path: '/app', secure: true, sameSite: 'Strict', transient: true } });
      await sessions.visit(req, res).begin({ sub: 'ada' });
      res.end();
    });
    const [field] = (await new Client(origin).get('/')).cookies;
    assert.match(field, /^mine=[\w.-]+; Domain=app\.example; Path=\/app; HttpOnly; Secure; SameSite=Strict$/);
  });

  test('the first secret seals, all open', () => {
    const old = `appSession=${made(fresh(), { sub: 'ada' }, 'an-old-secret-of-thirty-two-bytes-and-more')}`;
    assert.equal(read(old), null);
    assert.equal(read(old, { secret: [SECRET, 'an-old-secret-of-thirty-two-bytes-and-more'] }).data.sub, 'ada');
  });

  test('what cannot be a cookie does not start', () => {
    for (const options of [{ name: 'a b' }, { name: 'a=b' }, { cookie: { domain: 'x; Secure' } }, { cookie: { path: '/\r\nX: y' } }, { rolling: false, absoluteDuration: false }]) {
      assert.throws(() => openSessions({ secret: SECRET, sealer, ...options }), TypeError, JSON.stringify(options));
    }
  });
});
