// What ranks have, as text, compared with what rank 0 has.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/fit/evaluate.hpp>
#include <unspool/nn/fit/fit.hpp>
#include <unspool/nn/fit/learner.hpp>
#include <unspool/nn/fit/same_run.hpp>
#include <unspool/nn/ranks/packet.hpp>

namespace unspool::core {

namespace {

std::string names_of(std::vector<LossMetric> const& metrics) {
    std::string out;
    for (auto const& m : metrics) out += (out.empty() ? "" : ", ") + m.name;
    return out.empty() ? "none" : out;
}

/// Where the run asks it as well: behind that, a table may have nothing.
std::string text_of(Schedule const& s, Index last) {
    if (!s) return "none";
    std::string rates, after;
    for (Index t : {0, 1, 10, 100, 1000})
        if (t <= last) rates += fmt::format("{} ", s(t)), after += fmt::format("{}{}", t > 0 ? ", " : "", t);
    return rates + "after " + after;
}
/// Of the whole run, or 1000 if they are more: only one where it is not known how many batches there are.
Index updates(Index epochs, Index batches) {
    constexpr Index most = 1000;
    if (epochs == 0 || batches == 0) return std::min<Index>(epochs, 1);
    return epochs > most / batches ? most : epochs * batches;
}
std::string text_of(std::optional<PlateauOptions> const& o) {
    if (!o) return "none";
    return fmt::format("factor {}, patience {}, goal {}, threshold {} {}, cooldown {}, least_rate {}, eps {}",
                       o->factor, o->patience, o->goal == PlateauOptions::Goal::least ? "least" : "most",
                       o->threshold_mode == PlateauOptions::Threshold::relative ? "relative" : "absolute", o->threshold,
                       o->cooldown, o->least_rate, o->eps);
}
std::string text_of(std::optional<EarlyStopping> const& o) {
    if (!o) return "none";
    return fmt::format("of {}, patience {}, min_delta {}, most {}, restore {}", shown(o->of), o->patience, o->min_delta,
                       o->most, o->restore);
}

void add_batches(std::vector<OfARun>& to, std::string const& what, BatchFeed const& feed) {
    to.push_back(
        {what, fmt::format("{} batches{}", feed.batches, feed.fingerprint ? " of " + feed.fingerprint() : "")});
}

std::string text_of(MeanOver m) { return m == MeanOver::weight ? "weight" : "size"; }

}  // namespace

std::vector<OfARun> facts(FitOptions const& o, BatchFeed const& train, BatchFeed const* validation) {
    std::vector<OfARun> out{
        {"epochs", std::to_string(o.epochs)}, {"parts", std::to_string(parts_of_a_batch(o.parts, o.threads, o.ranks))},
        {"seed", std::to_string(o.seed)},     {"clip_norm", o.clip_norm ? fmt::format("{}", *o.clip_norm) : "none"},
        {"plateau", text_of(o.plateau)},      {"early", text_of(o.early)},
        {"metrics", names_of(o.metrics)},     {"mean_over", text_of(o.mean_over)},
        {"also", o.also ? "given" : "none"}};
    add_batches(out, "the training data", train);
    if (validation) add_batches(out, "the validation data", *validation);
    else out.push_back({"the validation data", "none"});
    out.push_back({"by_step", text_of(o.by_step, updates(o.epochs, train.batches))});
    out.push_back({"by_epoch", text_of(o.by_epoch, o.epochs)});
    return out;
}

std::vector<OfARun> facts(EvaluateOptions const& o, BatchFeed const& batches) {
    std::vector<OfARun> out{{"parts", std::to_string(parts_of_a_batch(o.parts, o.threads, o.ranks))},
                            {"metrics", names_of(o.metrics)},
                            {"mean_over", text_of(o.mean_over)}};
    add_batches(out, "the data", batches);
    return out;
}

void require_same(Ranks& ranks, char const* who, std::vector<OfARun> const& mine, Where where) {
    Packet all;
    for (auto const& fact : mine) put(all, fact.value);
    auto const of = gather(ranks, fmt::format("the start of {}", who), all, where);
    for (std::size_t r = 1; r < of.size(); ++r) {
        PacketReader first(of[0]), other(of[r]);
        for (auto const& fact : mine)
            if (auto const a = first.text(), b = other.text(); a != b)
                throw RankError(
                    fmt::format("{}: {}: {}: rank 0 has {}, and rank {} has {}: all ranks must have the same",
                                text(where), who, fact.name, a, r, b));
    }
}

}  // namespace unspool::core
