// The node that a sum of projections is.
#pragma once
#include <array>
#include <span>
#include <unspool/autograd/backward/batched_gemm.hpp>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// The rule of a sum of projections.  Its node's operands are a pair x, W for each product, and then the biases, as the
/// program wrote them, whatever part of the work its host has done.
class SumOfProjections final : public Rule {
public:
    static constexpr std::size_t most = Gathered::most;  // products in one sum, and biases
    struct Attributes {
        std::size_t products = 0;
        std::array<std::uint8_t, most> owner{};  // of each bias: the product it was written beside
        std::size_t hosted = most;               // the product that the host holds already, with all biases, if any
    };
    explicit constexpr SumOfProjections(std::string_view name) : name_(name) {}

    void pull_back(Node const&, Adjoints&) const override;
    void differentiate(Node const&, Differentiation&) const override;
    void recompute(Tape const&, Node const&, Window const& value, std::span<Window const* const>) const override;
    Equation equation(Node const&, std::span<Equation const> operands) const override;
    std::string_view name() const override { return name_; }

private:
    std::string_view name_;
};

/// The operands of such a node, as its attributes sort them.
struct JoinedOperands {
    static constexpr std::size_t most = SumOfProjections::most;
    Window const* list[3 * most];
    SumOfProjections::Attributes attributes;
    std::size_t biases = 0;

    Window const& x(std::size_t k) const { return *list[2 * k]; }
    Window const& weight(std::size_t k) const { return *list[2 * k + 1]; }
    std::size_t size() const { return 2 * attributes.products + biases; }

    std::span<Window const* const> bias() const { return {list + 2 * attributes.products, biases}; }
    std::span<Window const* const> operands() const { return {list, size()}; }

    void product(Window const& x, Window const& weight) {
        list[2 * attributes.products]     = &x;
        list[2 * attributes.products + 1] = &weight;
        ++attributes.products;
    }
    /// After all products.
    void add_bias(Window const& b, std::size_t owner) {
        attributes.owner[biases]                 = static_cast<std::uint8_t>(owner);
        list[2 * attributes.products + biases++] = &b;
    }
};

/// How many rows are multiplied at once, 0: all; and how many first rows come last.  To the last bit, a row may depend on that.
struct RowsAtOnce {
    Index most = 0, rest = 0;

    friend bool operator==(RowsAtOnce const&, RowsAtOnce const&) = default;
};

/// Computes the value of a node that was allocated, and records it.
Var record_sum(Tape&, Node*, JoinedOperands const&, RowsAtOnce = {});

}  // namespace unspool::core
