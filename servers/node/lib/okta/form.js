// SPDX-License-Identifier: Apache-2.0
import { readBody } from '../body.js';

const BODY_MAX = 64 * 1024;

/**
 * The fields of a posted form, whether a body parser has read it before or not. None where it cannot be read: then nothing in it counts.
 * @param {import('../request.js').GateRequest} request
 * @returns {Promise<Record<string, string>>}
 */
export async function readForm(request) {
  const { body } = await readBody(request, BODY_MAX);
  return Object.fromEntries(new URLSearchParams(body?.toString('utf8')));
}
