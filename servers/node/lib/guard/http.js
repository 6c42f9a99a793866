// SPDX-License-Identifier: Apache-2.0
// For node:http, node:https and the compatible interface of node:http2; and for upgrades, which no framework routes.
import { addHeaders, sendAnswer, sendOnSocket } from './answer.js';
import { Guard, nobody } from './guard.js';
import { isOwnPage } from './origin.js';

/**
 * @typedef {import('./guard.js').Request} Request
 * @typedef {(req: any, res: any) => any} Listener
 * @typedef {(req: any, socket: any, head: Buffer) => any} UpgradeListener
 */

const ignore = () => {};

export class HttpGuard extends Guard {
  /** Around the listener: http.createServer(guard.site(listener)). @param {Listener} listener @param {import('./guard.js').SiteOptions} [options] @returns {Listener} */
  site(listener, options = {}) {
    return (req, res) => {
      this.settle(req, () => this.atSite(req, options), (verdict) => {
        if (verdict) {
          this.carryOut(verdict, req, res, listener);
          return;
        }
        req.oidcGate ??= nobody;
        listener(req, res);
      });
    };
  }

  /**
   * Around what answers a place: the listener is called for who is let in, and finds req.oidcGate: {signedIn, claims, claim(name), idToken,
   * accessToken, expires}.
   * @param {Record<string, any>} demands options of a rule, or a rule
   * @param {Listener} listener
   * @returns {Listener}
   */
  place(demands, listener) {
    const rule = this.rule(demands);
    return (req, res) => this.settle(req, () => this.atPlace(req, rule), (verdict) => this.carryOut(/** @type {any} */ (verdict), req, res, listener));
  }

  /** @param {import('./guard.js').Verdict} verdict @param {Request} req @param {import('node:http').ServerResponse} res @param {Listener} listener */
  carryOut(verdict, req, res, listener) {
    if (verdict.gone) return;
    if (!verdict.pass) {
      sendAnswer(req, res, verdict);
      return;
    }
    addHeaders(res, verdict.headers);
    req.oidcGate = this.admit(req, verdict);
    listener(req, res);
  }

  /**
   * For server.on('upgrade', ...), also of a server whose requests a framework answers: the listener is called for who is let in. A page of
   * another origin opens no socket with a person's cookie (RFC 6455 10.2). Without demands forged headers go, and everybody is let in.
   * @param {Record<string, any> | null} demands options of a rule, or a rule
   * @param {UpgradeListener} listener
   * @param {{origins?: string[]}} [options] further origins whose pages may open it: 'https://www.example'
   * @returns {UpgradeListener}
   */
  upgrade(demands, listener, { origins = [] } = {}) {
    const rule = demands && this.rule(demands);
    return (req, socket, head) => {
      socket.on('error', ignore); // nobody else listens while we look
      this.settle(req, () => this.atUpgrade(req, rule, origins), (verdict) => {
        socket.off('error', ignore);
        if (verdict && !verdict.pass) this.keepOut(verdict, socket);
        else {
          req.oidcGate = verdict ? this.admit(req, verdict) : nobody;
          listener(req, socket, head);
        }
      });
    };
  }

  /** @param {Request} req @param {import('../gate.js').Rule | null} rule @param {string[]} origins */
  atUpgrade(req, rule, origins) {
    const { request } = this.enter(req);
    if (rule && !isOwnPage(req.headers, request, origins)) return this.refuse('socket_origin', 403, `opened by a page of another origin`, req);
    return rule && this.gate.guard(request, rule);
  }

  /** @param {import('./guard.js').Verdict} verdict @param {import('node:stream').Duplex} socket */
  keepOut(verdict, socket) {
    socket.on('error', ignore);
    if (verdict.gone) socket.destroy();
    else sendOnSocket(socket, verdict);
  }
}
