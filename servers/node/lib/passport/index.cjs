// SPDX-License-Identifier: Apache-2.0
'use strict';

// What require() answers is the class itself, with the rest on it, as with other strategies: new (require('gatewright/passport'))(...).
const { Strategy, ...others } = require('./index.js');
module.exports = Object.assign(Strategy, { Strategy, ...others });
