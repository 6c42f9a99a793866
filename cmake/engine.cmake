# SPDX-License-Identifier: Apache-2.0
# The engine (libcrypto and nothing else) and the I/O that several hosts share.

file(GLOB GATE_SOURCES CONFIGURE_DEPENDS
    src/*.c src/base/*.c src/option/*.c src/page/*.c src/jose/*.c src/session/*.c src/oidc/*.c src/flow/*.c)
file(GLOB GATE_HOST_SOURCES CONFIGURE_DEPENDS host/*.c)

# The table of options is for hosts too; there it has the name that it has once installed.
set(GATE_INSTALLED_NAMES "${CMAKE_BINARY_DIR}/include")
if(EXISTS "${CMAKE_SOURCE_DIR}/src/option/options.def")
    configure_file(src/option/options.def "${GATE_INSTALLED_NAMES}/gatewright/options.def" COPYONLY)
endif()

function(house_engine target kind)
    add_library(${target} ${kind} ${GATE_SOURCES})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}/include" PRIVATE "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(${target} PUBLIC PkgConfig::CRYPTO)
endfunction()

function(house_host target engine)
    add_library(${target} STATIC ${GATE_HOST_SOURCES})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${target} PUBLIC
        "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/host" "${GATE_INSTALLED_NAMES}")
    target_link_libraries(${target} PUBLIC ${engine} PkgConfig::CURL lmdb Threads::Threads)
endfunction()

if(GATE_SOURCES)
    house_engine(gatewright_objects OBJECT)
    target_link_libraries(gatewright_objects PRIVATE house)

    add_library(gatewright STATIC $<TARGET_OBJECTS:gatewright_objects>)
    set_target_properties(gatewright PROPERTIES LINKER_LANGUAGE C)
    target_include_directories(gatewright PUBLIC "${CMAKE_SOURCE_DIR}/include")
    target_link_libraries(gatewright PUBLIC PkgConfig::CRYPTO)

    add_library(gatewright_shared SHARED $<TARGET_OBJECTS:gatewright_objects>)
    set_target_properties(gatewright_shared PROPERTIES
        OUTPUT_NAME gatewright VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINKER_LANGUAGE C)
    target_include_directories(gatewright_shared PUBLIC "${CMAKE_SOURCE_DIR}/include")
    target_link_libraries(gatewright_shared PUBLIC PkgConfig::CRYPTO)
    target_link_options(gatewright_shared PRIVATE -Wl,--no-undefined -Wl,-z,relro,-z,now)
endif()

if(GATE_SOURCES AND GATE_HOST_SOURCES)
    pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
    house_host(gatewright_host gatewright)
    set_target_properties(gatewright_host PROPERTIES OUTPUT_NAME gatewright-host)
    target_link_libraries(gatewright_host PRIVATE house)
endif()
