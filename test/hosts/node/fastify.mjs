// SPDX-License-Identifier: Apache-2.0
// Fastify.
import fastify from 'fastify';
import { fastifyGuard } from '../../../servers/node/lib/guard/index.js';
import { makeServer } from './server.mjs';
import { passOn } from './upstream.mjs';

export async function buildServer({ gate, places, site }) {
  const guard = fastifyGuard(gate);
  const app = fastify({
    serverFactory: (handler) => makeServer(site, handler), exposeHeadRoutes: false, forceCloseConnections: 'idle', http2: site.http2 ?? false,
  });
  app.register(guard.site());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => done(null)); // bodies are handed on as they come
  for (const { path, exact, rule, upstream } of places) {
    app.all(exact ? path : `${path}*`, rule ? { onRequest: guard.place(rule) } : {}, (request, reply) => {
      reply.hijack();
      passOn(upstream, request.originalUrl, request.raw, reply.raw);
    });
  }
  await app.ready();
  return app.server;
}
