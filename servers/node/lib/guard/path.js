// SPDX-License-Identifier: Apache-2.0
// Paths that are read in one way alone, whoever reads them.

// Slashes that are one; '.' and '..'; '/', '\', '%' and NUL encoded; encoded what need not be (RFC 3986 2.3, 6.2.2).
const TWO_WAYS = /\/\/|\\|\/\.{1,2}(?:\/|$)|%(?:2[def]|25|5[cf]|00|7e|3[0-9]|[46][1-9a-f]|[57][0-9a])/i;

/** @param {string} target path and query @returns {boolean} */
export function isPlain(target) {
  const [path] = target.split(/[?#]/, 1);
  return path.startsWith('/') && !TWO_WAYS.test(path) && !/%(?![0-9a-f]{2})/i.test(path);
}
