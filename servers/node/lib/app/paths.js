// SPDX-License-Identifier: Apache-2.0

/** In any case, with or without a slash at the end: as routers compare by default. @param {string} path */
export function plainPath(path) {
  const plain = path.toLowerCase();
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain;
}
