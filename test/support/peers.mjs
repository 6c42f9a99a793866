// SPDX-License-Identifier: Apache-2.0
// In an application the package stands beside the frameworks that it works with; in this tree they stand below test/. Import this
// first, then the module of the package by import().
import { register } from 'node:module';

const hook = `
export async function resolve(specifier, context, next) {
  if (!specifier.startsWith('@loopback/')) return next(specifier, context);
  return next(specifier, { ...context, parentURL: ${JSON.stringify(new URL('../node/', import.meta.url).href)} });
}`;

register(`data:text/javascript,${encodeURIComponent(hook)}`);
