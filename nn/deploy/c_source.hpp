// The body of a step in C, statement by statement.
#pragma once
#include <functional>
#include <span>
#include <unspool/nn/deploy/c_text.hpp>
#include <unspool/nn/deploy/step_plan.hpp>

namespace unspool::core {

class CSource {
public:
    /// Lays out the plan's memory anew: values alone.  Weights of products with int8 have a scale a row.
    CSource(StepPlan&, std::string_view name, bool int8, bool loaded);

    /// TypeError that names the operation and its line, where C cannot say it.
    void write();

    struct Fixed {
        std::size_t array;
        std::string name;
        bool int8;
    };
    std::vector<Fixed> const& fixed() const { return fixed_; }  ///< weights and constants
    std::vector<std::string> functions() const;                 ///< that the body calls, in order
    std::string const& body() const { return body_; }
    std::string const& name_of_input(std::size_t k) const { return inputs_[k]; }
    std::string name_of_state(std::size_t k) const { return names_[plan_.state[k].array].substr(3); }  ///< behind "s->"
    std::string const& name_of_result(std::size_t k) const { return results_[k]; }

private:
    void name_arrays();
    bool is_int8(std::size_t array) const;
    bool is_read(std::size_t array) const;
    bool is_read_at_ends(std::size_t array) const;  // for what comes out, or the next state
    bool only_weights(std::size_t array) const;
    bool is_weight_of(PlannedNode const&, std::size_t operand) const;

    void write_node(PlannedNode const&);
    void write_statement(PlannedNode const&);
    void write_reduction(PlannedNode const&, std::string const& term);
    void write_projections(PlannedNode const&);
    void write_product(std::string const& y, Index offset, Shape const& shape, Strides const& strides,
                       PlannedWindow const& a, PlannedWindow const& b);
    void write_products(PlannedNode const&);
    bool write_joined(PlannedNode const&);
    bool write_lists(PlannedNode const&);
    void write_rows(PlannedNode const&);
    void write_look_up(PlannedNode const&);
    void write_recurrence(PlannedNode const&);
    void write_place(PlannedNode const&);
    void write_unused();
    void keep_inputs();
    void write_ends();
    [[noreturn]] void refuse(PlannedNode const&, std::string_view what) const;

    /// Loops over these axes, which C calls i, j, k …, around one line.
    void loops(Shape const& axes, std::string const& line);
    /// to[…] = from[…], of one shape; `op` may be "+=".
    void copy(std::string const& to, PlannedWindow const& at, PlannedWindow const& from, char const* op = "=");
    void line(std::string const&);
    std::string element(std::string const& array, Index offset, Strides const& strides) const;
    std::string const& name(PlannedWindow const& w) const { return names_[w.array]; }
    std::string where(PlannedNode const& n) const;
    Index size(std::size_t array) const { return count(plan_.arrays[array].shape); }
    PlannedWindow whole(std::size_t array) const;
    void use(char const* helper) { helpers_.insert(helper); }

    StepPlan& plan_;
    bool int8_, loaded_;
    CNames words_;
    CFunctions functions_;
    std::vector<std::string> names_, inputs_, results_;
    std::vector<Fixed> fixed_;
    std::set<std::string> helpers_;
    std::map<std::size_t, Index> kept_;  // inputs that are read at the ends, and where
    std::string body_;
};

}  // namespace unspool::core
