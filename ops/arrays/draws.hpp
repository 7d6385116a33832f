// Who is told that noise is drawn.
#pragma once
#include <unspool/autograd/array/random.hpp>

namespace unspool::core {

/// Whoever wants to have the same noise drawn again.
class DrawListener {
public:
    /// While it lives, this thread tells a listener, as well as those before it, of each source that noise is drawn from, before it is.
    class [[nodiscard]] During {
    public:
        explicit During(DrawListener&);
        ~During();
        During(During const&)            = delete;
        During& operator=(During const&) = delete;

    private:
        DrawListener& told_;
    };

    virtual void draws_from(Random&) = 0;

protected:
    ~DrawListener() = default;

private:
    friend void draws_from(Random&);
    DrawListener* outer_ = nullptr;
};

/// Says that numbers will be drawn from here, as operations with noise do.  A cell whose steps may be computed again says so before it draws
/// from a source itself, and draws the same again.
void draws_from(Random&);

}  // namespace unspool::core

namespace unspool {

using core::draws_from;

}  // namespace unspool
