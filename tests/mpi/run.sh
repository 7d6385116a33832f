#!/bin/sh
# Runs test_mpi on ranks of this machine, and looks at what comes of it:
#     run.sh same_bits|throws|killed|silent|interrupted|finalised|example PROGRAM LAUNCHER...      the launcher as far as its -n
set -eu
case=$1 program=$2; shift 2
launcher=$*
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT

# For Open MPI, which else refuses root, more ranks than cores, and, in some containers, to read another process's memory.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none OPENBLAS_NUM_THREADS=1

# Where not even one rank begins, as without any network, there is nothing to be tested.
timeout 60 $launcher 1 true >"$folder/out" 2>&1 || { cat "$folder/out"; echo "left out: $launcher 1 true does not work here"; exit 0; }

fail() { echo "$case: $*"; cat "$folder/out"; exit 1; }
# ranks N what [threads] [checkpoint]
ranks() { n=$1; shift; timeout 120 $launcher "$n" "$program" "$@" >"$folder/out" 2>&1; }
parameters() { sed -n 's/^parameters //p' "$folder/out"; }
says() { grep -q -e "$1" "$folder/out" || fail "no one says: $1"; }
trained() { ranks "$@" || fail "it failed: $*"; }
ends_badly() {
    begin=$(date +%s)
    if ranks "$@"; then fail "it ended well: $*"; fi
    [ $(($(date +%s) - begin)) -lt 30 ] || fail "it took more than half a minute to end"
}
# The checkpoint that is left goes on to the same bits.
continued() {
    trained 1 fit 1 "$folder/whole.ckpt"; whole=$(parameters)
    trained 3 fit 1 "$folder/run.ckpt"
    [ "$(parameters)" = "$whole" ] || fail "the checkpoint goes on to other bits: $whole"
}

case $case in
same_bits)
    trained 2 large
    counts="1 2 4" threads="1 2"
    [ -z "${UNSPOOL_MANY_RUNS:-}" ] || { counts="1 2 3 4 5 8 11"; threads="1 2 3"; }
    for what in fit loop; do
        trained 1 $what; one=$(parameters)
        [ -n "$one" ] || fail "no parameters"
        for n in $counts; do
            for t in $threads; do
                trained "$n" $what "$t"
                [ "$(parameters)" = "$one" ] || fail "$what on $n ranks of $t threads: other bits than on one: $one"
            done
        done
    done ;;
throws)
    ends_badly 4 throw
    says 'program.cpp:[0-9]*: this rank will have no more of it' ;;
killed)
    ends_badly 4 kill 1 "$folder/run.ckpt"
    [ -e "$folder/run.ckpt" ] || fail "there is no checkpoint"
    continued ;;
finalised)
    trained 2 finalised ;;
silent)
    ends_badly 4 hang 1 "$folder/run.ckpt"
    says 'in 2 s, nothing was heard of rank 2, of 4 ranks'
    continued ;;
example)    # the program is 31_machines
    trained 1 --updates 20; one=$(sed 's/.*loss//' "$folder/out")
    trained 2 --updates 10 --checkpoint "$folder/run.ckpt"
    trained 3 --updates 20 --checkpoint "$folder/run.ckpt"
    [ "$(sed 's/.*loss//' "$folder/out")" = "$one" ] || fail "another loss than $one" ;;
interrupted)
    trained 2 interrupt 1 "$folder/run.ckpt"
    says 'rank 0 stopped after 50 updates'
    says 'rank 1 stopped after 50 updates'
    continued ;;
esac
