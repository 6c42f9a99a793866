/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SAMPLE_WEBSOCKET_H
#define SAMPLE_WEBSOCKET_H

#include <microhttpd.h>

/* RFC 6455: accepts an upgrade and sends every message back. A request that is no upgrade gets 426 or 400. */
enum MHD_Result websocket_answer(struct MHD_Connection *c);

/* Ends every socket and waits for their threads; call before the daemon stops. */
void websocket_close_all(void);

#endif
