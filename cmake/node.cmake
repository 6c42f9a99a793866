# SPDX-License-Identifier: Apache-2.0
# The addon for the machine's Node: build/node/gatewright.node, and once more under the sanitizers for the tests.

set(GATE_ENGINE "${CMAKE_SOURCE_DIR}")
set(GATE_ADDON "${CMAKE_SOURCE_DIR}/servers/node/addon")
set(GATE_NODE_MODULES "${CMAKE_SOURCE_DIR}/test/node_modules")
include(${GATE_ADDON}/addon.cmake)
gate_find_node_headers()

if(GATE_SOURCES AND GATE_NODE_HEADERS)
    gate_node_addon(node_addon "${CMAKE_BINARY_DIR}/node" -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    target_link_libraries(node_addon PRIVATE house_strict)
    house_product(node_addon)
    if(GATE_TESTS)
        gate_node_addon(node_addon_san "${CMAKE_BINARY_DIR}/node/san"
            -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
        target_link_libraries(node_addon_san PRIVATE house_strict)
        add_dependencies(tests node_addon_san)
    endif()
elseif(GATE_SOURCES)
    message(WARNING "node_api.h is not here: the addon for Node is not built (it comes with Node, or with the npm package node-api-headers)")
endif()
