// Which numbers may still be read.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/ops/arrays/indices.hpp>

namespace unspool::core {

void require_alive(Indices const& i, Tape const& tape, std::string_view op, Where where) {
    if (i.tape != &tape.presence() || i.epoch < i.tape->first)
        throw TapeError(fmt::format("{}: {}: the numbers are on another tape, or on none", text(where), op));
    if (i.epoch != tape.epoch() && !tape.survives(i.numbers.data(), i.epoch))
        throw TapeError(fmt::format("{}: {}: the numbers were made before their tape was rewound", text(where), op));
}

}  // namespace unspool::core
