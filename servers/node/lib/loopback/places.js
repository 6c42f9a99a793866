// SPDX-License-Identifier: Apache-2.0
// What operations demand: the component's own options, with those of @authenticate in their place. One rule for each combination.

const PLACES_MAX = 1000;

export class Places {
  /**
   * @param {import('../guard/guard.js').Guard} guard
   * @param {Record<string, any>} common
   */
  constructor(guard, common) {
    this.guard = guard;
    this.common = common;
    /** @type {Map<string, any>} */
    this.rules = new Map();
    this.rule(); // what is wrong with the component's options is said at once
  }

  /** @param {Record<string, any>} [own] */
  rule(own) {
    const key = JSON.stringify(own ?? {});
    let rule = this.rules.get(key);
    if (!rule) {
      if (this.rules.size >= PLACES_MAX) throw new Error(`@authenticate has more than ${PLACES_MAX} different options`);
      rule = this.guard.rule(this.withSession({ ...this.common, ...own }));
      this.rules.set(key, rule);
    }
    return rule;
  }

  /** Where a bearer token is taken and people can sign in, a session serves as well. @param {Record<string, any>} demands */
  withSession(demands) {
    const { gate } = this.guard;
    const canSignIn = Boolean(gate.setUp.read[0].client_id);
    return demands.bearer && demands.provider === undefined && canSignIn ? { provider: gate.names[0], ...demands } : demands;
  }
}
