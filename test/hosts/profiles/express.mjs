// SPDX-License-Identifier: Apache-2.0
import { profile } from './node.mjs';

export const lacks = { http2: 'Express makes its requests out of those of HTTP/1, and has no HTTP/2' };
export const { name, missing, open, check, freePort, lenientHeaders } = profile('express');
