// Nothing: the headers of the tests are precompiled for it, and then for all.
