#!/bin/sh
# make.sh <version>: the site in build/site, whether all that headers offer says what it is, and whether links lead somewhere.
set -eu
cd "$(dirname "$0")/../.."
rm -rf build/site && mkdir -p build
find autograd ops nn mpi -name '*.hpp' | sort | xargs awk -f docs/site/names.awk >build/site_names
# Functions first on the page of a room.
doxygen -l build/site_layout.xml
awk '/<group>/ { group = 1 } /<\/group>/ { group = 0 }
    group && /<memberdecl>/ { print; print "      <functions title=\"\"/>"; declared = 1; next }
    group && declared && /<functions/ { declared = 0; next } { print }' build/site_layout.xml >build/site_layout && mv build/site_layout build/site_layout.xml
{ cat docs/site/Doxyfile; echo "PROJECT_NUMBER = $1"; } | doxygen -

# What is offered and says nothing of itself, and rooms that the start of the reference does not know.
undocumented=$(sed -n -E "s|^$PWD/||; s/ warning: (Compound|Member) (.*) is not documented.*/ \2/p" build/site_warnings | sort -u)
[ -z "$undocumented" ] || printf 'without a ///:\n%s\n' "$undocumented" >&2
rooms=$(sed 's| .*||; s|/[^/]*$||; s|/|_|' build/site_names | sort -u | grep -vFx -e '*' -e ops | while read -r room; do
    grep -q "^@defgroup $room " docs/site/reference.dox || echo "$room"; done)
# Names that are offered, but for operations' types, and are nowhere: lost on the way here.
found=$(cat build/site/search/all_*.js | grep -o ",\['[^']*',\[" | sed "s/,\['//; s/',\[//; s/&quot;/\"/g" | sort -u)
lost=$(awk '!/^ops\/ops.hpp|\*/ { print $2 }' build/site_names | sort -u | grep -vFx "$found" || true)
[ -z "$lost" ] || printf 'not in the reference:\n%s\n' "$lost" >&2
[ -z "$rooms" ] || printf 'not in reference.dox:\n%s\n' "$rooms" >&2

# Files that pages link to, as text, and what is in folders that they link to. Concepts have pages of
# their own only where they are documented, so there is no list of them.
cd build/site
grep -oh 'href="source/[^"]*"' ./*.html | sed 's/href="source\///; s/"$//' | sort -u | while read -r link; do
    mkdir -p "source/$(dirname "$link")"
    case $link in
        */index.html)
            folder=${link%/index.html}
            { printf '<!doctype html><meta charset="utf-8"><title>%s</title><h1>%s</h1><ul>\n' "$folder" "$folder"
              (cd "../../$folder" && find . -type f ! -name '*.pyc' | sed 's|^\./||' | sort) | while read -r file; do
                  mkdir -p "$(dirname "source/$folder/$file")"; cp "../../$folder/$file" "source/$folder/$file.txt"
                  printf '<li><a href="%s.txt">%s</a>\n' "$file" "$file"
              done
              echo '</ul>'; } >"source/$link" ;;
        *.txt) cp "../../${link%.txt}" "source/$link" ;;
        *)     cp "../../$link" "source/$link" ;;
    esac
done
# Doxygen leads to parts of a page that it then leaves out.
for place in nested-classes concepts; do
    grep -l "href=\"#$place\"" ./*.html | while read -r page; do
        grep -q "name=\"$place\"" "$page" || sed -i -E "s|<a href=\"#$place\">[^<]*</a>( *&#124;)?||" "$page"
    done
done
rm -f concepts.html && sed -i '/"concepts.html"/d' menudata.js navtreedata.js

# Each file that a page refers to is there, and each place in it.
grep -oHE '(href|src|data)="[^":]*"' ./*.html source/*/index.html source/*/*/index.html 2>/dev/null | sed -E 's/^(\.\/)?//; s/:(href|src|data)="/ /; s/"$//; s/&amp;/\&/g' | sort -u >links.txt
awk '
    function there(file,    line) {
        if (file in known) return known[file]
        known[file] = (getline line <file) >= 0
        while (known[file] && file ~ /html$/ && (getline line <file) > 0) {
            rest = line
            while (match(rest, /(id|name)="[^"]*"/)) {
                place = substr(rest, RSTART, RLENGTH); sub(/^[a-z]*="/, "", place); sub(/"$/, "", place)
                places[file "#" place] = 1; rest = substr(rest, RSTART + RLENGTH)
            }
        }
        close(file)
        return known[file]
    }
    {
        folder = $1; if (!sub(/\/[^\/]*$/, "/", folder)) folder = ""
        n = index($2, "#"); file = n ? substr($2, 1, n - 1) : $2; place = n ? substr($2, n + 1) : ""
        file = file == "" ? $1 : folder file
        ++count
        if (!there(file) || (place != "" && file ~ /html$/ && !((file "#" place) in places))) { print "dead: " $1 " has " $2; ++dead }
    }
    END { printf "%d links, %d of them dead\n", count, dead; exit dead > 0 }' links.txt
rm links.txt
[ -z "$undocumented$lost$rooms" ]
