#!/usr/bin/env bash
# sizes.sh WRITE_C_CELLS [compiler]: rows of the table in docs/deploy.md: the bytes of a cell's code and weights, and of its stack.
set -euo pipefail
folder=$(mktemp -d) compiler=${2:-gcc}
trap 'rm -rf "$folder"' EXIT
"$1" "$folder"
cd "$folder"
for source in *.c; do
    case $source in *_test.c) continue ;; esac
    name=${source%.c}
    "$compiler" -std=c99 -Os -fstack-usage -c "$source" -o "$name.o"
    read -r text data bss _ < <(size "$name.o" | tail -1)
    weights=$(objdump -h "$name.o" | awk '$2 ~ /^\.rodata/ { n += ("0x" $3) + 0; cmd = "printf %d 0x" $3; cmd | getline v; close(cmd); s += v } END { print s + 0 }')
    stack=$(awk -F'\t' -v step="${name}_step" '$1 ~ step "$" { print $2 }' "$name.su")
    printf '| `%s` | %d | %d | %d |\n' "$name" $((text - weights)) $((weights + data + bss)) "$stack"
done
