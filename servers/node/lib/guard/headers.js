// SPDX-License-Identifier: Apache-2.0
// Request headers that tell the application who is there: what the client sends by such a name goes, what the engine says comes in.
// Node keeps them twice, as an object and as the list that came; what proxies pass on is either.

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {(name: string) => boolean} IsMeant
 */

/** @param {string[]} raw @param {IsMeant} isMeant */
function holds(raw, isMeant) {
  for (let i = 0; i < raw.length; i += 2) if (isMeant(raw[i])) return true;
  return false;
}

/** @param {string[]} raw the list itself is changed: others hold it too @param {IsMeant} isMeant */
function dropFromList(raw, isMeant) {
  let kept = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (isMeant(raw[i])) continue;
    if (kept !== i) [raw[kept], raw[kept + 1]] = [raw[i], raw[i + 1]];
    kept += 2;
  }
  raw.length = kept;
}

/** @param {Record<string, unknown> | undefined} headers @param {IsMeant} isMeant */
function dropFromObject(headers, isMeant) {
  for (const name of Object.keys(headers ?? {})) if (isMeant(name)) delete /** @type {any} */ (headers)[name];
}

/** Of the objects first: Node makes them from the list when they are asked for, and goes by the length that it once had. @param {Request} req @param {IsMeant} isMeant */
export function dropHeaders(req, isMeant) {
  if (!holds(req.rawHeaders, isMeant)) return;
  dropFromObject(req.headers, isMeant);
  dropFromObject(req.headersDistinct, isMeant); // not there with HTTP/2
  dropFromList(req.rawHeaders, isMeant);
}

/** @param {Request} req @param {string} name @param {string} value */
function addHeader(req, name, value) {
  const plain = name.toLowerCase();
  req.headers[plain] = value;
  if (req.headersDistinct) req.headersDistinct[plain] = [value];
  req.rawHeaders.push(name, value);
}

/** What the client sent, to come back to: a second guard on the way may say otherwise than the first. @param {Request} req */
export function keepHeaders(req) {
  return { raw: [...req.rawHeaders], headers: { ...req.headers }, distinct: req.headersDistinct && { ...req.headersDistinct } };
}

/** @param {Record<string, any> | undefined} to @param {Record<string, any> | undefined} from */
function refill(to, from) {
  if (!to || !from) return;
  for (const name of Object.keys(to)) delete to[name];
  Object.assign(to, from);
}

/** @param {Request} req @param {ReturnType<typeof keepHeaders>} kept */
export function restoreHeaders(req, kept) {
  req.rawHeaders.splice(0, req.rawHeaders.length, ...kept.raw);
  refill(req.headers, kept.headers);
  refill(req.headersDistinct, kept.distinct);
}

/** Puts the engine's words in place of any by their names; an empty value puts nothing there. @param {Request} req @param {[string, string][]} identity */
export function identify(req, identity) {
  const names = new Set(identity.map(([name]) => name.toLowerCase()));
  dropHeaders(req, (name) => names.has(name.toLowerCase()));
  for (const [name, value] of identity) if (value) addHeader(req, name, value);
}
