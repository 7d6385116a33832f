#!/usr/bin/env bash
# run.sh <list_mutants> <test_ops_mutants>: runs the tests of operations once for each mutant, until they notice it, and says how
# many they noticed. Fails if one survives.
set -euo pipefail
list=$1
export tests=$2

# The quickest tests first; the last line is all of them.
stages() {
    cat <<'END_OF_STAGES'
elementwise_parity
array_parity
kinds_of_operands,choices,arrays
all_ops
elementwise
*
END_OF_STAGES
}

stages_of_recorded() {
    cat <<'END_OF_STAGES'
derivatives_of_all_ops
derivatives_of_elementwise,gradient_of_gradient
*
END_OF_STAGES
}

# Prints "caught", "survived" or "broken", the mutant, and the tests that noticed it.
judge() {
    local stage code
    while read -r stage; do
        code=0
        UNSPOOL_MUTANT=$1 timeout 300 "$tests" --run_test="$stage" >/dev/null 2>&1 </dev/null || code=$?
        case $code in
            0) ;;
            201) printf 'caught\t%s\t%s\n' "$1" "$stage"; return ;;    # so says Boost.Test where a test failed, or crashed
            *) printf 'broken\t%s\t%s: exit code %s\n' "$1" "$stage" "$code"; return ;;
        esac
    done < <(case $1 in recorded*) stages_of_recorded ;; *) stages ;; esac)
    printf 'survived\t%s\n' "$1"
}
export -f judge stages stages_of_recorded

# column <file> <first column> <number>
column() { awk -F '\t' -v first="$2" -v n="$3" '$1 == first { print $n }' "$1"; }
# count <file> <pattern>
count() { grep -cP "$2" "$1" || true; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$list" >"$work/list"
[ "$(judge '')" = "$(printf 'survived\t')" ] || { echo "the tests fail without a mutant" >&2; exit 1; }
column "$work/list" mutant 2 | xargs -d '\n' -n 1 -P "$(nproc)" bash -c 'judge "$1"' judge >"$work/judged"

for kind in sign missing slightly swapped; do
    for what in '(?!recorded)' 'recorded '; do
        [ "$kind$what" != 'swappedrecorded ' ] || continue
        printf '%-20s %4d of %4d caught\n' "${what#(*)}$kind" "$(count "$work/judged" "^caught\t$what\S+:$kind:")" \
            "$(count "$work/list" "^mutant\t$what\S+:$kind:")"
    done
done
printf '\nNot counted, because nothing is made wrong:\n'
column "$work/list" equivalent 3 | sort | uniq -c
printf '\nNoticed first by:\n'
column "$work/judged" caught 3 | sort | uniq -c | sort -rn
printf '\n'
sort "$work/judged" | grep -vP '^caught\t' || true
caught=$(count "$work/judged" '^caught\t') all=$(count "$work/list" '^mutant\t')
echo "$caught of $all mutants caught"
[ "$caught" = "$all" ]
