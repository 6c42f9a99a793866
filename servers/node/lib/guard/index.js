// SPDX-License-Identifier: Apache-2.0
// The engine's guard as middleware. Each form has site(), in front of everything, and place(demands), in front of what it protects.
import { ConnectGuard, RestifyGuard } from './connect.js';
import { FastifyGuard } from './fastify.js';
import { HttpGuard } from './http.js';
import { KoaGuard } from './koa.js';

/** @typedef {import('../gate.js').Gate} Gate */

/** For node:http, node:https, node:http2, and for upgrades of any server. @param {Gate} gate */
export const httpGuard = (gate) => new HttpGuard(gate);

/** For Express 4 and 5, and what else has its handlers. @param {Gate} gate */
export const expressGuard = (gate) => new ConnectGuard(gate);

/** @param {Gate} gate */
export const restifyGuard = (gate) => new RestifyGuard(gate);

/** @param {Gate} gate */
export const fastifyGuard = (gate) => new FastifyGuard(gate);

/** @param {Gate} gate */
export const koaGuard = (gate) => new KoaGuard(gate);
