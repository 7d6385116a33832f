"""Pretty printers for gdb: `source <prefix>/share/unspool/gdb/unspool.py`, or the same line in ~/.gdbinit.

    (gdb) print h
    $1 = h: float32 [2,3] {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}

Nothing in the program is called: values are read where they lie, so that core files can be looked at as well.
"""
import gdb
import gdb.printing

MOST = 8  # elements that are shown


def numbers(dims):
    return [int(dims["d_"][i]) for i in range(int(dims["rank_"]))]


def text(dims):
    return "[" + ",".join(map(str, numbers(dims))) + "]"


def elements(address, dtype, shape, strides):
    """The first elements, the last axis fastest."""
    name = "float32" if "32" in str(dtype) else "float64"
    sizes, steps = numbers(shape), numbers(strides)
    count = 1
    for n in sizes:
        count *= n
    shown = []
    pointer = address.cast(gdb.lookup_type("float" if name == "float32" else "double").pointer())
    for k in range(min(count, MOST)):
        offset = 0
        for n, step in zip(reversed(sizes), reversed(steps)):
            offset, k = offset + k % n * step, k // n
        shown.append("%.6g" % float(pointer[offset]))
    if not sizes:
        return "%s %s" % (name, shown[0])
    return "%s %s {%s}" % (name, text(shape), ", ".join(shown + ["…"] * (count > MOST)))


def string_view(x):
    n = int(x["_M_len"])
    return x["_M_str"].string("utf-8", "replace", length=n) if n else ""


def row_major(sizes):
    out, step = [], 1
    for n in reversed(sizes):
        out.insert(0, step)
        step *= n
    return out


class DimsPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return text(self.value)


class VarPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        if int(self.value["window_"]) == 0:
            return "an empty Var"
        window, presence = self.value["window_"].dereference(), self.value["presence_"].dereference()
        if int(presence["tape"]) == 0:
            return "a Var whose tape is gone"
        tape = presence["tape"].dereference()
        if int(self.value["epoch_"]) != int(presence["epoch"]):
            return "a Var from before its tape was rewound"
        name = string_view(window["name"]) or "%%%d" % int(window["node"])
        return "%s: %s" % (name, elements(window["data"], tape["dtype_"], window["shape"], window["strides"]))


class ParamPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        strides = {"rank_": self.value["shape_"]["rank_"], "d_": row_major(numbers(self.value["shape_"]))}
        data = gdb.parse_and_eval("*(void**)%d" % int(self.value["bytes_"].address))  # a unique_ptr: its deleter is empty
        path = self.value["path_"].format_string(raw=False).strip('"')
        return "%s: %s" % (path, elements(data, self.value["dtype_"], self.value["shape_"], strides))


class ValuesPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        v = self.value
        return elements(v["data_"], v["dtype_"], v["shape_"], v["strides_"])


printers = gdb.printing.RegexpCollectionPrettyPrinter("unspool")
printers.add_printer("Dims", "^unspool::core::Dims$", DimsPrinter)
printers.add_printer("Var", "^unspool::core::Var$", VarPrinter)
printers.add_printer("Param", "^unspool::core::Param$", ParamPrinter)
printers.add_printer("Values", "^unspool::core::Values$", ValuesPrinter)
gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)
