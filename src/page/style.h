/* SPDX-License-Identifier: Apache-2.0 */
/* The style of our pages, and its SHA-256 for the Content-Security-Policy; a unit test holds the two together. */
#ifndef GATE_STYLE_H
#define GATE_STYLE_H

#define PAGE_STYLE_HASH "AoQDc3guZhHoSwwd/C/RFDMAQHnF3nMYAePFeHnhMvc="

#define PAGE_STYLE                                                                                                                                                                                            \
    "\n"                                                                                                                                                                                                      \
    ":root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#f4f6f9;--card:#fff;--line:#dde3ea;--go:#1d5fd1;--go-ink:#fff}\n"                                                                     \
    "@media(prefers-color-scheme:dark){:root{--ink:#e7ecf3;--soft:#98a4b5;--paper:#11161d;--card:#1a212b;--line:#2b3543;--go:#7aaeff;--go-ink:#0c1420}}\n"                                                    \
    "*{box-sizing:border-box}\n"                                                                                                                                                                              \
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif}\n"                                      \
    "main{width:100%;max-width:30rem;padding:2.25rem;background:var(--card);border:1px solid var(--line);border-radius:14px}\n"                                                                               \
    "h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}\n"                                                                                                                         \
    "p{margin:0 0 1rem}\n"                                                                                                                                                                                    \
    ".go{display:inline-block;margin-top:.5rem;padding:.6rem 1.15rem;border:0;border-radius:8px;background:var(--go);color:var(--go-ink);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}\n" \
    ".go:focus-visible{outline:3px solid var(--ink);outline-offset:2px}\n"                                                                                                                                    \
    ".ref{margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}\n"

#endif
