// SPDX-License-Identifier: Apache-2.0
// Where a person may be sent after a sign-in or sign-out: an address of our own origin, and nothing else.

/**
 * Reads an address as a browser would, so that //host, \\host, a tab in between, or another scheme cannot be taken for a path. Null:
 * not ours.
 * @param {any} value
 * @param {string} baseURL
 * @returns {{path: string, location: string} | null}  path: from the root of the origin; location: path, or absolute as given
 */
export function ownAddress(value, baseURL) {
  if (typeof value !== 'string' || value === '' || value.length > 8192) return null;
  const base = new URL(baseURL);
  let url;
  try {
    url = new URL(value, base);
  } catch {
    return null;
  }
  if (url.origin !== base.origin) return null;
  const path = url.pathname.replace(/^\/+/, '/') + url.search + url.hash; // "/.//host" has the path "//host"
  return { path, location: /^https?:/i.test(value) ? withoutSlash(value, url.origin + path) : path };
}

/** An origin is given back as it was written: https://app.example stays without a slash. @param {string} value @param {string} clean */
function withoutSlash(value, clean) {
  return clean === `${value}/` ? value : clean;
}
