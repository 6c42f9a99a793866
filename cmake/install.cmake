# SPDX-License-Identifier: Apache-2.0
# Paths are relative, so that `cmake --install --prefix` and DESTDIR can move the whole.

if(TARGET gatewright)
    install(TARGETS gatewright gatewright_shared
        ARCHIVE DESTINATION lib LIBRARY DESTINATION lib)
    install(FILES include/gate.h DESTINATION include)
    configure_file(cmake/gatewright.pc.in gatewright.pc @ONLY)
    install(FILES "${CMAKE_BINARY_DIR}/gatewright.pc" DESTINATION lib/pkgconfig)
endif()
if(EXISTS "${CMAKE_SOURCE_DIR}/src/option/options.def")
    install(FILES src/option/options.def DESTINATION include/gatewright)
endif()
if(TARGET nginx_module)
    install(PROGRAMS "${GATE_MODULE}" DESTINATION lib/nginx/modules PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endif()
file(GLOB GATE_MAN docs/*.[1-8])
foreach(page ${GATE_MAN})
    string(REGEX REPLACE "^.*\\." "" section "${page}")
    install(FILES "${page}" DESTINATION share/man/man${section})
endforeach()
