// SPDX-License-Identifier: Apache-2.0
// What console.log, util.inspect and JSON.stringify show of objects that hold secrets or tokens: what is said here, and nothing else.

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * @template T
 * @param {abstract new (...args: any[]) => T} kind
 * @param {(it: T) => object} [show]  default: only what kind of object it is
 */
export function printAs(kind, show = () => ({})) {
  /** To print must not throw, whatever it comes upon: a prototype, or what is half made. @this {T} */
  function toJSON() {
    try {
      return show(this);
    } catch {
      return {};
    }
  }
  /** @this {T} @param {number} depth @param {any} options @param {(value: any, options?: any) => string} inspect */
  function print(depth, options, inspect) {
    return `${kind.name} ${inspect(toJSON.call(this), options)}`;
  }
  for (const [name, value] of /** @type {[PropertyKey, Function][]} */ ([['toJSON', toJSON], [INSPECT, print]])) {
    Object.defineProperty(kind.prototype, name, { value, configurable: true, writable: true });
  }
}
