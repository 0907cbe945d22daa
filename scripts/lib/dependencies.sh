# The folder of dependencies that a release is built from: headers and static libraries. Sourced by scripts/package, after
# scripts/lib/setup.sh.
# shellcheck shell=bash

system_libraries=/usr/lib/$(gcc -print-multiarch)

# Whose licences go with a release.
dependency_packages=(catch2 libboost1.74-dev libjpeg62-turbo-dev libonnx-dev libpagmo-dev libpng-dev libprotobuf-dev libtbb-dev nlohmann-json3-dev zlib1g-dev)

# Debian 12 has oneDNN as a shared library only. Its successor's version is the one that is built here: the archive keeps the
# sources of that.
onednn_suite=trixie

# source_package NAME FOLDER SUITE: unpacks Debian's source package into FOLDER, with lists of apt's own beside it.
source_package() {
    local name=$1 folder=$2 suite=$3 apt
    mkdir -p "$folder/apt/parts" "$folder/apt/lists/partial"
    apt=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$folder/apt/parts" -o "Dir::State::lists=$folder/apt/lists")
    cat >"$folder/apt/parts/debian.sources" <<END
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
    (cd "$folder" && apt-get "${apt[@]}" update && apt-get "${apt[@]}" source --download-only "$name" &&
        dpkg-source --no-check -x "$name"_*.dsc "$name")
}

# Debian has TBB, which pagmo needs, as a shared library only.
static_tbb() {
    local folder=$1
    [ -d "$folder/onetbb" ] || source_package onetbb "$folder" bookworm || return
    cmake -S "$folder/onetbb" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DTBB_TEST=OFF \
        -DTBB_STRICT=OFF -DTBB_ENABLE_IPO=OFF -DTBB_OUTPUT_DIR_BASE=static -DCMAKE_POSITION_INDEPENDENT_CODE=ON &&
        cmake --build "$folder/build" --target tbb
}

# With the primitives that profiler/cpu uses, and without threads, since each slot runs on one of Laxity's. Logging is off, but
# Debian's sources ask for its library (libspdlog-dev) all the same.
static_onednn() {
    local dependencies=$1 folder=$2
    [ -d "$folder/onednn" ] || source_package onednn "$folder" "$onednn_suite" || return
    cmake -S "$folder/onednn" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
        -DCMAKE_INSTALL_PREFIX="$folder/installed" -DCMAKE_INSTALL_LIBDIR=lib -DONEDNN_LIBRARY_TYPE=STATIC \
        -DONEDNN_CPU_RUNTIME=SEQ -DONEDNN_GPU_RUNTIME=NONE -DONEDNN_ENABLE_WORKLOAD=INFERENCE \
        -DONEDNN_ENABLE_PRIMITIVE="BINARY;CONCAT;CONVOLUTION;ELTWISE;INNER_PRODUCT;POOLING;REORDER" -DONEDNN_ARCH_OPT_FLAGS= \
        -DONEDNN_BUILD_TESTS=OFF -DONEDNN_BUILD_EXAMPLES=OFF -DONEDNN_BUILD_DOC=OFF -DONEDNN_BUILD_GRAPH=OFF \
        -DONEDNN_EXPERIMENTAL_LOGGING=OFF -DONEDNN_ENABLE_JIT_PROFILING=OFF -DONEDNN_ENABLE_ITT_TASKS=OFF &&
        cmake --build "$folder/build" --target install &&
        cp -r "$folder"/installed/include/* "$dependencies/include" && cp "$folder/installed/lib/libdnnl.a" "$dependencies/lib" &&
        cp "$folder/onednn/debian/copyright" "$dependencies/licences/onednn"
}

# Debian has the messages of ONNX as a shared library only.
onnx_messages() {
    local dependencies=$1 folder=$2
    mkdir -p "$folder/onnx" "$dependencies/include/onnx"
    cp /usr/include/onnx/onnx.proto "$folder/onnx"
    cp /usr/include/onnx/onnx_pb.h "$dependencies/include/onnx"
    (cd "$folder" && protoc --cpp_out=. onnx/onnx.proto && g++ -O2 -fPIC -I. -c onnx/onnx.pb.cc -o onnx.o &&
        rm -f libonnx_proto.a && ar rcs libonnx_proto.a onnx.o) &&
        cp "$folder/onnx/onnx.pb.h" "$dependencies/include/onnx" && cp "$folder/libonnx_proto.a" "$dependencies/lib"
}

# The parts of Boost that Laxity and its dependencies include, each whole: another compiler may include other files.
boost_headers() {
    local dependencies=$1 files=()
    mapfile -t files < <(git grep -lE '#include <(boost|pagmo)/' -- '*.cpp' '*.hpp')
    g++ -std=c++20 -I. -M "${files[@]}" | grep -o '/usr/include/boost/[^/ ]*' | sort -u >"$dependencies.boost" || return
    mkdir -p "$dependencies/include/boost"
    xargs -I{} cp -r {} "$dependencies/include/boost" <"$dependencies.boost"
    cp /usr/include/boost/*.hpp "$dependencies/include/boost"
}

# static_library NAME: Debian's, without debugging and link-time sections.
static_library() {
    objcopy --strip-debug --remove-section='.gnu.lto_*' --remove-section='.gnu.debuglto_*' \
        "$system_libraries/lib$1.a" "$2/lib/lib$1.a"
}

# make_dependencies FOLDER WORK: makes FOLDER, with what it takes in WORK.
make_dependencies() {
    local folder=$1 work=$2 name
    rm -rf "$folder"
    mkdir -p "$folder/include" "$folder/lib" "$folder/licences" "$work"
    for name in boost_program_options boost_serialization jpeg pagmo png16 protobuf z; do static_library "$name" "$folder" || return; done
    cp -r /usr/include/{catch2,google,jerror.h,jmorecfg.h,jpeglib.h,nlohmann,pagmo,png.h,pngconf.h,pnglibconf.h,tbb,zlib.h,zconf.h} \
        "/usr/include/$(gcc -print-multiarch)/jconfig.h" "$folder/include" &&
        boost_headers "$folder" && onnx_messages "$folder" "$work/onnx" && static_onednn "$folder" "$work/onednn" &&
        static_tbb "$work/tbb" && cp "$work/tbb/build/static_release/libtbb.a" "$folder/lib" || return
    for name in "${dependency_packages[@]}"; do cp "/usr/share/doc/$name/copyright" "$folder/licences/$name" || return; done
}
