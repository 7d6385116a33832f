// How far parameters have come to be packed for products.
#include <algorithm>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

std::vector<Reusable> Tape::packing() const {
    std::vector<Reusable> out;
    for (auto* leaf = leaves_; leaf; leaf = leaf->before) out.push_back(leaf->reusable);
    std::reverse(out.begin(), out.end());
    return out;
}

namespace {

/// f(leaf, what belongs to it), of each; nothing belongs to those that came later.
template <class F> void each_leaf(LeafOfParam const* last, std::vector<Reusable> const& all, F f) {
    std::vector<LeafOfParam const*> leaves;
    for (; last; last = last->before) leaves.push_back(last);
    std::reverse(leaves.begin(), leaves.end());
    for (std::size_t k = 0; k < leaves.size(); ++k)
        f(leaves[k]->reusable, k < all.size() ? all[k] : Reusable{leaves[k]->reusable.memory});
}

}  // namespace

void Tape::put_back(std::vector<Reusable> const& all, Mark const& since) {
    each_leaf(leaves_, all, [&](Reusable& now, Reusable const& then) {
        now = then;
        for (Packed* p : {&now.as_stored, &now.transposed})
            if (p->panels && !arena_.before(p->panels, since.memory)) p->panels = nullptr;
    });
}

void Tape::pack_as(std::vector<Reusable> const& all) {
    auto const as = [](Packed& now, Packed const& then) {
        now.rows = then.rows;
        if (now.rows < Packed::worth) now.panels = nullptr;
    };
    each_leaf(leaves_, all, [&](Reusable& now, Reusable const& then) {
        as(now.as_stored, then.as_stored), as(now.transposed, then.transposed);
    });
}

}  // namespace unspool::core
