# SPDX-License-Identifier: Apache-2.0
# How C is compiled in this house. `house` is for what ships, `house_san` for what is tested.

include(GNUInstallDirs)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g" CACHE STRING "" FORCE)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)

add_library(house_strict INTERFACE)
target_compile_definitions(house_strict INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(house_strict INTERFACE -Wall -Wextra -Wconversion -Wshadow $<$<BOOL:${GATE_WERROR}>:-Werror>)

add_library(house INTERFACE)
target_link_libraries(house INTERFACE house_strict)
target_compile_options(house INTERFACE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
target_link_options(house INTERFACE -Wl,-z,relro,-z,now)

add_library(house_san INTERFACE)
target_link_libraries(house_san INTERFACE house_strict)
target_compile_options(house_san INTERFACE
    -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -U_FORTIFY_SOURCE)
target_link_options(house_san INTERFACE -fsanitize=address,undefined)

# What `make` builds for use, as against what only the tests need.
function(house_product)
    foreach(target ${ARGN})
        if(TARGET ${target})
            add_dependencies(product ${target})
        endif()
    endforeach()
endfunction()

function(house_product_folder folder)
    get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
    house_product(${targets})
endfunction()
