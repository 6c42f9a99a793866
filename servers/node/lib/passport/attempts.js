// SPDX-License-Identifier: Apache-2.0
// Where the cookie of a sign-in under way is kept. A strategy sees only the request: the browser keeps it where the response can be
// reached from there; else the application's session does.

const EXPIRED = /;\s*max-age=0(?:;|$)/i;

/**
 * @typedef {object} Keeper
 * @property {() => [string, string][]} sent     cookies for the engine beside those that the browser sent
 * @property {(fields: string[]) => void} keep   Set-Cookie fields of the engine's answer
 *
 * @typedef {[name: string, value: string][]} Kept
 */

/**
 * @param {any} req
 * @param {string} sessionKey
 * @returns {Keeper}
 */
export function keeperOf(req, sessionKey) {
  const response = req.res?.raw ?? req.res;
  if (typeof response?.setHeader === 'function') return browserKeeper(response);
  if (req.session) return sessionKeeper(req.session, sessionKey);
  const words = 'OpenID Connect has nowhere to keep a sign-in that is under way: req has neither res nor session.';
  throw new Error(`${words} Did you forget to use \`express-session\` middleware?`);
}

/**
 * @param {any} response
 * @returns {Keeper}
 */
function browserKeeper(response) {
  return {
    sent: () => [],
    keep(fields) {
      if (fields.length === 0) return;
      if (response.headersSent) throw new Error('OpenID Connect cannot set a cookie: the response has been sent already');
      const before = response.getHeader('set-cookie');
      response.setHeader('Set-Cookie', before === undefined ? fields : [before, fields].flat());
      response.setHeader('Cache-Control', 'no-store'); // whatever the application says of its pages
    },
  };
}

/**
 * What others keep under the key stays; a key with nothing under it goes.
 * @param {any} session
 * @param {string} key
 * @param {Kept} kept
 */
function put(session, key, kept) {
  const { attempts: _before, ...others } = session[key] ?? {};
  if (kept.length > 0) session[key] = { ...others, attempts: kept };
  else if (Object.keys(others).length > 0) session[key] = others;
  else delete session[key];
}

/**
 * The engine removes the oldest where there are too many, here as in a browser.
 * @param {any} session
 * @param {string} key
 * @returns {Keeper}
 */
function sessionKeeper(session, key) {
  /** @type {() => Kept} */
  const read = () => (Array.isArray(session[key]?.attempts) ? session[key].attempts : []);
  return {
    sent: read,
    keep(fields) {
      if (fields.length === 0) return;
      let kept = read();
      for (const field of fields) {
        const [, name, value] = field.match(/^([^=;]+)=([^;]*)/) ?? [];
        if (!name) continue;
        kept = kept.filter(([other]) => other !== name);
        if (value && !EXPIRED.test(field)) kept.push([name, value]);
      }
      put(session, key, kept);
    },
  };
}
