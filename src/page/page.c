/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include "../base/json.h"
#include "style.h"

const gate_str page_policy =
    STR_INIT("default-src 'none'; style-src 'sha256-" PAGE_STYLE_HASH "'; base-uri 'none'; frame-ancestors 'none'");

static void add_link(text *t, const page *p)
{
    if (!p->link.len)
        return;
    text_add(t, STR("<p><a class=\"go\" href=\""));
    text_add_html(t, p->link);
    text_add(t, STR("\">"));
    text_add_html(t, p->link_text);
    text_add(t, STR("</a></p>\n"));
}

static void add_form(text *t, const page *p)
{
    if (!p->form_action.len)
        return;
    text_add(t, STR("<form method=\"post\" action=\""));
    text_add_html(t, p->form_action);
    text_add(t, STR("\"><input type=\"hidden\" name=\""));
    text_add_html(t, p->form_name);
    text_add(t, STR("\" value=\""));
    text_add_html(t, p->form_value);
    text_add(t, STR("\"><button class=\"go\">"));
    text_add_html(t, p->link_text);
    text_add(t, STR("</button></form>\n"));
}

static void add_reference(text *t, const page *p)
{
    if (!p->reference.len)
        return;
    text_add(t, STR("<p class=\"ref\">Reference <code>"));
    text_add_html(t, p->reference);
    text_add(t, STR("</code></p>\n"));
}

void page_write(text *t, const page *p)
{
    text_add(t, STR("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>"));
    text_add_html(t, p->title);
    text_add(t, STR("</title>\n<style>" PAGE_STYLE "</style>\n</head>\n<body>\n<main>\n<h1>"));
    text_add_html(t, p->title);
    text_add(t, STR("</h1>\n<p>"));
    text_add_html(t, p->message);
    text_add(t, STR("</p>\n"));
    add_link(t, p);
    add_form(t, p);
    add_reference(t, p);
    text_add(t, STR("</main>\n</body>\n</html>\n"));
}

void page_write_json(text *t, gate_str error, gate_str message, gate_str reference)
{
    json_begin(t);
    json_add_string(t, STR("error"), error);
    json_add_string(t, STR("error_description"), message);
    if (reference.len)
        json_add_string(t, STR("reference"), reference);
    json_end(t);
    text_add_char(t, '\n');
}
