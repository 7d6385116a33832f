// Compositions of gradient().
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/derivatives/products.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

void require_directions(char const* what, Vars const& xs, Vars const& vs, Where where) {
    if (xs.empty() || xs.size() != vs.size())
        throw ShapeError(
            fmt::format("{}: {}: there are {} directions of {} arrays", text(where), what, vs.size(), xs.size()));
    for (std::size_t k = 0; k < xs.size(); ++k)
        if (!(xs[k].shape(where) == vs[k].shape(where)))
            throw ShapeError(fmt::format("{}: {}: {} has the shape {}, its direction {}", text(where), what,
                                         label(xs[k]), text(xs[k].shape()), text(vs[k].shape())));
}

/// An adjoint that is not known yet.
Var unknown_adjoint(Tape& tape, Var const& y, Where where) {
    xt::xarray<double> const zeros = xt::zeros<double>(std::vector<std::size_t>(y.shape().begin(), y.shape().end()));
    return tape.input(zeros, "u", where);
}

/// Of arrays whose shapes are known to be the same.
Var sum_of_products(Vars const& a, Vars const& b, Where where) {
    Var out = sum(a[0] * b[0], {}, Reduced::drop, where);
    for (std::size_t k = 1; k < a.size(); ++k) out = Var(out + sum(a[k] * b[k], {}, Reduced::drop, where), where);
    return out;
}

}  // namespace

Var inner(Vars const& a, Vars const& b, Where where) {
    require_directions("inner", a, b, where);
    Attempt const attempt(a[0].tape(where));
    return sum_of_products(a, b, where);
}

Vars vjp(Var y, Vars const& xs, Var u, Where where) { return gradient(y, xs, u, where); }
Var vjp(Var y, Var x, Var u, Where where) { return gradient(y, x, u, where); }

Var jvp(Var y, Vars const& xs, Vars const& vs, Where where) {
    require_directions("jvp", xs, vs, where);
    Tape& tape = y.tape(where);
    Attempt const attempt(tape);
    if (y.shape().rank() == 0) return sum_of_products(gradient(y, xs, {}, where), vs, where);  // a half of the work
    Var const u = unknown_adjoint(tape, y, where);
    return gradient(sum_of_products(gradient(y, xs, u, where), vs, where), u, {}, where);
}
Var jvp(Var y, Var x, Var v, Where where) { return jvp(y, Vars{x}, Vars{v}, where); }
Var jvp(Var y, Params const& params, Vars const& vs, Where where) {
    return jvp(y, lifted(y.tape(where), params, where), vs, where);
}

Vars hvp(Var loss, Vars const& xs, Vars const& vs, Where where) {
    require_directions("hvp", xs, vs, where);
    Attempt const attempt(loss.tape(where));
    return gradient(sum_of_products(gradient(loss, xs, {}, where), vs, where), xs, {}, where);
}
Var hvp(Var loss, Var x, Var v, Where where) { return hvp(loss, Vars{x}, Vars{v}, where)[0]; }
Vars hvp(Var loss, Params const& params, Vars const& vs, Where where) {
    return hvp(loss, lifted(loss.tape(where), params, where), vs, where);
}

Vars gauss_newton(Var loss, Var y, Vars const& xs, Vars const& vs, Where where) {
    require_directions("gauss_newton", xs, vs, where);
    Attempt const attempt(loss.tape(where));
    Var const along = jvp(y, xs, vs, where);
    return gradient(y, xs, hvp(loss, y, along, where), where);
}
Vars gauss_newton(Var loss, Var y, Params const& params, Vars const& vs, Where where) {
    return gauss_newton(loss, y, lifted(loss.tape(where), params, where), vs, where);
}

Var jacobian(Var y, Var x, Where where) {
    Tape& tape = y.tape(where);
    Attempt const attempt(tape);
    Index const n = count(y.shape(where));
    Vars rows;
    for (Index i = 0; i < n; ++i) {
        Var const one = tape.filled(y.shape(), where, [i](auto v) {
            std::fill(v.begin(), v.end(), 0);
            v[static_cast<std::size_t>(i)] = 1;
        });
        rows.push_back(gradient(y, x, one, where));
    }
    Shape shape = y.shape();
    for (Index s : x.shape(where)) shape.push_back(s, where);
    return rows.empty() ? tape.zeros(shape, where) : reshape(stack(rows, 0, where), shape, where);
}

Var hessian(Var y, Var x, Where where) {
    Attempt const attempt(y.tape(where));
    return jacobian(gradient(y, x, {}, where), x, where);
}

Vars lifted(Tape& tape, Params const& params, Where where) {
    Vars out;
    for (Param const* p : params.all())
        if (p->trained()) out.push_back(tape.lift(*p, where));
    return out;
}

}  // namespace unspool::core
