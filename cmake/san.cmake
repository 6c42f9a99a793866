# SPDX-License-Identifier: Apache-2.0
# The same sources once more, under AddressSanitizer and UndefinedBehaviorSanitizer: what the tests run.

if(GATE_SOURCES)
    house_engine(gatewright_san STATIC)
    target_link_libraries(gatewright_san PUBLIC house_san)
    target_include_directories(gatewright_san INTERFACE "${CMAKE_SOURCE_DIR}/src" "${GATE_INSTALLED_NAMES}")
endif()
if(TARGET gatewright_host)
    house_host(gatewright_host_san gatewright_san)
endif()

# A test executable: the sanitized engine, the sanitized host where there is one, and where the tests' data lie.
function(house_test target)
    add_executable(${target} ${ARGN})
    target_compile_definitions(${target} PRIVATE GATE_TEST_DIR="${CMAKE_SOURCE_DIR}/test")
    target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
    if(TARGET gatewright_host_san)
        target_link_libraries(${target} PRIVATE gatewright_host_san)
    endif()
    target_link_libraries(${target} PRIVATE gatewright_san)
    add_dependencies(tests ${target})
endfunction()
