// SPDX-License-Identifier: Apache-2.0
// What addon/functions.h offers, as types.

/** @typedef {{readonly engine: unique symbol}} EngineHandle */
/** @typedef {{readonly transaction: unique symbol}} TransactionHandle */
/** @typedef {{readonly sealer: unique symbol}} SealerHandle */

/**
 * A need, as an array whose places have fixed meanings (addon/functions.h).
 * @typedef {any[]} Need
 */

/**
 * @typedef {object} OptionEntry
 * @property {'engine' | 'provider' | 'rule'} scope
 * @property {string} name
 * @property {'text' | 'secret' | 'url' | 'flag' | 'time' | 'number' | 'choice' | 'words'} type
 * @property {string | null} fallback
 * @property {string | null} bounds
 * @property {string} help
 */

/**
 * @typedef {object} RefusalEntry
 * @property {string} id
 * @property {number} status
 * @property {string} oauth
 * @property {string} clause
 * @property {string} log
 * @property {string} page
 */

/** @typedef {[kind: number, provider: number, returnTo?: string, parameters?: string, note?: string, idToken?: string]} Ask */

/**
 * @typedef {object} Addon
 * @property {(providers: string[], sites: number, rules: number[], options: (string | number)[]) => EngineHandle} open
 * @property {(engine: EngineHandle) => void} close
 * @property {(engine: EngineHandle, site: number, path: string) => boolean} siteAnswers
 * @property {(engine: EngineHandle, name: string) => boolean} headerIsOurs
 * @property {(engine: EngineHandle) => boolean} needsStore
 * @property {(engine: EngineHandle, now: number) => number} upkeepDue
 * @property {(engine: EngineHandle, site: number, rule: number, ask: Ask | null, now: number, method: string, scheme: string,
 *   authority: string, target: string, path: string, ...headers: string[]) => Need} begin
 * @property {(tx: TransactionHandle, now: number, outcome: number, body?: Uint8Array | string | null, status?: number,
 *   headers?: string[], values?: (Uint8Array | null)[], why?: string) => Need} step
 * @property {(tx: TransactionHandle) => void} drop
 * @property {(engine: EngineHandle, now: number) => Need | null} upkeep
 * @property {(secrets: string[], purpose: string) => SealerHandle} sealerOpen
 * @property {(sealer: SealerHandle) => void} sealerClose
 * @property {(sealer: SealerHandle, members: string, text: string) => string | null} seal
 * @property {(sealer: SealerHandle, sealed: string) => [header: string, text: string] | null} unseal
 * @property {() => OptionEntry[]} options
 * @property {() => RefusalEntry[]} refusals
 * @property {() => string} version
 * @property {() => string} opensslVersion
 * @property {() => [engines: number, transactions: number, sealers: number]} counts
 */
export {};
