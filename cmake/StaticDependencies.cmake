# With LAXITY_STATIC: the libraries, under the names that their own packages give them, from the folder that scripts/package
# makes (LAXITY_DEPENDENCIES) and from nowhere else. The C library stays shared; CUDA and cuDNN are opened while running.
if(LAXITY_TESTS)
    message(FATAL_ERROR "LAXITY_STATIC has no libraries for the tests: add -DLAXITY_TESTS=OFF")
endif()
set(LAXITY_DEPENDENCIES "" CACHE PATH "The folder of dependencies that scripts/package makes")
if(NOT EXISTS "${LAXITY_DEPENDENCIES}/lib/libprotobuf.a")
    message(FATAL_ERROR "LAXITY_DEPENDENCIES is '${LAXITY_DEPENDENCIES}': expected the folder 'dependencies' that "
        "scripts/package --sources makes")
endif()
file(REAL_PATH "${LAXITY_DEPENDENCIES}" dependencies)

# static_dependency(TARGET LIBRARY needed...): LIBRARY is NAME of libNAME.a.
function(static_dependency target library)
    add_library(${target} STATIC IMPORTED)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${dependencies}/lib/lib${library}.a)
    target_include_directories(${target} INTERFACE ${dependencies}/include)
    target_link_libraries(${target} INTERFACE ${ARGN})
endfunction()

# Headers only.
foreach(target Boost::headers Catch2::Catch2 nlohmann_json::nlohmann_json)
    add_library(${target} INTERFACE IMPORTED)
    target_include_directories(${target} INTERFACE ${dependencies}/include)
endforeach()

static_dependency(Boost::program_options boost_program_options)
static_dependency(laxity_boost_serialization boost_serialization)
static_dependency(laxity_tbb tbb Threads::Threads ${CMAKE_DL_LIBS})
static_dependency(Pagmo::pagmo pagmo laxity_boost_serialization laxity_tbb)
static_dependency(protobuf::libprotobuf protobuf Threads::Threads)
static_dependency(onnx_proto onnx_proto protobuf::libprotobuf)
static_dependency(ZLIB::ZLIB z)
static_dependency(PNG::PNG png16 ZLIB::ZLIB m)
static_dependency(JPEG::JPEG jpeg)
static_dependency(DNNL::dnnl dnnl Threads::Threads ${CMAKE_DL_LIBS})

add_link_options(-static-libgcc -static-libstdc++)

# old_c_library(TARGET): lets an executable run with glibc 2.34, though it is built with a newer one.
function(old_c_library target)
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/old_c_library.cpp)
endfunction()
