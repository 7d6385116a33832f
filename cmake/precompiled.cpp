// A file to make precompiled headers of.
