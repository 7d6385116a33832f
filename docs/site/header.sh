#!/bin/sh
# header.sh <header>: what Doxygen reads of it.
awk -f docs/site/public.awk build/site_names "$1" | awk -f docs/site/for_doxygen.awk
