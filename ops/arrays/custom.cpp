// Custom operations as the engine sees them.
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/ops/arrays/custom.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

namespace {

constexpr std::size_t most_operands = 6;  // the adjoint, the result, and four operands

/// Memory for so many elements, of this thread and until it is asked for again: one for each operand, and one for the value.
template <Real T> T* scratch(std::size_t which, Index n) {
    thread_local std::array<std::vector<T>, most_operands + 1> memory;
    auto& m = memory[which];
    if (m.size() < static_cast<std::size_t>(n)) m.resize(static_cast<std::size_t>(n));
    return m.data();
}

template <Real T> CustomRules<T> const& rules(CustomOp const& op) {
    if constexpr (std::same_as<T, float>) return op.in_float;
    else return op.in_double;
}

/// An operand as xtensor sees it: a step of 0 where there is one element, and a pointer where there is none.
template <Real T> rules::Operand<T> operand(Array<T const> const& x, rules::Slot<T>* slot) {
    static constexpr T nothing{};
    typename rules::Operand<T>::strides_type steps;
    for (std::size_t i = 0; i < x.shape.size(); ++i) steps.push_back(x.shape[i] == 1 ? 0 : x.strides[i]);
    return {rules::Memory<T>(x.data ? x.data : &nothing, count(x.shape), slot), Extents(x.shape.begin(), x.shape.end()),
            steps};
}

/// A call of a rule.  Functions of operands that do not lie as its value does read copies of them.
template <Real T> class RuleCall : public RuleSite<T> {
public:
    RuleCall(char const* op, Where where) : op_(op), where_(where) {}

    void add(Array<T const> const& x) {
        given_[n_]      = x;
        slots_[n_].site = this;
        views_[n_].emplace(operand(x, &slots_[n_]));
        at_[n_] = &*views_[n_], ++n_;
    }
    RuleViews<T> views() const { return at_.data(); }

protected:
    void begin_at(T* data, Shape const& shape) { data_ = data, shape_ = shape; }
    T* data() const { return data_; }
    /// "the result", for errors.
    virtual std::string value() const = 0;

private:
    void end() override {}
    void copy(Array<T const> const& x) override {
        require(x.shape);
        core::copy<T>({data_, shape_, row_major(shape_)}, x);
    }
    MutableView<T> room(Shape const& got) override {
        require(got);
        return mutable_view(data_, shape_);
    }
    T* room_as_read() override {
        require(shape_of_read());
        return data_;
    }

    Shape read_shape() override {
        Shape const got = shape_of_read();
        for (auto& slot : slots_) slot.read = false;
        return got;
    }
    Index lay_out() override {
        Shape const shape = shape_of_read();
        for (std::size_t k = 0; k < n_; ++k)
            if (std::exchange(slots_[k].read, false)) slots_[k].laid = laid(k, shape);
        return count(shape);
    }

    Shape shape_of_read() const {
        Shape got;
        for (std::size_t k = 0; k < n_; ++k)
            if (slots_[k].read && !broadcast(got, given_[k].shape))
                refuse(
                    fmt::format("is made of {} and {}, which do not fit together", text(got), text(given_[k].shape)));
        return got;
    }
    T const* laid(std::size_t k, Shape const& shape) const {
        Array<T const> const& x = given_[k];
        if (x.shape == shape && is_contiguous(x.shape, x.strides)) return x.data;
        T* const to = scratch<T>(k, count(shape));
        core::copy<T>({to, shape, row_major(shape)}, {x.data, shape, broadcast_strides(x.shape, x.strides, shape)});
        return to;
    }
    /// "f.cpp:7: cubic: the adjoint of operand 1 has the shape [3] where [3,4] was expected".
    void require(Shape const& got) const {
        if (got != shape_) refuse(fmt::format("has the shape {} where {} was expected", text(got), text(shape_)));
    }
    [[noreturn]] void refuse(std::string const& what) const {
        throw ShapeError(located(where_, fmt::format("{}: {} {}", op_, value(), what)));
    }

    char const* op_;
    Where where_;
    std::size_t n_ = 0;
    std::array<Array<T const>, most_operands> given_;
    std::array<rules::Slot<T>, most_operands> slots_;
    std::array<std::optional<rules::Operand<T>>, most_operands> views_;
    std::array<rules::Operand<T> const*, most_operands> at_{};
    T* data_ = nullptr;
    Shape shape_;
};

template <Real T> class ForwardCall final : public RuleCall<T> {
public:
    ForwardCall(CustomOp const& op, Window const& y) : RuleCall<T>(op.operation->name, y.where), y_(y) {}

private:
    bool begin(int) override {
        this->begin_at(static_cast<T*>(y_.data), y_.shape);
        return true;
    }
    std::string value() const override { return "the result"; }

    Window const& y_;
};

template <Real T> class AdjointCall final : public RuleCall<T> {
public:
    AdjointCall(CustomOp const& op, Node const& node, Adjoints& adjoints)
        : RuleCall<T>(op.operation->name, node.value.where), node_(node), adjoints_(adjoints) {}

private:
    bool begin(int k) override {
        operand_        = k;
        Window const& x = *node_.operands[static_cast<std::size_t>(k)];
        if (!adjoints_.tape().requires_grad(x)) return false;
        this->begin_at(scratch<T>(most_operands, count(x.shape)), x.shape);
        return true;
    }
    void end() override {
        Window const& x = *node_.operands[static_cast<std::size_t>(operand_)];
        core::add<T>(adjoints_, x, Array<T const>{this->data(), x.shape, row_major(x.shape)});
    }
    std::string value() const override {
        return operand_ < 0 ? "an adjoint" : fmt::format("the adjoint of operand {}", operand_);
    }

    Node const& node_;
    Adjoints& adjoints_;
    int operand_ = -1;
};

template <Real T> void run(CustomOp const& op, Tape const& tape, void const* kept, Window const& y,
                           std::span<Window const* const> operands) {
    ForwardCall<T> call(op, y);
    for (Window const* x : operands) call.add(array_of<T const>(tape, *x));
    rules<T>(op).forward(kept, call.views(), call);
}

template <Real T> void pull(CustomOp const& op, Node const& node, Adjoints& adjoints) {
    AdjointCall<T> call(op, node, adjoints);
    call.add({static_cast<T const*>(adjoints.of(node)), node.value.shape, node.value.strides, nullptr});
    call.add(array_of<T const>(adjoints.tape(), node.value));
    for (Window const* x : node.operands) call.add(array_of<T const>(adjoints.tape(), *x));
    rules<T>(op).adjoints(node.attributes, call.views(), call);
}

}  // namespace

Var CustomRule::record(void const* op, std::span<Argument const> arguments, Where where) const {
    Tape& tape = common_tape(arguments, name(), where);
    Attempt const attempt(tape, before(tape, arguments));
    auto const operands = windows(tape, arguments, where);
    Shape shape         = op_.signature.infer(tape, name(), operands, where);
    if (op_.result) shape = op_.result(op, operands);
    Node* const node = tape.allocate(shape, where);
    void* const kept = std::memcpy(tape.arena().allocate(op_.size, op_.alignment), op, op_.size);
    dispatch(tape.dtype(), [&](auto t) { run<decltype(t)>(op_, tape, kept, node->value, operands); });
    return tape.record(node, this, operands, kept);
}
void CustomRule::pull_back(Node const& node, Adjoints& adjoints) const {
    dispatch(adjoints.tape().dtype(), [&](auto t) { pull<decltype(t)>(op_, node, adjoints); });
}
void CustomRule::differentiate(Node const& node, Differentiation& d) const {
    if (!op_.gradient) d.refuse(name());
    for (std::size_t k = 0; k < node.operands.size(); ++k)
        if (d.wants(k)) d.add(k, op_.gradient(node.attributes, k, d));
}
void CustomRule::recompute(Tape const& tape, Node const& node, Window const& value,
                           std::span<Window const* const> operands) const {
    dispatch(tape.dtype(), [&](auto t) { run<decltype(t)>(op_, tape, node.attributes, value, operands); });
}
Equation CustomRule::equation(Node const& node, std::span<Equation const> operands) const {
    return op_.arguments ? Equation::of(*op_.operation, operands, op_.arguments(node.attributes))
                         : Equation::of(*op_.operation, operands);
}

}  // namespace unspool::core
