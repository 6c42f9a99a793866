# SPDX-License-Identifier: Apache-2.0
# The dynamic module for the distribution's nginx, built by nginx's own configure, out of its tree.

set(GATE_MODULE "${CMAKE_BINARY_DIR}/ngx_http_oidc_module.so")
file(GLOB GATE_NGINX_SOURCES CONFIGURE_DEPENDS servers/nginx/*.c)
file(GLOB GATE_NGINX_HEADERS CONFIGURE_DEPENDS servers/nginx/*.h host/*.h include/*.h src/option/*.def)

if(GATE_NGINX_SOURCES AND TARGET gatewright_host)
    add_custom_command(OUTPUT "${GATE_MODULE}"
        COMMAND "${CMAKE_SOURCE_DIR}/tools/nginx-module" "${CMAKE_SOURCE_DIR}/servers/nginx" "${CMAKE_BINARY_DIR}"
        DEPENDS ${GATE_NGINX_SOURCES} ${GATE_NGINX_HEADERS} servers/nginx/config tools/nginx-module
            gatewright gatewright_host
        COMMENT "Building ngx_http_oidc_module.so" VERBATIM)
    add_custom_target(nginx_module ALL DEPENDS "${GATE_MODULE}")
    house_product(nginx_module)
endif()
