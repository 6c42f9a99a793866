/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char STYLE[] =
    ":root{color-scheme:light dark;--ground:#f4f6fa;--card:#fff;--ink:#182033;--soft:#5b667d;--line:#dde3ee;"
    "--accent:#1f6f5c;--tint:#e3f3ee;--chip:#eef1f7}"
    "@media(prefers-color-scheme:dark){:root{--ground:#0f1319;--card:#181e27;--ink:#e8edf5;--soft:#98a4b8;"
    "--line:#2a3340;--accent:#6fd3b8;--tint:#16302b;--chip:#232c39}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);"
    "font:1rem/1.6 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif}"
    "header{background:var(--card);border-bottom:1px solid var(--line)}"
    ".bar{max-width:58rem;margin:0 auto;padding:.9rem 1.5rem;display:flex;flex-wrap:wrap;align-items:center;"
    "gap:.5rem 1.5rem}"
    ".brand{display:flex;align-items:center;gap:.6rem;font-weight:650;letter-spacing:-.01em}"
    ".brand i{width:1.5rem;height:1.5rem;border-radius:50%;"
    "background:conic-gradient(from 30deg,#1f6f5c,#6fd3b8,#d9b44a,#1f6f5c)}"
    "nav{display:flex;gap:1.1rem}"
    "a{color:var(--accent);text-underline-offset:.2em}"
    "nav a{color:var(--soft);text-decoration:none;padding:.2rem 0;border-bottom:2px solid transparent}"
    "nav a:hover,nav a[aria-current]{color:var(--ink);border-color:var(--accent)}"
    "form{margin:0 0 0 auto}"
    "button,.button{font:inherit;font-weight:600;cursor:pointer;display:inline-block;text-decoration:none;"
    "padding:.45rem 1rem;border-radius:.6rem;border:1px solid var(--line);background:none;color:var(--ink)}"
    ".button{background:#1f6f5c;border-color:#1f6f5c;color:#fff;padding:.6rem 1.3rem}"
    "button:hover{background:var(--chip)}"
    "a:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    "main{max-width:58rem;margin:0 auto;padding:2.5rem 1.5rem}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:2rem;"
    "box-shadow:0 1px 2px #0000000d,0 .8rem 2.4rem #0000000f}"
    "h1{font-size:clamp(1.5rem,4vw,2rem);line-height:1.2;letter-spacing:-.02em;margin:0 0 .5rem}"
    "p{margin:.4rem 0 1rem;color:var(--soft);max-width:40rem}"
    ".who{display:flex;align-items:center;gap:1.1rem;background:var(--tint);border-radius:.8rem;padding:1rem 1.2rem;"
    "margin:1.25rem 0}"
    ".face{flex:none;width:3rem;height:3rem;border-radius:50%;display:grid;place-items:center;background:#1f6f5c;"
    "color:#fff;font-weight:650;font-size:1.2rem}"
    ".who b{display:block;line-height:1.3}.who small{color:var(--soft);overflow-wrap:anywhere}"
    "dl{display:grid;grid-template-columns:minmax(6rem,9rem) 1fr;margin:1.25rem 0 0;border-top:1px solid var(--line)}"
    "dt,dd{margin:0;padding:.65rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}"
    "dt{color:var(--soft)}"
    ".chip{display:inline-block;background:var(--chip);border-radius:1rem;padding:.05rem .75rem;margin:0 .35rem .2rem 0;"
    "font-size:.9rem}"
    "@media(max-width:34rem){.card{padding:1.4rem}main{padding:1.25rem 1rem}dl{grid-template-columns:1fr}"
    "dt{border:0;padding-bottom:0}dd{padding-top:0}.bar{padding:.8rem 1rem}nav{order:1;width:100%}}";

static char policy[256];

const char *page_policy(void)
{
    return policy;
}

/* No form-action: signing out leads on to the provider, and browsers hold the redirects of a form to it. */
void page_open(void)
{
    unsigned char hash[SHA256_DIGEST_LENGTH], base64[64];
    SHA256((const unsigned char *)STYLE, strlen(STYLE), hash);
    EVP_EncodeBlock(base64, hash, sizeof hash);
    snprintf(policy, sizeof policy,
             "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; frame-ancestors 'none'",
             (const char *)base64);
}

static void put_bytes(FILE *out, const char *s, size_t n)
{
    for (; n > 0; s++, n--) {
        switch (*s) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*s, out);
            break;
        }
    }
}

static void put(FILE *out, const char *s)
{
    put_bytes(out, s, strlen(s));
}

static void put_nav(FILE *out, page_kind kind, const char *title, const page_user *user)
{
    static const struct {
        page_kind kind;
        const char *path, *name;
    } LINKS[] = {{PAGE_HOME, "/", "Home"}, {PAGE_ACCOUNT, "/account/", "Account"}, {PAGE_PUBLIC, "/public/", "Public"}};
    fputs("<header><div class=\"bar\"><span class=\"brand\"><i></i>", out);
    put(out, title);
    fputs("</span><nav>", out);
    for (size_t i = 0; i < sizeof LINKS / sizeof LINKS[0]; i++) {
        fprintf(out, "<a href=\"%s\"%s>%s</a>", LINKS[i].path, LINKS[i].kind == kind ? " aria-current=\"page\"" : "",
                LINKS[i].name);
    }
    fputs("</nav>", out);
    if (user->sub != NULL)
        fputs("<form method=\"post\" action=\"/logout\"><button>Sign out</button></form>", out);
    fputs("</div></header>", out);
}

static const char *shown_name(const page_user *user)
{
    return user->name != NULL && *user->name != '\0' ? user->name : user->sub;
}

/* As many bytes as the first character of UTF-8 has. */
static size_t first_length(const char *s)
{
    size_t n = *s != '\0';
    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static void put_who(FILE *out, const page_user *user)
{
    const char *name = shown_name(user);
    fputs("<div class=\"who\"><span class=\"face\" aria-hidden=\"true\">", out);
    put_bytes(out, name, first_length(name));
    fputs("</span><span><b>", out);
    put(out, name);
    fputs("</b><small>", out);
    put(out, user->email != NULL ? user->email : user->sub);
    fputs("</small></span></div>", out);
}

static void put_row(FILE *out, const char *name, const char *value)
{
    fprintf(out, "<dt>%s</dt><dd>", name);
    put(out, value != NULL && *value != '\0' ? value : "\xe2\x80\x93");
    fputs("</dd>", out);
}

/* Groups come in one field, between commas or spaces. */
static void put_groups(FILE *out, const char *groups)
{
    fputs("<dt>Groups</dt><dd>", out);
    for (size_t n; groups != NULL && *groups != '\0'; groups += n) {
        groups += strspn(groups, ", ");
        n = strcspn(groups, ", ");
        if (n == 0)
            break;
        fputs("<span class=\"chip\">", out);
        put_bytes(out, groups, n);
        fputs("</span>", out);
    }
    fputs("</dd>", out);
}

static void put_home(FILE *out, const page_user *user)
{
    if (user->sub == NULL) {
        fputs("<h1>Nobody is signed in</h1><p>The proxy in front of this application did not name anybody.</p>"
              "<a class=\"button\" href=\"/account/\">Sign in</a>",
              out);
        return;
    }
    fputs("<h1>Hello, ", out);
    put(out, shown_name(user));
    fputs("</h1><p>This application holds no password and no token. The proxy in front of it says who you are.</p>",
          out);
    put_who(out, user);
    fputs("<a href=\"/account/\">What it knows about you</a>", out);
}

static void put_account(FILE *out, const page_user *user)
{
    fputs("<h1>Your account</h1><p>What came with this request.</p>", out);
    if (user->sub == NULL) {
        fputs("<p>Nobody is signed in.</p>", out);
        return;
    }
    put_who(out, user);
    fputs("<dl>", out);
    put_row(out, "Subject", user->sub);
    put_row(out, "Name", user->name);
    put_row(out, "E-mail", user->email);
    put_groups(out, user->groups);
    fputs("</dl>", out);
}

static void put_public(FILE *out, const page_user *user)
{
    fputs("<h1>Anyone may read this</h1><p>No sign-in is needed here.</p>", out);
    if (user->sub != NULL)
        put_who(out, user);
    else
        fputs("<a class=\"button\" href=\"/account/\">Sign in</a>", out);
}

char *page_write(page_kind kind, const char *title, const page_user *user, size_t *length)
{
    char *page = NULL;
    FILE *out = open_memstream(&page, length);
    if (out == NULL)
        return NULL;
    fputs("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
          out);
    put(out, title);
    fprintf(out, "</title><style>%s</style></head><body>", STYLE);
    put_nav(out, kind, title, user);
    fputs("<main><div class=\"card\">", out);
    switch (kind) {
    case PAGE_HOME:
        put_home(out, user);
        break;
    case PAGE_ACCOUNT:
        put_account(out, user);
        break;
    case PAGE_PUBLIC:
        put_public(out, user);
        break;
    case PAGE_MISSING:
        fputs("<h1>Nothing here</h1><p>This application has no such page.</p>", out);
        break;
    }
    fputs("</div></main></body></html>\n", out);
    bool failed = fclose(out) != 0;
    return failed ? NULL : page;
}
