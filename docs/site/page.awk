# A page of Markdown for Doxygen: headings get the names by which GitHub's readers link to them, and links to files that are no pages lead
# to a copy of the file below source/.  Doxygen's names are those of all pages together, so that each begins with that of its page.
function page_of(path) { gsub(/.*\/|\.md$/, "", path); return tolower(path) }
function slug(text) {
    gsub(/\[|\]\([^)]*\)/, "", text); text = tolower(text)
    gsub(/[^a-z0-9 _-]/, "", text); gsub(/ /, "-", text)
    return text
}
function resolved(folder, link) {
    while (sub(/^\.\.\//, "", link)) if (!sub(/[^\/]*\/$/, "", folder)) break
    return folder link
}
function led(link,    at, anchor, path) {
    if (link ~ /^[a-z]+:/) return "](" link ")"
    at = index(link, "#"); anchor = at ? substr(link, at + 1) : ""; path = at ? substr(link, 1, at - 1) : link
    if (path == "") return "](@ref " page_of(FILENAME) "-" anchor ")"
    path = resolved(folder, path)
    if (path ~ /\.md$/) return "](@ref " page_of(path) (anchor != "" ? "-" anchor : "") ")"
    if (path ~ /\.(svg|png)$/) return "](source/" path ")"
    return "](source/" path (path ~ /\/[^\/.]*$|^[^\/.]*$/ && path != "LICENSE" ? "/index.html" : ".txt") ")"
}
FNR == 1 { folder = FILENAME; root = ENVIRON["PWD"] "/"; sub(root, "", folder); sub(/[^\/]*$/, "", folder) }
/^```/   { code = !code; print; next }
code     { print; next }
/^#+ /   { print $0 " {#" page_of(FILENAME) (/^# / ? "" : "-" slug(substr($0, index($0, " ") + 1))) "}"; next }
{
    out = ""; rest = $0
    while (match(rest, /\]\([^() ]+\)/)) {
        picture = substr(rest, 1, RSTART) ~ /!\[[^\[\]]*\]?$/
        link = substr(rest, RSTART + 2, RLENGTH - 3)
        out = out substr(rest, 1, RSTART - 1) (picture ? substr(rest, RSTART, RLENGTH) : led(link))
        rest = substr(rest, RSTART + RLENGTH)
    }
    print out rest
}
