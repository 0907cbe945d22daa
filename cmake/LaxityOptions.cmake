# Compiler options that every Laxity target shares, as an interface target.
add_library(laxity_options INTERFACE)
target_compile_features(laxity_options INTERFACE cxx_std_20)
target_compile_options(laxity_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused -Werror
    # Same seed, same bytes: no compiler may fuse a multiplication and an addition.
    -ffp-contract=off)
# g++ 12 sees overflows in std::string concatenation that are not there (GCC bugs 105329 and 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(laxity_options INTERFACE -Wno-restrict -Wno-stringop-overflow)
    target_link_options(laxity_options INTERFACE -Wno-restrict -Wno-stringop-overflow)
endif()
# Two types of one name, which crash where they meet: seen when everything is linked at once.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_link_options(laxity_options INTERFACE -Werror=odr)
endif()
if(LAXITY_CHECK_INVARIANTS)
    target_compile_definitions(laxity_options INTERFACE LAXITY_CHECK_INVARIANTS=1)
endif()
if(LAXITY_SANITIZE)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(laxity_options INTERFACE -Wno-maybe-uninitialized)  # GCC bug 105562, in <regex>
    endif()
    target_compile_options(laxity_options INTERFACE -fsanitize=${LAXITY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(laxity_options INTERFACE -fsanitize=${LAXITY_SANITIZE})
endif()

# One library per folder: laxity_library(NAME sources...)
function(laxity_library name)
    add_library(${name} STATIC ${ARGN})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC laxity_options)
endfunction()
