// SPDX-License-Identifier: Apache-2.0
// What the rounds say. A ratio compares CPU for each request, which is how many requests one core serves, with the bare page of the
// same turns. The least of all windows counts, since whatever else runs on the machine only adds; `median` is that of all pairs of
// windows. `of same` is the ratio to the bare page that is sent the same request: what the gate costs beyond what Node and
// Express do with so many bytes.
import { cases } from './cases.mjs';

const WORDS = {
  'sent-cookie': 'bare page, sent our cookie',
  'sent-token': 'bare page, sent the token',
  unlooked: 'a middleware that only sets req.auth',
  session: 'our session gate',
  'their-session': 'express-openid-connect',
  known: 'our bearer, known token',
  'fast-known': 'fast-jwt, known token (cache)',
  new: 'our bearer, new tokens',
  'fast-new': 'fast-jwt, new tokens',
  'jose-new': 'jose, new tokens',
};
const AIMS = { session: 0.85, known: 0.90 };

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** Prints the table, or JSON; answers the exit code. */
export function report(values, { json, tokenBytes, cookieBytes }) {
  const rows = Object.entries(values).map(([name, pairs]) => {
    const own = pairs.map((each) => each.own);
    const bare = Math.min(...pairs.map((each) => each.bare.cpu));
    const cpu = Math.min(...own.map((each) => each.cpu));
    return {
      name, what: WORDS[name], bare, cpu, added: cpu - bare, ratio: bare / cpu,
      median: median(pairs.map((each) => each.bare.cpu / each.own.cpu)), rate: median(own.map((each) => each.rate)),
      p50: median(own.map((each) => each.p50)), p99: median(own.map((each) => each.p99)),
    };
  });
  for (const row of rows) {
    const beside = rows.find(({ name }) => name === cases[row.name].beside);
    row.same = beside && row.ratio / beside.ratio;
  }
  const errors = Object.values(values).flat().reduce((sum, { bare, own }) => sum + bare.errors + own.errors, 0);
  const aims = Object.entries(AIMS).filter(([name]) => name in values).map(([name, wanted]) => ({ name, wanted, is: rows.find((row) => row.name === name).ratio }));
  if (json) console.log(JSON.stringify({ tokenBytes, cookieBytes, rows, aims, errors }));
  else show(rows, aims, { tokenBytes, cookieBytes, windows: Object.values(values)[0].length });
  if (errors) console.error(`bench: ${errors} requests failed`);
  return errors ? 1 : 0;
}

function show(rows, aims, { tokenBytes, cookieBytes, windows }) {
  console.log(`Express 5 on one core, ${windows} seconds of each and as many of the bare page; token of ${tokenBytes} bytes, our cookie of ${cookieBytes}\n`);
  console.log(`${''.padEnd(38)}${'bare us'.padStart(8)}${'CPU us'.padStart(8)}${'added'.padStart(8)}${'of bare'.padStart(9)}${'median'.padStart(8)}${'of same'.padStart(9)}${'req/s'.padStart(9)}${'p50 us'.padStart(8)}${'p99 us'.padStart(8)}`);
  for (const row of rows) {
    const times = [row.bare, row.cpu, row.added].map((each) => each.toFixed(1).padStart(8)).join('');
    const ratios = `${row.ratio.toFixed(3).padStart(9)}${row.median.toFixed(3).padStart(8)}${(row.same?.toFixed(3) ?? '').padStart(9)}`;
    console.log(`${row.what.padEnd(38)}${times}${ratios}${row.rate.toFixed(0).padStart(9)}${String(row.p50).padStart(8)}${String(row.p99).padStart(8)}`);
  }
  console.log();
  for (const { name, wanted, is } of aims) console.log(`${is >= wanted ? 'met   ' : 'missed'} ${WORDS[name]}: ${is.toFixed(3)}, at least ${wanted.toFixed(2)} of bare`);
}
