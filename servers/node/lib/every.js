// SPDX-License-Identifier: Apache-2.0

/**
 * Calls them all, whatever one of them throws: a listener that is broken is no reason for the others not to hear. Then the first fault is thrown.
 * @param {Iterable<() => void>} calls
 */
export function callAll(calls) {
  /** @type {unknown[]} */
  const faults = [];
  for (const call of calls) {
    try {
      call();
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
}
