// A step of training the demo's language model, end to end.
#include "training.hpp"

#include <memory>

namespace bench {

namespace {

custom_cell::Text const& demo_text() {
    static auto const text = custom_cell::own_text();
    return text;
}

struct Training {
    Demo demo;
    custom_cell::Trainer<Mgu> trainer{demo.model, demo.params, demo.text, demo.recipe};

    explicit Training(int threads) : demo(threads) {}
    float update() { return static_cast<float>(trainer.update()); }
};

Ready train(int threads) {
    auto const it = std::make_shared<Training>(threads);
    return {[=] { it->update(); }, [=] { return std::vector{it->update(), it->update(), it->update()}; }};
}

}  // namespace

Demo::Demo(int threads)
    : text(demo_text())
    , recipe{.updates = 1'000'000, .threads = threads}
    , model(params, text.number_of_symbols(), 64, 256, "mgu") {}

custom_cell::Readers Demo::readers() const {
    auto const seen = std::span(text.numbers).first(static_cast<std::size_t>(text.validation_begin()));
    return {seen, 0, recipe.readers, recipe.readers};
}

std::vector<Contest> training_contests(TrainingPeers const& peers) {
    std::vector<Contest> out;
    for (int threads : {1, 2}) {
        auto const ours         = [=] { return train(threads); };
        double const characters = static_cast<double>(Demo(threads).recipe.characters());
        out.push_back({"Training step of the demo", "T64 B64 I64 H256", threads, unspool_and(peers(threads), ours),
                       items_per_second("characters", characters)});
    }
    return out;
}

}  // namespace bench
