#!/usr/bin/env bash
# compile.sh [headers]: how long the compiler takes for a program that scans the cells of a header of examples/cells and goes backward, and
# for one that checks their gradients as well, beside headers alone.  Seconds of the processor, the median of three (RUNS=1: of one).
# CPATH has the folders of the library's headers; CXX and CXXFLAGS are what they are elsewhere.
set -euo pipefail
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples" && pwd)
[ $# -gt 0 ] || set -- "$examples"/cells/*.hpp
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

# Of a program on standard input.
seconds() {
    cat >"$work/program.cpp"
    for ((run = 0; run < ${RUNS:-3}; ++run)); do
        { time ${CXX:-g++} -std=c++20 ${CXXFLAGS:--O3 -march=native -fno-math-errno} -I"$examples" -c "$work/program.cpp" -o "$work/program.o" 2>"$work/said"; } 2>&1 ||
            { cat "$work/said" >&2; return 1; }
    done | sort -n | sed -n "$(((${RUNS:-3} + 1) / 2))p"
}
# The cells of a header: what has a State.
cells_of() {
    sed -n -e '/^struct /{s/^struct \([A-Za-z0-9]*\).*/\1/;h;}' -e '/^template .* struct /{s/^template .* struct \([A-Za-z0-9]*\).*/\1<>/;h;}' \
        -e '/^    \(using\|struct\) State/{g;p;}' "$1"
}
program() {
    local header=$1 checked=$2 cell
    cat <<END
#include <cells/$(basename "$header")>

template <class C> void run(C const& cell, Params const& params, Tape& tape, Var xs) {
    auto const outputs = [&] {
        auto const start = cell.zeros(tape, 2);
        if constexpr (core::TakesStep<C, typename C::State, Var>) return scan(cell, xs, start).outputs;
        else return scan(cell, std::tuple(xs, xs), start).outputs;
    }();
    static_cast<void>(backward(sum(stack(outputs))));
    if constexpr ($checked) static_cast<void>(gradcheck(cell, params, {.in = 3}));
}
END
    for cell in $(cells_of "$header"); do echo "template void run($cell const&, Params const&, Tape&, Var);"; done
}

echo '| program | s | with gradcheck, s |'
echo '|---|---|---|'
for header in xtensor/xarray.hpp unspool.hpp; do
    alone=$(echo "#include <$header>" | seconds)
    printf '| `#include <%s>` alone | %.1f | |\n' "$header" "$alone"
done
for header; do
    plain=$(program "$header" false | seconds)
    checked=$(program "$header" true | seconds)
    printf '| %s | %.1f | %.1f |\n' "$(cells_of "$header" | tr -d '<>' | paste -sd ' ' | sed 's/ /, /g')" "$plain" "$checked"
done
