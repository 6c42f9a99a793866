# SPDX-License-Identifier: Apache-2.0
# The addon for Node: the engine's sources and these, in one module. GATE_ENGINE names the folder that holds src/ and include/.
# It is compiled against the OpenSSL headers that came with Node, where they did, and linked against no libcrypto: the
# process has one already, and Node exports its names (docs/decisions/010-node-addon.md).

function(gate_find_node_headers)
    if(NOT GATE_NODE_HEADERS)
        find_program(GATE_NODE NAMES node nodejs)
        if(GATE_NODE)
            execute_process(OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                COMMAND "${GATE_NODE}" -p "require('path').resolve(process.execPath, '../..')")
        endif()
        find_path(GATE_NODE_HEADERS node_api.h NO_DEFAULT_PATH
            HINTS "${prefix}/include/node" "${GATE_NODE_MODULES}/node-api-headers/include")
    endif()
    set(GATE_NODE_HEADERS "${GATE_NODE_HEADERS}" PARENT_SCOPE)
endfunction()

# gate_node_addon(target folder flags...): builds folder/gatewright.node
function(gate_node_addon target folder)
    file(GLOB sources CONFIGURE_DEPENDS "${GATE_ADDON}/*.c"
        "${GATE_ENGINE}/src/*.c" "${GATE_ENGINE}/src/base/*.c" "${GATE_ENGINE}/src/option/*.c" "${GATE_ENGINE}/src/page/*.c"
        "${GATE_ENGINE}/src/jose/*.c" "${GATE_ENGINE}/src/session/*.c" "${GATE_ENGINE}/src/oidc/*.c" "${GATE_ENGINE}/src/flow/*.c")
    add_library(${target} MODULE ${sources})
    set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME gatewright SUFFIX .node
        LIBRARY_OUTPUT_DIRECTORY "${folder}" C_STANDARD 11 C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden)
    target_include_directories(${target} BEFORE PRIVATE "${GATE_ENGINE}/include" "${GATE_ENGINE}/src" "${GATE_ADDON}")
    target_include_directories(${target} SYSTEM PRIVATE "${GATE_NODE_HEADERS}")
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L NAPI_VERSION=8)
    target_compile_options(${target} PRIVATE ${ARGN})
    target_link_options(${target} PRIVATE ${ARGN} -Wl,-Bsymbolic -Wl,-z,relro,-z,now
        "-Wl,--version-script=${GATE_ADDON}/addon.map")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${GATE_ADDON}/addon.map")
endfunction()
