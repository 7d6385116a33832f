// Which array operation a node is a call of, without what that operation computes.
#pragma once
#include <typeinfo>
#include <unspool/autograd/call/call.hpp>

namespace unspool::core {

/// The operation, with its attributes, of a node that is a call of such a one; null for any other node.
template <class Op> Op const* call_of(Node const& n) {
    Rule const& rule = *n.rule;
    return typeid(rule) == typeid(CallRule<Op>) ? static_cast<Op const*>(n.attributes) : nullptr;
}

}  // namespace unspool::core
