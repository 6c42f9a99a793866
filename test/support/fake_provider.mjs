// SPDX-License-Identifier: Apache-2.0
// A provider within the process, behind customFetch: for what is to be done ten thousand times, or has to fail at a given moment.
import { createHash, randomUUID, sign } from 'node:crypto';
import { makePair } from './keys.mjs';

const { publicKey, privateKey } = makePair('ec', { namedCurve: 'P-256' });

function part(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function json(value, status = 200) {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
}

export class FakeProvider {
  constructor(issuer = 'https://op.example') {
    this.issuer = issuer;
    this.asked = []; // [method, path]
    this.codes = new Map();
    this.answers = {}; // by path: what to answer in place of the usual, a function of (url, init)
    this.fetch = this.fetch.bind(this);
  }

  jwt(claims, header = {}) {
    const now = Math.floor(Date.now() / 1000);
    const input = `${part({ alg: 'ES256', kid: 'k1', ...header })}.${part({ iss: this.issuer, iat: now, exp: now + 300, ...claims })}`;
    return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  /** What a person does at the provider: from the authorization request to the address that the browser is sent back to. */
  authorize(location, claims = {}) {
    const url = new URL(location);
    const code = randomUUID();
    this.codes.set(code, { challenge: url.searchParams.get('code_challenge'), nonce: url.searchParams.get('nonce'), audience: url.searchParams.get('client_id'), claims });
    const back = new URL(url.searchParams.get('redirect_uri'));
    back.search = new URLSearchParams({ code, state: url.searchParams.get('state'), iss: this.issuer }).toString();
    return back;
  }

  async fetch(address, init) {
    const url = new URL(address);
    this.asked.push([init.method, url.pathname]);
    if (this.answers[url.pathname]) return this.answers[url.pathname](url, init);
    switch (url.pathname) {
      case '/.well-known/openid-configuration': return json(this.metadata());
      case '/jwks': return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' }] });
      case '/token': return this.token(new URLSearchParams(Buffer.from(init.body).toString()));
      default: return json({ error: 'not_found' }, 404);
    }
  }

  metadata() {
    const { issuer } = this;
    return {
      issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, end_session_endpoint: `${issuer}/end`,
      response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true, code_challenge_methods_supported: ['S256'],
    };
  }

  token(form) {
    const grant = this.codes.get(form.get('code'));
    this.codes.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!grant || grant.challenge !== challenge) return json({ error: 'invalid_grant' }, 400);
    const token = this.jwt({ sub: 'person-ada', aud: grant.audience, nonce: grant.nonce, ...grant.claims });
    return json({ access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, refresh_token: randomUUID(), id_token: token });
  }
}

/** A request that was never on a wire. */
export function incoming(url, headers = {}, more = {}) {
  return { method: 'GET', url, headers: { host: 'app.example', accept: 'text/html', ...headers }, socket: { encrypted: true }, ...more };
}

/** The cookies of an answer's Set-Cookie fields, as a browser would send them back. */
export function cookiesOf(verdict, before = '') {
  const jar = new Map(before.split('; ').filter(Boolean).map((pair) => pair.split(/=(.*)/s)));
  for (const [name, value] of verdict.headers) {
    if (name.toLowerCase() !== 'set-cookie') continue;
    const [cookie, content] = value.split(';')[0].split(/=(.*)/s);
    if (content && !/max-age=0/i.test(value)) jar.set(cookie, content);
    else jar.delete(cookie);
  }
  return [...jar].map((pair) => pair.join('=')).join('; ');
}

export const CLIENT = { clientId: 'app', clientSecret: 'a-secret-of-the-client-of-32-bytes', cookieSecret: 'c'.repeat(32) };

/** A whole sign-in at a place that a rule guards. Answers the cookie, and the verdict of the page behind it. */
export async function login(gate, provider, rule, url = '/page') {
  const first = await gate.guard(gate.request(incoming(url)), rule);
  const back = provider.authorize(first.headers.find(([name]) => name === 'Location')[1]);
  const second = await gate.guard(gate.request(incoming(back.pathname + back.search, { cookie: cookiesOf(first) })), rule);
  const cookie = cookiesOf(second, cookiesOf(first));
  const verdict = await gate.guard(gate.request(incoming(url, { cookie })), rule);
  return { first, second, cookie, verdict };
}
