# What a header says, in the form that Doxygen wants. In headers, a comment is for all functions below it, down to the next empty line, and
# `//` for members, too; `//` behind a member is for that member, and the head of a file for its first type, where that has no comment. What
# an operation says about itself is said of the functions behind it, and what functions of one name do everywhere stands here once.
BEGIN {
    usual["fields"] = "What a checkpoint keeps of it."
    usual["zeros"] = "A state of zeros for so many sequences, to start from."
    usual["in"] = "Features of x, the last axis."
    usual["out"] = "Features of the output, the last axis."
    usual["options"] = "As they were given."
    usual["description"] = "What it is made of, for files and summaries."
    usual["examples"] = "Calls that tests check its gradients by."
}
function indent_of(line) { match(line, /^ */); return RLENGTH }
function name_of(line) { sub(/\(.*/, "", line); sub(/.*[ &*]/, "", line); return line }
function say(comment, n,    lines, count, i) {
    count = split(comment, lines, "\n")
    for (i = 1; i < count; ++i) printf "%*s%s\n", n, "", lines[i]
}
function told(strings,    field) {
    gsub(/^[^"]*"|"[^"]*$/, "", strings)
    count = split(strings, field, /", *"/)
    about = "/// `" field[1] "`." (field[2] != "" ? "  Derivative: `" field[2] "`." : "") "\n"
    if (count > 3) about = about "/// " field[4] (count > 4 && field[5] != "" ? "; where there is no derivative: " field[5] : "") ".\n"
    about = about "/// Example: `" field[3] "`\n"
}

!code && /^\/\// { if (FNR == 1) print "/// @file"; head = head "/" $0 "\n"; print "/" $0; next }
/^#pragma once/  { code = 1 }
/^ *$/           { above = below = ""; print; next }
/^ *friend .*;$/ || /&&?\)( noexcept)? *= (default|delete);/ { next }    # copies and moves go without saying
/^ *friend /     { sub(/friend /, "") }
/^ *\/\//        {
    heading = !/^ *\/\/\//
    comment = $0; sub(/^ *\/+/, "///", comment)
    above = above comment "\n"; printf "%*s%s\n", indent_of($0), "", comment; next
}
{
    n = indent_of($0)
    bare = $0; sub(/ *\/\/.*/, "", bare)
    own = $0 ~ /\/\/\/</ || bare != $0
    if (own) sub(/ \/\/+<? /, " ///< ")
    type = n == 0 && /^(template <.*> )?(struct|class) [A-Z].*{/
    if (above != "") { below = above; at = n; group = heading }
    else if (n > 0 && !own && (name_of(bare) in usual) && bare ~ /^ +[A-Za-z:<> ]+[&*]? [a-z]+\(/ && bare !~ /^ *return/) print "    /// " usual[name_of(bare)]
    else if (n == at && below != "" && !own && bare ~ /[;{})]$/ && bare !~ /^ *(}|#|public:|private:|protected:|friend|:)/ && (group || bare ~ /\(/)) say(below, n)
    else if (type && head != "") { say(head, n); head = "" }
    else if (n == 0 && about != "" && !within && !type && bare ~ /[(>{]/ && bare !~ /^(}|using|namespace|inline|#)/) { say(about, n) }
    within = bare ~ /^template/ && bare !~ /[;}{]$/
    if (type) about = ""
    if (bare ~ / About about{/) strings = " "
    if (strings != "") { strings = strings bare; if (bare ~ /};$/) { told(strings); strings = "" } }
    above = ""
    print
}
