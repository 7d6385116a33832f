// A program while it runs, on one tape: the values that there are, and, if asked for, the source that computes them.
#pragma once
#include <deque>
#include <fmt/format.h>
#include <initializer_list>
#include <programs/program.hpp>
#include <programs/store.hpp>
#include <set>

namespace programs {

struct Value {
    Var var;
    std::string name;
    mutable bool used = false;
    bool view         = false;

    Shape const& shape() const { return var.shape(); }
    Index rank() const { return static_cast<Index>(var.shape().rank()); }
};

std::string written(Shape const&);  ///< "{2, 3}"

class Session {
public:
    Session(Tape& t, Store& s, std::string* source = nullptr) : tape(t), store(s), source_(source) {}

    void do_instruction(Instruction const&);  ///< or nothing, if there is nothing to do it with
    Var result(bool seeded);                  ///< of all that was not used

    // What forms use.

    Value const& any(Choices& c) { return values[number(c)]; }  ///< there is always one
    /// The first from a random one on that fulfils `wanted`, or null.
    template <class F> Value const* some(Choices& c, F wanted) {
        std::size_t const first = number(c);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (Value const& v = values[(first + i) % values.size()]; wanted(v)) return &v;
        return nullptr;
    }
    /// Does it have no more than a few thousand elements?
    static bool small(Shape const& s) { return count(s) <= 4096; }
    Shape shape(Choices&, Index rank);

    void new_input(Shape const&);
    /// Takes what was made `from` others, which are used up, as the next value.
    void put(Var const&, std::string const& term, std::initializer_list<Value const*> from, bool view = false);
    Param& parameter(std::string const& name, Shape const&);

    Tape& tape;
    Store& store;
    std::deque<Value> values;
    std::vector<Var> inputs;
    bool kinked           = false;  // so that differences do not tell the gradient
    std::size_t frozen    = 0;      // values that gradients did not pass through
    Index recompute_every = 0;      // of scans

private:
    std::size_t number(Choices&);  // of a value
    void write(std::string const& line);
    std::string* source_;
    std::set<std::string> declared_;  // parameters
};

}  // namespace programs
