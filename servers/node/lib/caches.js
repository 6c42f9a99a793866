// SPDX-License-Identifier: Apache-2.0
// What caches between us and a person may keep.

/** @param {any} value */
const wordsOf = (value) => [value ?? []].flat().join(',').split(',').map((word) => word.trim()).filter(Boolean);

/**
 * What goes to one person is for no shared cache, whatever the application says of its page: Set-Cookie hinders none (RFC 9111 5.2.2.7, 7.3).
 * @param {{getHeader: (name: string) => any, setHeader: (name: string, value: string) => any}} res
 */
export function keepPrivate(res) {
  const words = wordsOf(res.getHeader('cache-control'));
  if (words.some((word) => /^(private|no-store)$/i.test(word))) return;
  res.setHeader('Cache-Control', ['private', ...words.filter((word) => !/^(public|s-maxage\b.*|private=.*)$/i.test(word))].join(', '));
}
