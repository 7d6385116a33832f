// Tangents in place of operations whose derivative is not their own: so differences see what backward() sees.
#pragma once
#include <string>
#include <unspool/autograd/gradcheck/finite_difference.hpp>
#include <unspool/autograd/statement/tangents.hpp>
#include <vector>

namespace unspool::core {

/// The first recording decides where the tangents touch; all later ones, of inputs beside the first, go along them.
class Surrogates final : public Tangents {
public:
    Var at(SurrogateOperation const&, std::span<Var const> x, Where) override;

    void rewind() { next_ = 0; }                  ///< before each recording
    void forget() { known_.clear(), next_ = 0; }  ///< the next recording is the first
    bool any() const { return !known_.empty(); }
    /// "spike (lif.hpp:12), 4 times": one text a line of the program.
    std::vector<std::string> texts() const;

private:
    struct Touched {
        std::string name;
        Where where;
        Shape shape;             // of the result, and of all that follows
        std::vector<Numbers> x;  // the operands
        std::vector<Numbers> slope;
        Numbers y;
    };
    static Touched touched(SurrogateOperation const&, std::span<Var const> x, Where);

    std::vector<Touched> known_;
    std::size_t next_ = 0;
};

}  // namespace unspool::core
