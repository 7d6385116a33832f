# Of what a compiler says of many files at once, what it says of `file` alone: errors, with the notes to them, that mention it and no other file of
# its folder. g++ says where it is before the error, clang after it; what belongs to no one file is left out.
function finish() {
    if (error && own && !others) printf "%s", said
    said = ""; error = own = others = 0
}
function add(line) {
    said = said line "\n"
    while (at = index(line, folder)) {
        line = substr(line, at)
        if (index(line, file ":") == 1) own = 1; else others = 1
        line = substr(line, length(folder) + 1)
    }
}
BEGIN { folder = file; sub("[^/]*$", "", folder) }
/^In file included from|^ +from | In [^:]*(function|instantiation|constructor|destructor|substitution|operator)|: At (global|namespace) scope:|: +(recursively )?required / {
    lead[leads++] = $0
    next
}
{
    starts = / (error|warning): /
    if (starts) finish()
    for (i = 0; i < leads; ++i) add(lead[i])
    leads = 0
    error = error || / error: /
    add($0)
}
END { finish() }
