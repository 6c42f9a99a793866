// SPDX-License-Identifier: Apache-2.0
// A property that is given to each request of Express. An application of Express gives each request another prototype, and from then on
// V8 makes a shape for every single one with every property that is set: 2 to 3 us each, a fortieth of what a page costs. So the value
// is kept on the list of the request's raw headers, which is an object of this very request that everything before and behind us hands
// on, and one accessor on Express's own prototype shows it. See docs/decisions/012.
import { IncomingMessage, ServerResponse } from 'node:http';

/** @type {(object | null)[]} */
const NODES = [IncomingMessage.prototype, ServerResponse.prototype];

const isAbove = Object.prototype.isPrototypeOf;

/**
 * express.request or express.response, which is shared by all applications of one copy of Express: a request that one hands to another
 * (vhost, a mounted one) keeps what it was given. app.request -> express.request -> Node's. Null where it is no application of Express.
 * @param {object} proto
 * @returns {object | null}
 */
function homeOf(proto) {
  for (let at = Object.getPrototypeOf(proto); at; at = Object.getPrototypeOf(at)) {
    if (NODES.includes(Object.getPrototypeOf(at))) return Object.isExtensible(at) ? at : null;
  }
  return null;
}

/** @param {object | null} at @param {string} name */
function descriptorOf(at, name) {
  for (; at; at = Object.getPrototypeOf(at)) if (Object.hasOwn(at, name)) return Object.getOwnPropertyDescriptor(at, name);
  return undefined;
}

/** @type {Access} */
const PLAIN = { get: (value) => value };

/**
 * @typedef {object} Access
 * @property {(value: any) => any} get                        what is seen of the value
 * @property {(value: any, given: any) => void} [set]         none: what is set takes its place, for this request
 */

class Property {
  /**
   * @param {string} name
   * @param {(target: any) => any} listOf  the raw headers
   * @param {Access} access
   */
  constructor(name, listOf, access) {
    this.name = name;
    this.key = Symbol(`gatewright.${name}`);
    this.listOf = listOf;
    this.access = access;
    /** @type {WeakMap<object, boolean>} */
    this.homes = new WeakMap();
    this.accessor = this.accessorOf((target) => this.find(target));
  }

  /** @param {(target: any) => any} find @returns {PropertyDescriptor} */
  accessorOf(find) {
    const { name, access } = this;
    return {
      configurable: true,
      enumerable: true,
      get() {
        const value = find(this);
        return value === undefined ? undefined : access.get(value);
      },
      set(given) {
        const value = access.set && find(this);
        if (value !== undefined) access.set?.(value, given);
        else Object.defineProperty(this, name, { value: given, writable: true, enumerable: true, configurable: true });
      },
    };
  }

  /** What was put beside it; to another request that was handed the same list it says nothing. @param {any} target @returns {any} */
  find(target) {
    const kept = this.listOf(target)?.[this.key];
    return kept !== undefined && (kept.of === target || isAbove.call(kept.of, target)) ? kept.value : undefined;
  }

  /** Put by us, or set by anybody. @param {any} target */
  has(target) {
    return this.find(target) !== undefined || Object.hasOwn(target, this.name);
  }

  /** @param {any} target @param {object} value */
  put(target, value) {
    const beside = this.standsAbove(Object.getPrototypeOf(target)) && !Object.hasOwn(target, this.name) && this.listOf(target);
    if (beside) beside[this.key] = { of: target, value };
    else Object.defineProperty(target, this.name, this.access.set ? this.accessorOf(() => value) : { value, writable: true, enumerable: true, configurable: true });
  }

  /** @param {object} proto */
  standsAbove(proto) {
    let stands = this.homes.get(proto);
    if (stands === undefined) {
      stands = this.standAbove(proto);
      this.homes.set(proto, stands);
    }
    return stands;
  }

  /** @param {object} proto */
  standAbove(proto) {
    const home = homeOf(proto);
    if (home && !descriptorOf(proto, this.name)) Object.defineProperty(home, this.name, this.accessor);
    return home !== null && descriptorOf(proto, this.name)?.get === this.accessor.get; // whatever else stands there is somebody's
  }
}

/** @param {string} name @param {Access} [access] */
export const requestProperty = (name, access = PLAIN) => new Property(name, (req) => req.rawHeaders, access);

/** @param {string} name */
export const responseProperty = (name) => new Property(name, (res) => res.req?.rawHeaders, PLAIN);
