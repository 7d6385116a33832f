// What scans of all cells have in common.
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/recurrence/summed.hpp>

namespace unspool::core {

Index steps_in(Var const& xs, Where where) {
    Window const& w = xs.window(where);
    if (w.shape.empty())
        throw ShapeError(fmt::format("{}: scan wants a sequence with time as its first axis, {} is a scalar",
                                     text(where), label(xs)));
    return w.shape[0];
}

namespace {

[[noreturn]] void state_lacks_batch(Var const& h, Index batch, ScanOptions const& options, Where where) {
    Shape s              = h.shape(where);
    std::string const is = text(s);
    s.insert(0, batch, where);
    throw ShapeError(fmt::format("{}: {} of the sequences of a batch, but the state {} {} is of one: it needs an axis "
                                 "for the batch, {}",
                                 text(where), options.lengths.empty() ? "the mask is" : "lengths are", label(h), is,
                                 text(s)));
}

}  // namespace

Index batch_of(Var const& output, ScanOptions const& options, Where where) {
    Shape const& s = output.window(where).shape;
    Index batch    = std::ssize(options.lengths);
    if (options.lengths.empty()) {
        Shape const& mask = options.mask.window(where).shape;
        if (mask.rank() != 2) return s.empty() ? 0 : s[0];  // Masks says what is wrong with it
        batch = mask[1];
    }
    if (s.empty() || (s.rank() == 1 && s[0] != batch)) state_lacks_batch(output, batch, options, where);
    return s[0];
}

void require_batch_axis(Var const& before, Var const& after, ScanOptions const& options, Where where) {
    Shape const& s = before.window(where).shape;
    if (s.rank() < after.window(where).shape.rank()) state_lacks_batch(before, after.shape()[0], options, where);
}

void require_same_batch(Var const& x, Var const& h, Where where) {
    Shape const &a = x.window(where).shape, &b = h.window(where).shape;
    if (a.rank() >= 2 && a.rank() == b.rank() && a[0] != b[0] && b[0] != 1)
        throw ShapeError(fmt::format("{}: scan: the batch is {} in {}, the state, but {} in {}", text(where), b[0],
                                     label(h), a[0], label(x)));
}

Var* memory_of_outputs(Tape& tape, Index steps) {
    auto const n    = static_cast<std::size_t>(steps);
    auto* const out = static_cast<Var*>(tape.arena().allocate(n * sizeof(Var), alignof(Var)));
    std::uninitialized_fill_n(out, n, Var());
    return out;
}

Var total_of(Var const& loss, Tape& tape) { return loss.empty() ? tape.constant(0) : loss; }

void require_detach_every(Index n, Where where) {
    if (n < 0) throw ValueError(fmt::format("{}: detach_every is {}, but must not be negative", text(where), n));
}

void tape_was_rewound(Where where) {
    throw TapeError(fmt::format("{}: the cell rewound the tape to before the scan that runs it", text(where)));
}

void require_same_shapes(std::span<Var const> before, std::span<Var const> after, std::vector<std::string> const& names,
                         Index t, bool first, Where where) {
    for (std::size_t k = 0; k < after.size(); ++k) {
        Shape const& now  = after[k].window(where).shape;
        Shape const& then = before[k].window(where).shape;
        if (now == then) continue;
        Shape was = then;
        if (first && broadcast(was, now) && was == now) continue;
        throw ShapeError(fmt::format(
            "{}: step {}: {} of the state was {} and is {}; a scan whose state may change its shape says so: "
            "{{.state_may_change = true}}",
            text(where), t, names[k], text(before[k].shape()), text(now)));
    }
}

void require_same_steps(std::span<Var const> sequences, Index steps, Where where) {
    for (Var const& x : sequences)
        if (Index const n = steps_in(x, where); n != steps)
            throw ShapeError(fmt::format("{}: scan wants sequences of one length, but {} has {} steps and {} has {}",
                                         text(where), label(sequences[0]), steps, label(x), n));
}

void state_is_not_of_vars(Where where) {
    throw ValueError(fmt::format("{}: lengths, masks, noise, detach_every and steps that are computed again need a "
                                 "state that is a Var, or a struct "
                                 "with Vars that is derived from none, without lists of Vars",
                                 text(where)));
}

}  // namespace unspool::core
