// SPDX-License-Identifier: Apache-2.0
export { Gate, Rule } from './lib/gate.js';
export { OptionError, Refusal } from './lib/errors.js';
export { environmentNames } from './lib/options.js';
export { Verdict } from './lib/verdict.js';
