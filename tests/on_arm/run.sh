#!/usr/bin/env bash
# run.sh WRITE_C_CELLS STEPS: the cells that this program writes as C, by Debian's compiler for arm, on qemu: each gives what was recorded here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" "$folder" "$2"
cd "$folder"
n=0
for test in *_test.c; do
    name=${test%_test.c}
    arm-linux-gnueabihf-gcc -std=c99 -Wall -Wextra -Wconversion -pedantic -Werror -Os -static "$name.c" "$test" -o "$name" -lm
    qemu-arm "./$name"
    n=$((n + 1))
done
echo "$n cells on arm"
