// SPDX-License-Identifier: Apache-2.0
// A cookie jar by the rules of browsers (RFC 6265bis), strict where browsers differ. Cookies know no ports.

const NAME_AND_VALUE_MAX = 4096;
const LAX_ALLOWING_UNSAFE = 120; // seconds in which Chromium sends a cookie without SameSite along with a cross-site POST

function readAttributes(parts) {
  const found = {};
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    found[name] = at < 0 ? '' : part.slice(at + 1).trim();
  }
  return found;
}

function defaultPath(path) {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

function pathFits(cookiePath, path) {
  return path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'));
}

export class Jar {
  constructor() {
    this.cookies = [];
    this.refused = []; // what a browser would not have kept, and why
    this.shift = 0; // seconds that this jar's clock is ahead
  }

  now() {
    return Date.now() / 1000 + this.shift;
  }

  /** One Set-Cookie field. */
  set(url, field) {
    const [pair, ...rest] = field.split(';');
    const at = pair.indexOf('=');
    const attributes = readAttributes(rest);
    const cookie = {
      name: pair.slice(0, Math.max(at, 0)).trim(),
      value: pair.slice(at + 1).trim(),
      host: url.hostname,
      path: attributes.path?.startsWith('/') ? attributes.path : defaultPath(url.pathname),
      secure: 'secure' in attributes,
      httpOnly: 'httponly' in attributes,
      sameSite: attributes.samesite?.toLowerCase(),
      born: this.now(),
      ends: this.endOf(attributes),
      field,
    };
    const why = this.whyNot(url, cookie, attributes);
    if (why) {
      this.refused.push({ field, why });
      return;
    }
    this.cookies = this.cookies.filter((c) => !(c.name === cookie.name && c.host === cookie.host && c.path === cookie.path));
    if (cookie.ends > this.now()) this.cookies.push(cookie);
  }

  endOf(attributes) {
    if (/^-?\d+$/.test(attributes['max-age'] ?? '')) return this.now() + Number(attributes['max-age']);
    const date = Date.parse(attributes.expires ?? '');
    return Number.isNaN(date) ? Infinity : date / 1000;
  }

  whyNot(url, cookie, attributes) {
    if (!cookie.name) return 'no name';
    if (cookie.name.length + cookie.value.length > NAME_AND_VALUE_MAX) return 'too large';
    if (cookie.secure && url.protocol !== 'https:') return 'Secure over http';
    if (cookie.sameSite === 'none' && !cookie.secure) return 'SameSite=None without Secure';
    if (attributes.domain && attributes.domain !== url.hostname) return 'another domain';
    if (/^__Secure-/i.test(cookie.name) && !cookie.secure) return '__Secure- without Secure';
    if (/^__Host-/i.test(cookie.name) && !(cookie.secure && cookie.path === '/' && attributes.path === '/' && !('domain' in attributes))) {
      return '__Host- without Secure and Path=/, or with Domain';
    }
    return null;
  }

  goesAlong(cookie, { sameSite, topLevel, method }) {
    if (sameSite || cookie.sameSite === 'none') return true;
    if (cookie.sameSite === 'strict' || !topLevel) return false;
    if (method === 'GET' || method === 'HEAD') return true;
    return cookie.sameSite === undefined && this.now() - cookie.born < LAX_ALLOWING_UNSAFE;
  }

  /** Those that a request takes along. how: {sameSite, topLevel, method} */
  for(url, how) {
    this.cookies = this.cookies.filter((c) => c.ends > this.now());
    return this.cookies.filter((c) => c.host === url.hostname && pathFits(c.path, url.pathname) &&
      (!c.secure || url.protocol === 'https:') && this.goesAlong(c, how))
      .sort((a, b) => b.path.length - a.path.length);
  }

  header(url, how = { sameSite: true, topLevel: true, method: 'GET' }) {
    return this.for(url, how).map((c) => `${c.name}=${c.value}`).join('; ');
  }

  find(pattern) {
    return this.cookies.filter((c) => pattern.test(c.name));
  }

  drop(pattern) {
    this.cookies = this.cookies.filter((c) => !pattern.test(c.name));
  }

  copy() {
    const other = new Jar();
    other.cookies = this.cookies.map((c) => ({ ...c }));
    return other;
  }
}
