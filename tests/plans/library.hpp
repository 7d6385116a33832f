// Cells as C, many in one library, and one of them as a function to call.
#pragma once
#include <nn/files/scratch.hpp>
#include <plans/cells.hpp>

namespace plans {

using namespace unspool;

/// A cell in the way that it is written in.
struct Trial {
    NamedCell cell;
    Dtype dtype;
    Index batch;

    std::string name() const;  ///< of its functions in C
};

/// Files in C of these, compiled as one library by "gcc -O1" or the like, without a warning.
class Library {
public:
    Library(std::vector<Trial> const&, std::string const& compiler);
    Library(Library const&) = delete;
    ~Library();

    /// Two of each: reset and step.
    template <class F> F* function(std::string const& name) const { return reinterpret_cast<F*>(symbol(name)); }

private:
    void* symbol(std::string const& name) const;

    files::TemporaryFolder folder_;
    void* library_ = nullptr;
};

}  // namespace plans
