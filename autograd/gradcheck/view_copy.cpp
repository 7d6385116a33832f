// Copies element by element, by index: it shares no walk with the rest of the library, or it would share its mistakes.
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/gradcheck/view_copy.hpp>
#include <unspool/autograd/tape/differentiation.hpp>

namespace unspool::core {

namespace {

Index offset_at(Window const& w, Index const* at) {
    Index out = 0;
    for (std::size_t a = 0; a < w.shape.rank(); ++a) out += at[a] * w.strides[a];
    return out;
}

template <class T> void read(T* to, Window const& from) {
    each_index(from.shape, [&](Index const* at) { *to++ = static_cast<T const*>(from.data)[offset_at(from, at)]; });
}

class ViewCopy final : public Rule {
public:
    void pull_back(Node const& node, Adjoints& adjoints) const override {
        Window const& part = *node.operands[0];
        Target const to    = adjoints.into_zeroed(part);
        dispatch(adjoints.tape().dtype(), [&](auto t) {
            auto const* g = static_cast<decltype(t) const*>(adjoints.of(node));
            auto* dx      = static_cast<decltype(t)*>(to.data);
            each_index(part.shape, [&](Index const* at) { dx[offset_at(part, at)] += *g++; });
        });
    }
    void differentiate(Node const&, Differentiation& d) const override { d.add(0, d.adjoint()); }
    void recompute(Tape const& tape, Node const&, Window const& value,
                   std::span<Window const* const> operands) const override {
        dispatch(tape.dtype(), [&](auto t) { read(static_cast<decltype(t)*>(value.data), *operands[0]); });
    }
    Equation equation(Node const&, std::span<Equation const> operands) const override { return operands[0]; }
    std::string_view name() const override { return "view"; }
};
constexpr ViewCopy rule;

}  // namespace

Var copied(Tape& tape, Window const& part) {
    Node* const node              = tape.allocate(part.shape, part.where);
    Window const* const operand[] = {&part};
    rule.recompute(tape, *node, node->value, operand);
    return tape.record(node, &rule, tape.arena().copy(std::span<Window const* const>(operand)), nullptr);
}

}  // namespace unspool::core
