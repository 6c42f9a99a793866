// SPDX-License-Identifier: Apache-2.0
'use strict';

// Node 20.19 and later load an ES module by require, where it does not wait for anything.
module.exports = require('./index.js');
