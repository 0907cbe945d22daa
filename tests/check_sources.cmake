# Every test file on disk is in the build: cmake -P tests/check_sources.cmake
file(READ ${CMAKE_CURRENT_LIST_DIR}/CMakeLists.txt build)
file(GLOB sources RELATIVE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
foreach(source IN LISTS sources)
    string(FIND "${build}" " ${source}" found)
    if(found EQUAL -1)
        message(SEND_ERROR "tests/${source} is in no laxity_test() of tests/CMakeLists.txt: it would never run")
    endif()
endforeach()
