/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state folder: the session store of the workers, and the cookie secret
 * where the operator gave none.  The master makes both, as it makes nginx's
 * own folders; "nginx -t" and "nginx -s" only look.
 */

#include "ngx_http_oidc.h"

#include <openssl/crypto.h>
#include <secret_file.h>


#define ngx_http_oidc_only_looks()                                            \
    (ngx_test_config || ngx_process == NGX_PROCESS_SIGNALLER)


/* Where nothing is said: beside nginx's own folders for files of the workers. */

ngx_int_t
ngx_http_oidc_state_path(ngx_conf_t *cf, ngx_str_t *path)
{
    u_char     *p;
    ngx_str_t   beside = ngx_string(NGX_HTTP_PROXY_TEMP_PATH);

    if (path->data) {
        return NGX_OK;
    }

    while (beside.len && beside.data[beside.len - 1] != '/') {
        beside.len--;
    }

    p = ngx_pnalloc(cf->pool, beside.len + sizeof("oidc"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    path->data = p;
    path->len = beside.len + sizeof("oidc") - 1;

    p = ngx_cpymem(p, beside.data, beside.len);
    ngx_memcpy(p, "oidc", sizeof("oidc"));

    return ngx_conf_full_name(cf->cycle, path, 0);
}


/* nginx makes it and gives it to the user of the workers: ngx_create_paths() */

ngx_int_t
ngx_http_oidc_state_folder(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_path_t  *path, **slot;

    if (ngx_http_oidc_only_looks()) {
        return NGX_OK;
    }

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    slot = ngx_array_push(&cf->cycle->paths);

    if (path == NULL || slot == NULL) {
        return NGX_ERROR;
    }

    path->name = *name;
    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    *slot = path;

    return NGX_OK;
}


static ngx_int_t
ngx_http_oidc_refuse_file(ngx_conf_t *cf, secret_file_error *error)
{
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "oidc: %s", error->text);

    if (geteuid() != 0 && ngx_test_config) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "oidc: test the configuration as the user that starts "
                      "nginx, as a rule root");
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_oidc_copy_secret(ngx_conf_t *cf, char *bytes, size_t len,
    ngx_str_t *secret)
{
    secret->len = len;
    secret->data = ngx_pnalloc(cf->pool, len);

    if (secret->data != NULL) {
        ngx_memcpy(secret->data, bytes, len);
    }

    OPENSSL_cleanse(bytes, len);

    return (secret->data != NULL) ? NGX_OK : NGX_ERROR;
}


/* A secret in a file of the operator's. */

ngx_int_t
ngx_http_oidc_read_secret(ngx_conf_t *cf, ngx_str_t *file, ngx_str_t *secret)
{
    char               bytes[SECRET_FILE_MAX];
    size_t             len;
    ngx_str_t          name;
    secret_file_error  error;

    name = *file;

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!secret_file_read((char *) name.data, bytes, sizeof(bytes), &len,
                          &error))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", error.text);
        return NGX_ERROR;
    }

    return ngx_http_oidc_copy_secret(cf, bytes, len, secret);
}


/* Where there is no secret yet and nothing may be made: one that fits. */

static ngx_int_t
ngx_http_oidc_secret_to_be(ngx_conf_t *cf, ngx_str_t *folder,
    ngx_str_t *secret)
{
    u_char    *last;
    ngx_str_t  parent;

    parent.len = folder->len;
    parent.data = ngx_pstrdup(cf->pool, folder);
    secret->data = ngx_pnalloc(cf->pool, SECRET_FILE_MADE);

    if (parent.data == NULL || secret->data == NULL) {
        return NGX_ERROR;
    }

    for (last = parent.data + parent.len - 1; last > parent.data; last--) {
        if (*last == '/') {
            break;
        }
    }

    *last = '\0';

    if (last != parent.data && access((char *) parent.data, W_OK|X_OK) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, ngx_errno,
                      "oidc: the state folder \"%V\" cannot be made; "
                      "remedy: oidc_state_path, or start nginx as root",
                      folder);
        return NGX_ERROR;
    }

    secret->len = SECRET_FILE_MADE;
    ngx_memset(secret->data, 'x', SECRET_FILE_MADE);

    return NGX_OK;
}


static ngx_int_t
ngx_http_oidc_make_secret(ngx_conf_t *cf, ngx_str_t *folder, char *file)
{
    secret_file_error  error;

    if (ngx_create_dir(folder->data, 0700) == NGX_FILE_ERROR
        && ngx_errno != NGX_EEXIST)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, ngx_errno,
                      "oidc: the state folder \"%V\" cannot be made; "
                      "remedy: oidc_state_path", folder);
        return NGX_ERROR;
    }

    if (!secret_file_make(file, &error)) {
        return ngx_http_oidc_refuse_file(cf, &error);
    }

    return NGX_OK;
}


/* Read by the master while it reads the configuration, so root's alone. */

ngx_int_t
ngx_http_oidc_state_secret(ngx_conf_t *cf, ngx_str_t *folder,
    ngx_str_t *secret)
{
    char               bytes[SECRET_FILE_MAX];
    size_t             len;
    u_char             file[NGX_MAX_PATH];
    ngx_file_info_t    fi;
    secret_file_error  error;

    if (ngx_snprintf(file, sizeof(file), "%V/cookie_secret%Z", folder)
        == file + sizeof(file))
    {
        return NGX_ERROR;
    }

    if (lstat((char *) file, &fi) == -1 && ngx_errno == NGX_ENOENT) {

        if (ngx_http_oidc_only_looks()) {
            return ngx_http_oidc_secret_to_be(cf, folder, secret);
        }

        if (ngx_http_oidc_make_secret(cf, folder, (char *) file) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (!secret_file_read_private((char *) file, bytes, sizeof(bytes), &len,
                                  &error))
    {
        return ngx_http_oidc_refuse_file(cf, &error);
    }

    return ngx_http_oidc_copy_secret(cf, bytes, len, secret);
}


ngx_int_t
ngx_http_oidc_read_env(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *secret)
{
    char  *value;

    value = getenv((char *) name->data);

    if (value == NULL || value[0] == '\0') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "oidc: the environment has no \"%V\"; set it for "
                           "the process that starts nginx", name);
        return NGX_ERROR;
    }

    secret->len = ngx_strlen(value);
    secret->data = ngx_pnalloc(cf->pool, secret->len + 1);
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(secret->data, value, secret->len + 1);

    return NGX_OK;
}
