#!/usr/bin/env bash
# Everything of the plugin that can be checked without the engine; .ci/run calls it. About five minutes on two idle cores.
# CHECK_SECONDS sets how long each fuzzer runs (60), CHECK_JOBS how many compilers at once (2).
set -euo pipefail
cd "$(dirname "$0")"
jobs=${CHECK_JOBS:-2}
seconds=${CHECK_SECONDS:-60}
python=${PYTHON:-python}
build=$PWD/build
step() { printf '\n-- %s\n' "$*"; }

step "tools"
needed=(cmake ninja-build g++ clang doctest-dev lcov liblo-tools)
missing=()
for package in "${needed[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if ((${#missing[@]})); then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "${missing[@]}" >/dev/null
fi

step "generated tables"
(cd .. && PYTHONPATH=. "$python" unreal_plugin_src/generate_tables.py --check)

make_tree() { # folder, compiler, further CMake options
    local folder=$1 compiler=$2
    shift 2
    CXX=$compiler cmake -S MedTalkLive -B "$build/$folder" -G Ninja "$@" >/dev/null
    cmake --build "$build/$folder" -j "$jobs" -- --quiet
}

step "gcc: core, tests, benchmark, coverage"
make_tree gcc g++
"$build/gcc/medtalk_tests" -m
"$build/gcc/medtalk_bench"
make_tree coverage g++ -DMEDTALK_COVERAGE=ON -DCMAKE_BUILD_TYPE=Debug
"$build/coverage/medtalk_tests" -m
lcov --quiet --capture --directory "$build/coverage" --output-file "$build/coverage.info" >/dev/null
lcov --quiet --extract "$build/coverage.info" '*/Source/MedTalkCore/*' --output-file "$build/core.info" >/dev/null
"$python" - "$build/core.info" <<'PY'
import sys

found = hit = 0
for line in open(sys.argv[1], encoding="utf-8"):
    found += int(line[3:]) if line.startswith("LF:") else 0
    hit += int(line[3:]) if line.startswith("LH:") else 0
share = 100 * hit / found
print(f"line coverage of the core: {share:.1f} % of {found}")
sys.exit(share < 95)
PY

step "clang, C++20, one file, address and undefined-behaviour sanitizers; fuzzers, $seconds s each"
make_tree clang clang++ -DMEDTALK_SANITIZE=address,undefined -DMEDTALK_FUZZ=ON -DMEDTALK_UNITY=ON \
    -DCMAKE_CXX_STANDARD=20 -DCMAKE_BUILD_TYPE=RelWithDebInfo
"$build/clang/medtalk_tests" -m
pids=()
for name in osc livelink_face take; do
    mkdir -p "$build/corpus/$name"
    (cd "$build" && exec "clang/fuzz_$name" -max_total_time="$seconds" -max_len=20000 -verbosity=0 "corpus/$name" \
        "../MedTalkLive/Tests/fuzz/corpus/$name") &
    pids+=($!)
done

step "engine-facing files against the header shims, and mutants that must be refused"
"$python" check_engine_code.py --jobs "$jobs"
"$python" check_engine_code.py --mutants
for pid in "${pids[@]}"; do wait "$pid"; done

step "live runs into medtalk_dump, other people's programs, and the Sequencer importer in a fake editor"
cd ..
MEDTALK_DUMP="$build/gcc/medtalk_dump" "$python" -m pytest -m "not slow" tests/integration/test_unreal_*.py
