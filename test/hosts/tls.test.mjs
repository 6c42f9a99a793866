// SPDX-License-Identifier: Apache-2.0
// Over TLS and HTTP/2, and what differs from http on loopback.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { valuesOf } from '../support/application.mjs';
import { Browser } from '../support/browser.mjs';
import { makeCertificate } from '../support/certificate.mjs';
import { freePort, pause } from '../support/place.mjs';
import { asPerson, signedIn, signIn } from '../support/practice.mjs';
import { client, host, identity, SECRET, setUp, usualSite } from './host.mjs';

let tls;
const world = await setUp('tls', {
  workers: 2,
  cookieSecrets: [SECRET],
  providers: ({ practice }) => ({
    sealed: client(practice, 'gw-claims-2kb', { redirect_uri: '/sealed_callback', session_store: 'cookie' }),
    slow: client(practice, 'ok~slow', { redirect_uri: '/slow_callback' }),
    post: client(practice, 'ok~post', { redirect_uri: '/post_callback', response_mode: 'form_post' }),
  }),
  async sites({ stage, port, mirror }) {
    tls = await makeCertificate(stage.folder);
    const places = [{ path: '/sealed/', provider: 'sealed', headers: identity }, { path: '/form/', provider: 'post', headers: identity },
      { path: '/slow/', provider: 'slow' }];
    return [usualSite(port, mirror.origin), usualSite(await freePort(), mirror.origin, { tls, places }),
      usualSite(await freePort(), mirror.origin, { tls, places, http2: true })];
  },
});
const { test, practice, server } = world;
const [plain, secure, second] = [0, 1, 2].map((i) => server.origin(i));

function open(origin, path, who) {
  return signedIn(`${origin}${path}`, who, { ca: tls.ca, http2: origin === second ? [origin] : [] });
}

const over2 = { skip: host.lacks.http2 ?? false };

for (const [what, origin, how] of [['TLS', secure, {}], ['HTTP/2', second, over2]]) {
  test(`${what}: sign-in leads to the page`, how, async () => {
    const browser = await open(origin, '/reports?a=b%20c');
    assert.equal(browser.first.status, 200, String(browser.first));
    assert.equal(browser.first.json.target, '/reports?a=b%20c');
    assert.deepEqual(valuesOf(browser.first.json, 'X-User-Name'), ['Ada Lovelace']);
    assert.deepEqual(browser.jar.refused, []);
  });

  test(`${what}: each of our cookies is __Host-, Secure, HttpOnly and SameSite`, how, async () => {
    const browser = new Browser({ ca: tls.ca, http2: origin === second ? [origin] : [] });
    const shown = await signIn(browser, `${origin}/x`);
    const fields = shown.history.filter((step) => step.url.origin === origin).flatMap((step) => step.cookies);
    assert.ok(fields.length >= 3);
    for (const field of fields) {
      assert.match(field, /^__Host-oidc_main(\.[\w-]+)?=/);
      assert.match(field, /; Path=\/(;|$)/);
      assert.match(field, /; Secure(;|$)/);
      assert.match(field, /; HttpOnly(;|$)/);
      assert.match(field, /; SameSite=Lax(;|$)/);
      assert.ok(!/; Domain=/i.test(field));
    }
  });

  test(`${what}: form_post works from another site, for its cookie alone is SameSite=None`, how, async () => {
    const browser = new Browser({ ca: tls.ca, http2: origin === second ? [origin] : [] });
    const shown = await signIn(browser, `${origin}/form/x`);
    assert.equal(shown.status, 200, String(shown));
    for (const field of shown.history.flatMap((step) => step.cookies)) {
      if (/^__Host-oidc_post\.a/.test(field)) assert.match(field, /; SameSite=None(;|$)/);
      else if (/^__Host-oidc/.test(field)) assert.match(field, /; SameSite=Lax(;|$)/);
    }
  });

  test(`${what}: a sealed session in parts`, how, async () => {
    const browser = await open(origin, '/sealed/');
    assert.equal(browser.first.status, 200, String(browser.first));
    assert.ok(browser.jar.find(/^__Host-oidc_sealed\.\d$/).length >= 2);
    assert.equal((await browser.request(`${origin}/sealed/x`)).status, 200);
  });

  test(`${what}: forged headers do not arrive`, how, async () => {
    const browser = await open(origin, '/');
    for (const name of ['x-user-sub', 'x-user-name', 'X-USER-EMAIL']) {
      const told = (await browser.request(`${origin}/public/x`, { headers: { [name]: 'mallory' } })).json;
      assert.deepEqual(valuesOf(told, name), []);
    }
  });

  test(`${what}: sign-out`, how, async () => {
    const browser = await open(origin, '/');
    const shown = await browser.open(`${origin}/logout`, { from: `${origin}/` });
    assert.match(shown.words, /You are signed out/);
    assert.deepEqual(browser.jar.find(/^__Host-oidc_main/), []);
  });
}

test('http on loopback: no cookie is Secure, none has the prefix', async () => {
  const shown = await signIn(new Browser(), `${plain}/x`);
  const fields = shown.history.filter((step) => step.url.origin === plain).flatMap((step) => step.cookies);
  assert.ok(fields.length >= 3);
  for (const field of fields) {
    assert.match(field, /^oidc_main(\.[\w-]+)?=/);
    assert.ok(!/; Secure/i.test(field));
    assert.match(field, /; HttpOnly/);
  }
});

test('a cookie without the prefix is no session over TLS', async () => {
  const browser = await open(secure, '/');
  const [{ value }] = browser.jar.find(/^__Host-oidc_main$/);
  const answer = await new Browser({ ca: tls.ca }).request(`${secure}/x`, { headers: { cookie: `oidc_main=${value}` } });
  assert.equal(answer.status, 302);
});

test('http outside loopback begins no sign-in', async () => {
  const answer = await new Browser().request(`${plain}/x`, { headers: { host: 'site.example', 'sec-fetch-mode': undefined } });
  assert.equal(answer.status, 400);
  assert.match(answer.words, /must be opened over https/);
  assert.match(server.text, /oidc: request_insecure: .*use https/);
  assert.deepEqual(answer.cookies, []);
});

for (const name of ['site.example', '127.0.0.1@evil.example', 'evil.example/', 'a b', 'x"y', '127.0.0.1:99999999', '[::1', 'evil.example\\']) {
  test(`Host: ${name} leads nobody there`, async () => {
    const answer = await new Browser({ ca: tls.ca }).request(`${secure}/x`, { headers: { host: name } }).catch((error) => error);
    if (answer.status === 302) {
      const target = new URL(answer.location.searchParams.get('redirect_uri'));
      assert.equal(target.href, `https://${name}/oidc_callback`, 'only a plain name, of the site itself');
      assert.match(name, /^[a-z.]+$/);
    } else assert.ok(answer.status === 400 || answer instanceof Error, String(answer));
  });
}

test('HTTP/2: many requests at once on one connection', over2, async () => {
  const browser = await open(second, '/');
  const session = http2.connect(second, { ca: tls.ca });
  const ask = (path, cookie) => new Promise((done, fail) => {
    const stream = session.request({ ':path': path, accept: 'text/html', 'sec-fetch-mode': 'navigate', ...(cookie && { cookie }) });
    let status;
    let text = '';
    stream.setEncoding('utf8').on('response', (head) => { status = head[':status']; }).on('data', (part) => { text += part; });
    stream.on('end', () => done({ status, text })).on('error', fail);
  });
  const cookies = browser.jar.for(new URL(second), { sameSite: true, topLevel: true, method: 'GET' }).map((c) => `${c.name}=${c.value}`);
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => ask(`/m/${i}`, i % 2 ? ['a=1', ...cookies, 'b=2'] : null)));
  session.close();
  assert.deepEqual(answers.map(({ status }) => status), answers.map((_, i) => (i % 2 ? 200 : 302)));
  for (const [i, { text }] of answers.entries()) if (i % 2) assert.equal(JSON.parse(text).target, `/m/${i}`);
});

for (const [what, leave] of [
  ['streams that are cancelled', (session, streams) => streams.forEach((stream) => stream.close(http2.constants.NGHTTP2_CANCEL))],
  ['a connection that breaks off', (session) => session.destroy()],
  ['a connection that breaks off during a reload', async (session) => {
    await server.reloadBegin();
    session.destroy();
  }],
]) {
  test(`HTTP/2: ${what} while the provider is waited for`, over2, async () => {
    await practice.delay('ok~slow', 'discovery', 900);
    await practice.delay('ok', 'token', 500);
    await server.restart();
    const session = http2.connect(second, { ca: tls.ca }).on('error', () => {});
    const ask = (path, more) => session.request({ ':path': path, accept: 'text/html', 'sec-fetch-mode': 'navigate', ...more }).on('error', () => {});
    const browser = new Browser({ ca: tls.ca, http2: [second] });
    const first = await browser.request(`${second}/x`);
    const { location } = await browser.request(asPerson('ada')(first.location));
    const streams = Array.from({ length: 8 }, (_, i) => ask(`/slow/${i}`));
    streams.push(ask(location.pathname + location.search, { cookie: browser.jar.header(new URL(second)) }));
    await pause(150);
    await leave(session, streams);
    await pause(1200); // the provider has answered, to nobody
    await practice.up('ok~slow');
    await practice.up('ok');
    const shown = await signIn(new Browser({ ca: tls.ca, http2: [second] }), `${second}/slow/x`);
    assert.equal(shown.status, 200, String(shown));
    assert.ok(!/exited on signal|\[alert\]/.test(server.text), server.text.match(/.*(exited on signal|\[alert\]).*/)?.[0]);
  });
}

test('a provider over https whose certificate nobody vouches for is not spoken to', async () => {
  const port = await freePort();
  const { createServer } = await import('node:https');
  const { readFileSync } = await import('node:fs');
  let asked = 0;
  const issuer = `https://127.0.0.1:${port}`;
  const paths = { authorization_endpoint: 'a', token_endpoint: 't', jwks_uri: 'k' };
  const metadata = { issuer, response_types_supported: ['code'], ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, `${issuer}/${path}`])) };
  const provider = createServer({ key: readFileSync(tls.key), cert: readFileSync(tls.cert) }, (request, response) => {
    asked++;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(metadata));
  });
  await new Promise((done) => provider.listen(port, '127.0.0.1', done));
  const [site] = server.description.sites;
  const with_ = (more) => ({
    ...server.description,
    providers: { ...server.description.providers, far: { issuer, client_id: 'x', client_secret: 'y', redirect_uri: '/far_callback', ...more } },
    sites: [{ ...site, places: [...site.places, { path: '/far/', provider: 'far' }] }, ...server.description.sites.slice(1)],
  });
  try {
    await server.reload(with_({}));
    const answer = await new Browser().request(`${plain}/far/`);
    assert.equal(answer.status, 503);
    assert.equal(asked, 0);
    assert.match(server.text, /oidc: provider_down: .*cert/i);
    await server.reload(with_({ ssl_trusted_certificate: tls.cert }));
    assert.equal((await new Browser().request(`${plain}/far/`)).status, 302, 'with its authority named it is');
    assert.ok(asked >= 1);
  } finally {
    provider.closeAllConnections();
    provider.close();
  }
});

test('the provider has nothing to complain about', async () => {
  for (const label of ['ok', 'ok~post', 'gw-claims-2kb']) assert.deepEqual(await practice.violations(label), []);
});
