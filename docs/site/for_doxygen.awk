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
# `double a = 1, b;` as a line for each: Doxygen has a comment for the first alone.
function each_of(line, comment, before,    type, names, count, i, n) {
    n = indent_of(line); type = line; sub(/;$/, "", type)
    match(type, /[&*]?[A-Za-z_0-9]+( = [^,]+)?, .*/)
    names = substr(type, RSTART); type = substr(type, 1, RSTART - 1)
    count = split(names, name, /, */)
    for (i = 1; i <= count; ++i) { if (i > 1) say(before, n); print type name[i] ";" comment }
}
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
    called = field[3]; sub(/^[^=]*= */, "", called)
    if (match(called, /[a-z_0-9]+(<[^>]*>)?\(/)) { called = substr(called, RSTART, RLENGTH); sub(/[<(].*/, "", called); about_of[called] = about }
    else if (split(called, word, " ") == 3) about_of["operator" word[2]] = about
    else about_of["operator" substr(called, 1, 1) " of one"] = about
}
# What the operation behind a function says of itself: that whose example calls it.
function of_operation(line) { return about_of[name_of(line) (line ~ /operator[^(]+\([^,]*\)/ ? " of one" : "")] }

# Equations and programs in a comment are set as they stand.
function apart(line) { opens = line ~ /\/\/     / && !inside; inside = line ~ /\/\/     /; return opens ? "///\n" : "" }

!code && /^\/\// {
    if (FNR == 1) print "/// @file"
    lines = apart($0) "/" $0
    head = head lines "\n"; print lines; next
}
/^#pragma once/  { code = 1; next }    # and lines are where they were, behind that of @file
# What templates ask of a layer or an operation, and what Keras's layers become.
/^    static constexpr (auto name|bool at_each_step) / { print ""; next }
/^    struct Made {/, /^    };/ { print ""; next }
/^ *$/           { above = below = ""; print; next }
# Copies, moves and ends go without saying.
/^ *friend .*;$/ || /&&?\)( noexcept)? *= (default|delete);/ || /&&\)( noexcept)?;/ || /^ *(virtual )?~.*[;}]$/ || /operator=\(/ { print ""; next }
/^ *friend /     { sub(/friend /, "") }
/^ *\/\/ ---/  { print ""; next }    # a rule across the page
/^ *\/\//        {
    heading = !/^ *\/\/\//
    comment = $0; sub(/^ *\/+/, "///", comment)
    comment = apart(comment) comment
    above = above comment "\n"; printf "%*s%s\n", indent_of($0), "", comment; next
}
/^        Var h, c;$/ { $0 = $0 " ///< the output, and the cell" }
/^    using (State|Options) += / && !/\/\/\/</ && above == "" { sub(/;$/, "; ///< " (/ State /? "what goes from step to step" : "how it is made")) }
{
    inside = 0
    n = indent_of($0)
    bare = $0; sub(/ *\/\/.*/, "", bare)
    if (n == 0 && bare ~ /^(template <.*>|requires [A-Za-z_:<>.,&|! ]*)$/) {    # until it is known of what
        if (above != "") { below = above; at = n; group = heading; fresh = 1; above = "" }
        held = held $0 "\n"; next
    }
    own = $0 ~ /\/\/\/</ || bare != $0
    if (own) sub(/ \/\/+<? /, " ///< ")
    type = n == 0 && /^(template <.*> )?(struct|class) [A-Z].*{/
    says = n == 0 && !within && !type && bare ~ /[(>{]/ && bare !~ /^(}|using|namespace|inline|#)/ ? of_operation(bare) : ""
    if (above != "" || fresh) {
        if (above != "") { below = above; at = n; group = heading }
        if (says != "") say("///\n" says, n)
    }
    else if (n > 0 && !own && (name_of(bare) in usual) && bare ~ /^ +[A-Za-z:<> ]+[&*]? [a-z]+\(/ && bare !~ /^ *return/) print "    /// " usual[name_of(bare)]
    else if (n == at && below != "" && !own && bare ~ /[;{})]$/ && bare !~ /^ *(}|#|public:|private:|protected:|friend|:)/ && (group || bare ~ /\(/)) { say(below, n); if (says != "") say("///\n" says, n) }
    else if (type && head != "") { say(head, n); head = "" }
    else if (says != "") say(says, n)
    printf "%s", held; held = ""; fresh = 0
    within = bare ~ /^template/ && bare !~ /[;}{]$/
    if (type) about = ""
    if (bare ~ / About about{/) strings = " "
    if (strings != "") {
        strings = strings bare
        if (bare ~ /};$/) { told(strings); strings = "" }
        print ""; next
    }
    if (bare ~ /^[ a-z]*[A-Za-z:<>_]+ [&*]?[A-Za-z_0-9]+( = ([^,(){}]+|[{][}]))?(, [&*]?[A-Za-z_0-9]+( = ([^,(){}]+|[{][}]))?)+;$/ && bare !~ /^ *(using|return|friend)/)
        each_of(bare, own ? substr($0, length(bare) + 1) : "", above != "" ? above : (at == n ? below : ""))
    else print
    above = ""
}
