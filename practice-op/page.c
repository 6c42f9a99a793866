/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include "people.h"
#include <openssl/sha.h>
#include <string.h>

static const char STYLE[] =
    ":root{color-scheme:light dark;--ground:#eef1f6;--glow:#dfe7f7;--card:#fff;--ink:#1a2233;--soft:#5c6780;"
    "--line:#d9dfeb;--hover:#f3f6fc;--accent:#2f5bd8;--warn:#8a4b00;--warn-ground:#fff4e2}"
    "@media(prefers-color-scheme:dark){:root{--ground:#10141d;--glow:#1b2540;--card:#191f2c;--ink:#e9edf6;"
    "--soft:#9aa6bf;--line:#2c3547;--hover:#212939;--accent:#8fb0ff;--warn:#ffcf8a;--warn-ground:#33270f}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;color:var(--ink);"
    "background:radial-gradient(60rem 40rem at 50% -10rem,var(--glow),transparent) var(--ground);"
    "font:1rem/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif}"
    "main{width:100%;max-width:26rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;"
    "padding:2rem;box-shadow:0 1px 2px #0001,0 1rem 3rem #0000001a}main.wide{max-width:60rem}"
    ".mark{display:inline-flex;align-items:center;gap:.6rem;color:var(--soft);font-size:.875rem;font-weight:600}"
    ".mark i{width:1.6rem;height:1.6rem;border-radius:.45rem;background:linear-gradient(135deg,#2f5bd8,#7a4fd6);"
    "display:inline-block}"
    "h1{font-size:1.5rem;line-height:1.25;margin:1.25rem 0 .35rem;letter-spacing:-.01em}"
    "p{margin:.35rem 0;color:var(--soft)}p b{color:var(--ink);font-weight:600}"
    "h2{font-size:.8rem;font-weight:600;color:var(--soft);margin:1.5rem 0 .6rem}"
    ".people{display:grid;gap:.6rem;margin:0 0 1rem}"
    "button{font:inherit;color:inherit;cursor:pointer}"
    ".person{display:flex;align-items:center;gap:.9rem;width:100%;text-align:left;padding:.7rem .85rem;"
    "background:none;border:1px solid var(--line);border-radius:.75rem}"
    ".person:hover{background:var(--hover);border-color:var(--accent)}"
    "button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    ".face{flex:none;width:2.5rem;height:2.5rem;border-radius:50%;display:grid;place-items:center;color:#fff;"
    "font-weight:600;font-size:.9rem;background:#7a4fd6}"
    ".person:nth-child(2) .face{background:#0b7a75}.person:nth-child(3) .face{background:#b4442f}"
    ".person b{display:block;font-weight:600;line-height:1.3}.person small{color:var(--soft)}"
    ".quiet{display:block;margin:0 auto;background:none;border:0;color:var(--soft);padding:.4rem .8rem;"
    "text-decoration:underline;text-underline-offset:.2em}"
    ".main{width:100%;margin-top:1.25rem;padding:.7rem;border:0;border-radius:.75rem;background:#2f5bd8;color:#fff;"
    "font-weight:600}"
    ".note{margin:1.25rem 0 0;padding:.6rem .8rem;border-radius:.6rem;background:var(--warn-ground);"
    "color:var(--warn);font-size:.875rem}"
    "table{border-collapse:collapse;width:100%;margin-top:1rem;font-size:.9rem}"
    "td,th{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-top:1px solid var(--line)}"
    "th{color:var(--soft);font-weight:600}"
    "code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}"
    "a{color:var(--accent)}";

static const char SUBMIT[] = "document.forms[0].submit()";

static void put_source(text *out, const char *directive, const char *inline_text)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)inline_text, strlen(inline_text), hash);
    text_print(out, "; %s 'sha256-", directive);
    text_put_base64(out, hash, sizeof hash);
    text_put(out, "'");
}

/* No form-action: both forms lead on to the relying party, and browsers hold the redirects of a form to it. */
static void begin(http_reply *rp, unsigned status, const char *title, const char *kind)
{
    text policy = text_open(rp->body.home);
    text_put(&policy, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    put_source(&policy, "style-src", STYLE);
    put_source(&policy, "script-src", SUBMIT);
    rp->status = status;
    rp->body.length = 0;
    http_set_header(rp, "Content-Type", "text/html; charset=utf-8");
    http_set_header(rp, "Content-Security-Policy", text_end(&policy));
    http_set_header(rp, "Cache-Control", "no-store");
    http_set_header(rp, "Referrer-Policy", "origin");
    http_set_header(rp, "X-Content-Type-Options", "nosniff");
    text_put(&rp->body, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
    text_put_html(&rp->body, title);
    text_print(&rp->body, "</title><style>%s</style></head><body><main class=\"%s\">", STYLE, kind);
    text_put(&rp->body, "<div class=\"mark\"><i></i>Practice provider</div><h1>");
    text_put_html(&rp->body, title);
    text_put(&rp->body, "</h1>");
}

static void end(http_reply *rp)
{
    text_put(&rp->body, "</main></body></html>\n");
}

static void put_paragraph(text *out, const char *words)
{
    text_put(out, "<p>");
    text_put_html(out, words);
    text_put(out, "</p>");
}

static void put_hidden(text *out, const members *params)
{
    for (const member *m = params->first; m != NULL; m = m->next) {
        text_put(out, "<input type=\"hidden\" name=\"");
        text_put_html(out, m->name);
        text_put(out, "\" value=\"");
        text_put_html(out, m->value);
        text_put(out, "\">");
    }
}

static void put_person(text *out, const person *who)
{
    text_print(
        out,
        "<button class=\"person\" name=\"practice_login\" value=\"%s\"><span class=\"face\" aria-hidden=\"true\">"
        "%c%c</span><span><b>%s</b><small>%s</small></span></button>",
        who->id, who->given_name[0], who->family_name[0], who->name, who->email);
}

static void put_misbehaviour(text *out, const issuer *is)
{
    if (strcmp(is->fault->id, "ok") == 0)
        return;
    text_put(out, "<p class=\"note\">This issuer misbehaves on purpose: ");
    text_put_html(out, is->fault->what);
    text_put(out, ".</p>");
}

void page_login(const issuer *is, http_reply *rp, const members *params)
{
    const char *client = members_find(params, "client_id");
    begin(rp, 200, "Sign in", "");
    text *out = &rp->body;
    text_put(out, "<p><b>");
    text_put_html(out, client != NULL ? client : "");
    text_put(out, "</b> asks who you are.</p><form method=\"post\" action=\"");
    text_put_html(out, is->url);
    text_put(out, "/authorize\">");
    put_hidden(out, params);
    text_put(out, "<h2>Sign in as</h2><div class=\"people\">");
    for (const person *who = people_all(); who->id != NULL; who++)
        put_person(out, who);
    text_put(out,
             "</div><button class=\"quiet\" name=\"practice_error\" value=\"access_denied\">Cancel</button></form>");
    put_misbehaviour(out, is);
    end(rp);
}

void page_error(http_reply *rp, unsigned status, const char *title, const char *what)
{
    begin(rp, status, title, "");
    put_paragraph(&rp->body, what);
    end(rp);
}

void page_signed_out(http_reply *rp)
{
    begin(rp, 200, "You are signed out", "");
    put_paragraph(&rp->body, "The session at this provider has ended. You can close this page.");
    end(rp);
}

void page_form_post(http_reply *rp, const char *uri, const members *params)
{
    begin(rp, 200, "One moment", "");
    text *out = &rp->body;
    put_paragraph(out, "Taking you back to the application.");
    text_put(out, "<form method=\"post\" action=\"");
    text_put_html(out, uri);
    text_put(out, "\">");
    put_hidden(out, params);
    text_print(out, "<button class=\"main\">Continue</button></form><script>%s</script>", SUBMIT);
    end(rp);
}

static void put_fault_table(text *out)
{
    text rows = text_open(out->home);
    fault_write_list(&rows);
    json_t *list = json_loadb(rows.data, rows.length, 0, NULL), *row;
    size_t i;
    text_put(out, "<table><tr><th>Issuer</th><th>Relying party</th><th>What it does</th></tr>");
    json_array_foreach(list, i, row)
    {
        const char *id = json_string_value(json_object_get(row, "id"));
        text_print(out, "<tr><td><code>/f/%s</code></td><td>%s</td><td>", id,
                   json_string_value(json_object_get(row, "expect")));
        text_put_html(out, json_string_value(json_object_get(row, "what")));
        text_put(out, "</td></tr>");
    }
    text_put(out, "</table>");
    json_decref(list);
}

void page_front(const issuer *is, http_reply *rp)
{
    begin(rp, 200, "An OpenID provider to practise with", "wide");
    text *out = &rp->body;
    put_paragraph(out, "For demos and tests. Anybody can sign in as anybody here, so it listens on loopback alone.");
    text_put(out, "<p>Issuer: <code>");
    text_put_html(out, is->url);
    text_put(out, "</code>, <a href=\"");
    text_put_html(out, is->url);
    text_put(out, "/.well-known/openid-configuration\">its metadata</a>.</p>");
    put_misbehaviour(out, is);
    put_fault_table(out);
    end(rp);
}
