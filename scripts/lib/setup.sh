# What scripts/quickstart and scripts/test share: packages, the build, steps with a log each. Sourced, not run.
# shellcheck shell=bash disable=SC2034
#
# The caller sets `log_directory` and `step_total` first. Headings and errors go to stderr.

build_packages=(
    g++ cmake ninja-build ccache
    libdnnl-dev ocl-icd-opencl-dev           # the CPU device; dnnl's CMake file asks for OpenCL
    libonnx-dev libprotobuf-dev protobuf-compiler zlib1g-dev
    libjpeg62-turbo-dev libpng-dev           # data sets of images
    libboost-dev libboost-program-options-dev libeigen3-dev nlohmann-json3-dev
    libpagmo-dev                             # NSGA-II, for plans
)
data_packages=(dataset-fashion-mnist)
# python3-munkres keeps matplotlib's fonttools from bringing in SciPy.
figure_packages=(python3-matplotlib python3-pandas python3-munkres)
test_packages=(
    catch2
    poppler-utils                            # pdffonts: which fonts a figure holds
    python3 slurm-wlm munge                  # a cluster of one's own, for scripts/sweep_slurm
    chromium-headless-shell fonts-dejavu-core curl ca-certificates  # for the page of laxity report --html
    texlive-latex-recommended                # to compile the tables of laxity report: booktabs; some 50 MB
)
command -v node >/dev/null || test_packages+=(nodejs)

# Drives Chromium in the tests of the page; the newest that runs on Debian 12's node.
playwright_version=1.58.0
playwright_sha512=69aa01d515ab74d8b7ffface78ab8c892eb9502720395963538e80b7a78570e14f1475ad776c1e1d1468c3acff9fe2de7342efbb493d64f2894a33ee822922af

step_number=0
: "${log_directory:?}" "${step_total:?}"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $1"
    shift
    local line
    for line in "$@"; do say "       $line"; done
    exit 1
}

# move_aside PATH: to PATH.old, PATH.old.2, ... whichever is free, as laxity's --replace does; nothing if there is no PATH.
move_aside() {
    local aside=$1.old number=2
    [ -e "$1" ] || return 0
    while [ -e "$aside" ] || [ -L "$aside" ]; do aside=$1.old.$((number++)); done
    mv -T "$1" "$aside"
    say "moved $1 to $aside"
}

# step HEADING: announces the next step.
step() {
    step_number=$((step_number + 1))
    printf '\n[%d/%d, %d s] %s\n' "$step_number" "$step_total" "$SECONDS" "$1" >&2
}

# The end of a failed step's log, then what to do.
step_failed() {
    local log=$1 code=$2 advice=$3
    if [ "$code" -eq 130 ]; then
        say "interrupted; what was finished is kept"
        exit 130
    fi
    say "----- the end of $log"
    tail -n 40 "$log" >&2
    say "-----"
    fail "step $step_number failed with exit code $code" "$advice" "The whole output is in $log"
}

# quietly NAME ADVICE COMMAND...: runs the command with its output in the step's log only.
quietly() {
    local log="$log_directory/$step_number-$1.log" advice=$2 code=0
    shift 2
    "$@" >"$log" 2>&1 || code=$?
    [ "$code" -eq 0 ] || step_failed "$log" "$code" "$advice"
}

# openly NAME ADVICE COMMAND...: shows the command's stderr (progress, tables for people), which is the step's log; its
# stdout goes to the log folder too, as NAME.out.
openly() {
    local log="$log_directory/$step_number-$1.log" out="$log_directory/$step_number-$1.out" advice=$2 code=0
    shift 2
    { "$@" 2>&1 >"$out" | tee -i "$log" >&2; } || code=$?
    [ "$code" -eq 0 ] || step_failed "$log" "$code" "$advice"
}

# Prints those of the given packages that are not installed.
missing_packages() {
    local installed package
    installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true)"
    for package in "$@"; do
        case "$installed" in *" installed:$package "*) ;; *) printf '%s\n' "$package" ;; esac
    done
}

apt_install() {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update
    # Without a sync after every file, a third of the time.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o Dpkg::Options::=--force-unsafe-io "$@"
}

# need_packages PACKAGE...: installs what is missing with apt. Quick if nothing is.
need_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is no Debian: make sure that you have what these Debian 12 packages hold:"
        say "  $*"
        return
    fi
    mapfile -t missing < <(missing_packages "$@")
    if [ "${#missing[@]}" -eq 0 ]; then
        say "nothing is missing"
        return
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        fail "packages are missing, and neither are you root nor is there sudo; as root, run" \
            "apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    quietly packages "Check the network and the apt sources; Laxity needs Debian 12 (bookworm) or newer." \
        apt_install "${missing[@]}"
}

# need_playwright: puts playwright-core into build/playwright, from the npm registry, if it isn't there. Without it the tests
# of the page are skipped.
need_playwright() {
    local folder=build/playwright/$playwright_version archive=build/playwright/playwright-core.tgz
    [ ! -e "$folder/package.json" ] || return 0
    mkdir -p "$folder"
    if ! curl -fsSL --retry 2 -o "$archive" "https://registry.npmjs.org/playwright-core/-/playwright-core-$playwright_version.tgz" ||
        ! echo "$playwright_sha512  $archive" | sha512sum --check --status; then
        say "playwright-core $playwright_version could not be fetched from the npm registry: the tests of the page are skipped"
        rm -rf "$folder" "$archive"
        return 0
    fi
    tar -xf "$archive" -C "$folder" --strip-components=1
    rm "$archive"
}

# build PRESET: configures and builds build/PRESET, from the repository's root.
build() {
    quietly configure "A package may be missing or too old; Laxity is built on Debian 12. Delete build/$1 to start afresh." \
        cmake --preset "$1"
    say "$(sed -n 's/^-- Devices: /devices: /p' "$log_directory/$step_number-configure.log")"
    quietly build "If the compiler was killed, memory ran out: build with 'cmake --build --preset $1 -j1' and try again." \
        cmake --build --preset "$1" --parallel "$(nproc)"
}
