// SPDX-License-Identifier: Apache-2.0
// npm's oidc-provider (certified by the OpenID Foundation), set up to sign everybody in at once.
import { createServer } from 'node:http';
import { makePair } from '../support/keys.mjs';

const KINDS = [
  ['RS256', 'rsa', { modulusLength: 2048 }], ['PS256', 'rsa', { modulusLength: 2048 }], ['ES256', 'ec', { namedCurve: 'P-256' }], ['EdDSA', 'ed25519', {}],
];

const WRAPS = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW', 'A128KW', 'A256KW', 'A128GCMKW', 'A256GCMKW', 'dir'];
const CONTENTS = ['A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512', 'A128GCM', 'A192GCM', 'A256GCM'];

/** Signing keys as the provider keeps them: private JWKs. */
export function makeKeys(generation) {
  return KINDS.map(([alg, type, options]) => ({
    ...makePair(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg.toLowerCase()}-${generation}`,
  }));
}

const account = (sub) => ({
  accountId: sub,
  claims: () => ({ sub, name: 'Käthe Paulus', email: 'k.paulus@example.org', email_verified: true, groups: ['flyers', 'inventors'] }),
});

function configuration(clients, keys, { features, ...more }) {
  return {
    clients,
    jwks: { keys },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    cookies: { keys: ['a key for the cookies of a test'] },
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'], userinfoSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      idTokenEncryptionAlgValues: WRAPS, idTokenEncryptionEncValues: CONTENTS, userinfoEncryptionAlgValues: WRAPS, userinfoEncryptionEncValues: CONTENTS,
    },
    features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true }, encryption: { enabled: true }, rpInitiatedLogout: { enabled: true }, ...features },
    findAccount: (ctx, sub) => account(sub),
    interactions: { url: (ctx, interaction) => `/auto/${interaction.uid}` },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid profile email groups');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
    ...more,
  };
}

export class FriendlyProvider {
  constructor(port) {
    this.port = port;
    this.issuer = `http://127.0.0.1:${port}`;
    this.calls = []; // "POST /token" ...
  }

  /** more: further settings, over ours; its features join ours. */
  async start(clients, keys, more = {}) {
    process.env.NODE_ENV ??= 'test';
    const warn = console.warn;
    console.warn = () => {}; // it would rather have another release of Node
    const { default: Provider } = await import('oidc-provider');
    this.provider = new Provider(this.issuer, configuration(clients, keys, more));
    console.warn = warn;
    this.provider.use((ctx, next) => this.signIn(ctx, next));
    this.server = createServer(this.provider.callback());
    await new Promise((done) => this.server.listen(this.port, '127.0.0.1', done));
  }

  async signIn(ctx, next) {
    this.calls.push(`${ctx.method} ${ctx.path}`);
    if (!ctx.path.startsWith('/auto/')) {
      await next();
      return;
    }
    ctx.respond = false;
    await this.provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: 'kaethe' }, consent: {} });
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}
