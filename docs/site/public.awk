# A header with what it offers, under the names that users write: what is in `core` and not named again in `unspool` is left out, and so
# are operations, of which only the functions are told; the rest is a part of its room.  Lines stay where they are.
#     awk -f public.awk <file of names> <header>
FNR == NR {
    here = $1 == "*" || substr(ARGV[2], length(ARGV[2]) - length($1)) == "/" $1 || ARGV[2] == $1
    if (here && $2 == "*") included = 1
    else if (here) offered[$2] = 1
    types[$2] = 1
    sub(/\/[^\/]*$/, "", $1); sub(/\//, "_", $1); rooms[$1 == "ops" ? "ops_all" : $1] = 1
    next
}

function bare(line) { gsub(/operator""/, "operator", line); gsub(/"([^"\\]|\\.)*"|'([^'\\]|\\.)'/, "0", line); sub(/ *\/\/.*/, "", line); return line }
function count(line, what) { return gsub(what, "", line) }
function without_template(head,    depth, i, c) {
    while (sub(/^template </, "", head)) {
        depth = 1
        for (i = 1; depth > 0 && i <= length(head); ++i) { c = substr(head, i, 1); depth += (c == "<") - (c == ">" && substr(head, i - 1, 1) != "-") }
        head = substr(head, i)
        sub(/^ */, "", head)
    }
    return head
}
function name_of(head) {
    head = without_template(head)
    sub(/{.*/, "{", head)
    gsub(/decltype\(auto\)|\[\[nodiscard\]\] |requires *\([^()]*(\([^()]*\)[^()]*)*\)( *&& *[A-Za-z:]+<[^>]*>)*/, "", head)
    if (head ~ /^ *(struct|class|enum class|enum|union|concept|namespace|using) /) {
        sub(/^ *(struct|class|enum class|enum|union|concept|namespace|using) /, "", head)
        sub(/[^A-Za-z0-9_].*/, "", head)
        return head
    }
    if (match(head, /operator_[A-Za-z]+/)) return "operator\"\"" substr(head, RSTART + 8, RLENGTH - 8)
    if (head ~ /operator/) return "operator"
    if (match(head, /\(|=|;|{/)) head = substr(head, 1, RSTART - 1)
    sub(/ *$/, "", head); sub(/\[.*/, "", head); sub(/.*[ &*>]/, "", head)
    return head
}
# A declaration that needs no word: it is made elsewhere, or says again what another does.
function empty(all) { return all ~ /^(template <.*> )?(struct|class|enum class) [A-Za-z0-9_]+( : [a-z:0-9_]+)?;/ || all ~ /^ *(static_assert|extern|friend|template class|template struct)/ || (all ~ /^[^{]*\) ?-> ?[^{]*;/ && all !~ /auto/) }
function wanted(all,    name) {
    if (empty(all) || all ~ /About about{/) return 0
    if (all ~ /^inline namespace/) return 1
    name = name_of(all)
    if (name ~ /::/) return 0    # a definition behind its class
    if (!core) return name != "onnx" || ARGV[2] ~ /nn\/layers\//
    return name == "operator" ? offers(all) : name in offered
}
# An operator, where one of its operands is offered; those of terms are for any type.
function offers(all,    words, n, i) {
    if (all ~ /Symbolic [A-Z]/) return 1
    n = split(all, words, /[^A-Za-z0-9_]+/)
    for (i = 1; i <= n; ++i) if (words[i] in types && words[i] !~ /^[a-z]/) return 1
    return 0
}
function grouped() { return room in rooms || room == "mpi" }
function put(n, text) { line[n] = text }
# What was read since the last end: comment lines from `said`, the declaration from `from` to `to`.
function finish(to,    i, keep) {
    keep = wanted(all) && !(said && line[said] == "/// The compiled part.")
    if (!keep) {
        for (i = from; i <= to; ++i) if (!told[i] && line[i] !~ /^#(if|el|end)/) put(i, "")
        for (i = said; said && i < from; ++i) if (line[i] !~ /^#(if|el|end)/) put(i, "")
    }
    from = said = met = 0; all = ""
}
{
    line[FNR] = $0; last = FNR
    code = bare($0)
}
/^using core::/ && !(core && depth > 0)         { naming = 1 }
naming                          { put(FNR, ""); if (code ~ /;$/) naming = 0; next }
/^namespace unspool[a-z0-9:_]* *{}/ { next }
/^namespace unspool[a-z0-9:_]* *{/ {
    hidden = /unspool::core::|unspool::op / || (/unspool::nn/ && !included) || (/nn::onnx / && FILENAME !~ /nn\/layers\//)
    core = hidden || /unspool::core/
    sub(/::core[a-z0-9:]*/, ""); put(FNR, hidden ? "namespace unspool {" : $0 (grouped() ? " /** @addtogroup " room " */ /** @{ */" : ""))
    inside = 1; hiding = hidden; next
}
/^}  \/\/ namespace unspool/    { put(FNR, (grouped() && !hiding ? "/** @} */ " : "") "}"); inside = core = hiding = 0; next }
/^#pragma once/                 { room = FILENAME; sub(/\/[^\/]*$/, "", room); n = split(room, part, "/"); room = n > 1 && part[n - 1] ~ /^(autograd|ops|nn)$/ ? part[n - 1] "_" part[n] : part[n] == "ops" ? "ops_all" : part[n] }
!inside || (depth == 0 && from == 0 && /^#/) { next }
depth == 0 && from == 0 && /^ *$/ { said = 0; next }
depth == 0 && from == 0 && code ~ /^ *$/ { if (!said) said = FNR; next }
{
    if (!from) { from = FNR; }
    told[FNR] = /About about{/ || strings
    strings = told[FNR] && code !~ /};$/
    all = all (all == "" ? "" : " ") code
    depth += count(code, "[{(]") - count(code, "[})]")
    if (depth == 0 && code == "}" && all ~ /^template <.*> requires requires/ && !met) met = 1    # a requirement, and what it is of follows
    else if (depth == 0 && code ~ /[;}]$/) finish(FNR)
    else if (depth == 0 && code ~ /^ *$/) { from = said = met = 0; all = "" }
}
END {
    for (i = 1; i <= last; ++i) print line[i]
    if (depth != 0) print "public.awk: " FILENAME ": " depth " braces are open" >"/dev/stderr"
}
