# What the headers offer, a line for each name: the header and the name, of those that it names again in `unspool`; `nn/….hpp *` for what
# nn.hpp includes, which is offered as it is; and `* name` for what offered classes are derived from.
{ sub(/ *\/\/.*/, "") }
/^using core::/                           { listed = 1 }
listed                                    { list = list $0; if (/;$/) { keep(list); list = ""; listed = 0 } }
/^namespace schedule = core::/            { offer($2) }
FILENAME ~ /nn\/nn.hpp$/ && /<unspool\/nn/ { sub(/.*<unspool\//, ""); sub(/>/, ""); print $0, "*" }
!/operator/ && FILENAME !~ /^ops/ && /(struct|class) [A-Z][A-Za-z0-9]*( final)? : / { derived($0) }
function offer(name) { offered[name] = 1; print FILENAME, name }
function keep(list,    names, n, i) {
    gsub(/using|core::|[ ;]/, "", list)
    n = split(list, names, ",")
    for (i = 1; i <= n; ++i) offer(names[i])
}
function derived(line,    bases, n, i, name) {
    sub(/.*(struct|class) /, "", line)
    name = line; sub(/ .*/, "", name)
    sub(/^[^:]*: /, "", line); sub(/ *{.*/, "", line); gsub(/public |<.*/, "", line)
    n = split(line, bases, / *, */)
    for (i = 1; i <= n; ++i) base[++pairs] = name " " bases[i]
}
END {
    do {
        more = 0
        for (i in base) {
            split(base[i], of, " ")
            if (of[1] in offered && !(of[2] in offered)) { offered[of[2]] = more = 1; print "*", of[2] }
        }
    } while (more)
}
