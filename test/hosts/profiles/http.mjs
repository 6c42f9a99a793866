// SPDX-License-Identifier: Apache-2.0
import { profile } from './node.mjs';

export const lacks = {};
export const { name, missing, open, check, freePort, lenientHeaders } = profile('http');
