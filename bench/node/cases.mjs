// SPDX-License-Identifier: Apache-2.0
// What is measured: the same Express page, bare and behind each gate. A gate is a function (settings) -> middleware, or nothing.
import { createPublicKey } from 'node:crypto';

/** The token of a request, for those that leave finding it to their user. */
const tokenOf = (req) => req.headers.authorization?.slice('Bearer '.length) ?? '';

const deny = (res) => res.status(401).end();

async function keysOf(issuer) {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  return { metadata, keys: (await (await fetch(metadata.jwks_uri)).json()).keys };
}

function session(packageName, more) {
  return async ({ issuer, origin }) => {
    const found = await import(packageName);
    const { auth } = found.default ?? found; // one of them is CommonJS
    return [auth({
      issuerBaseURL: issuer, baseURL: origin, clientID: 'practice', clientSecret: 'practice-secret',
      secret: 'a secret for the benchmark, 32 bytes and more', ...more,
      authorizationParams: { response_type: 'code', scope: 'openid profile email groups', practice_login: 'ada' },
    })];
  };
}

async function fastJwt({ issuer }, cache) {
  const { createVerifier } = await import('fast-jwt');
  const jwk = (await keysOf(issuer)).keys.find((each) => each.alg === 'RS256');
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const verify = createVerifier({ key, algorithms: ['RS256'], allowedIss: issuer, allowedAud: 'practice', cache });
  return [(req, res, next) => {
    try {
      req.auth = verify(tokenOf(req));
    } catch {
      return deny(res);
    }
    return next();
  }];
}

async function jose({ issuer }) {
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const { metadata } = await keysOf(issuer);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  return [async (req, res, next) => {
    try {
      req.auth = (await jwtVerify(tokenOf(req), keys, { issuer, audience: 'practice' })).payload;
    } catch {
      return deny(res);
    }
    return next();
  }];
}

async function ours({ issuer }) {
  const { bearer } = await import('gatewright/bearer');
  return [bearer({ issuer, audience: 'practice', tokenCacheSize: 65536 })]; // small, for new tokens to be new each time they come around
}

const open = async () => [];

/** What Express takes for any middleware that tells the application something: nothing is looked at. */
const unlooked = async () => [(req, res, next) => {
  req.auth = req.headers.authorization;
  next();
}];

// `sends` names the case whose credentials a page without a gate is sent: what Node and Express do with so many bytes. `beside` names the
// page that is sent the same. What `opens` lets everybody in.
export const cases = {
  bare: { gate: open, opens: true },
  'sent-cookie': { gate: open, sends: 'session', opens: true },
  'sent-token': { gate: open, sends: 'known', opens: true },
  unlooked: { gate: unlooked, sends: 'known', beside: 'sent-token', opens: true },
  session: { gate: session('gatewright/express'), signsIn: true, beside: 'sent-cookie' },
  'their-session': { gate: session('express-openid-connect', { enableTelemetry: false }), signsIn: true },
  known: { gate: ours, token: 'same', beside: 'sent-token' },
  'fast-known': { gate: (settings) => fastJwt(settings, true), token: 'same', beside: 'sent-token' },
  new: { gate: ours, token: 'new', beside: 'sent-token' },
  'fast-new': { gate: (settings) => fastJwt(settings, false), token: 'new', beside: 'sent-token' },
  'jose-new': { gate: jose, token: 'new', beside: 'sent-token' },
};
