// SPDX-License-Identifier: Apache-2.0
// A moment at which something is done. Timers count milliseconds in 31 bits, and a login may last longer; and they follow no clock that is
// set: so they are asked for in parts, and the clock decides.

const LONGEST = 2 ** 31 - 1;

/**
 * Calls `act` once, at `when` (milliseconds since 1970) or soon after; never for Infinity. Does not keep the process alive.
 * @param {number} when
 * @param {() => void} act
 * @returns {() => void} calls it off
 */
export function atTime(when, act) {
  if (when === Infinity) return () => {};
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const arm = () => {
    const left = when - Date.now();
    timer = globalThis.setTimeout(left > LONGEST ? arm : check, Math.min(Math.max(left, 0), LONGEST));
    timer.unref?.();
  };
  const check = () => (Date.now() < when ? arm() : act());
  arm();
  return () => globalThis.clearTimeout(timer);
}
