// Batches of sequences: padding, order, buckets, errors, and the way back to a position.
#include <nn/cells.hpp>
#include <numeric>
#include <set>
#include <unspool/nn/files/entry.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

Symbols counted(Index from, Index n) {
    Symbols out(static_cast<std::size_t>(n));
    std::iota(out.begin(), out.end(), from);
    return out;
}

/// Sequences i of i % 7 + 1 symbols, which begin with 100 i.
Sequences<Symbols, Symbols> some(Index n) {
    Sequences<Symbols, Symbols> out;
    for (Index i = 0; i < n; ++i)
        out.inputs.push_back(counted(100 * i, i % 7 + 1)), out.targets.push_back(counted(100 * i + 1, i % 7 + 1));
    return out;
}

using Order = std::vector<std::vector<Index>>;

template <class B> Order epoch(B& batches) {
    Order out;
    for (auto const& b : batches.epoch()) out.push_back(b.examples);
    return out;
}

std::multiset<Index> all_of(Order const& order) {
    std::multiset<Index> out;
    for (auto const& b : order) out.insert(b.begin(), b.end());
    return out;
}

/// What a checkpoint does: all numbers of one object, put into another, within their bounds.
template <class T> void copy_fields(T& from, T& to) {
    Fields f, g;
    from.fields(f), to.fields(g);
    BOOST_REQUIRE(f.all().size() == g.all().size());
    for (std::size_t i = 0; i < f.all().size(); ++i) {
        if (auto* x = std::get_if<BoundedIndex>(&f.all()[i].field)) {
            auto const& y = std::get<BoundedIndex>(g.all()[i].field);
            if (*x->at < y.low || *x->at > y.high) throw ValueError(f.all()[i].path + " is out of bounds");
            *y.at = *x->at;
        } else *std::get<std::uint64_t*>(g.all()[i].field) = *std::get<std::uint64_t*>(f.all()[i].field);
    }
}

Features<float> features(std::size_t steps, std::size_t n, float first) {
    Features<float> out({steps, n});
    std::iota(out.begin(), out.end(), first);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batches)

BOOST_AUTO_TEST_CASE(pad_symbols_and_their_targets) {
    SequenceBatches b(Sequences<Symbols, Symbols>{{{1, 2, 3}, {4}}, {{5, 6, 7}, {8}}},
                      {.size = 3, .shuffle = false, .padding = 9});
    auto const* x = b.next();
    BOOST_TEST((x->inputs == xt::xtensor<Index, 2>{{1, 4}, {2, 9}, {3, 9}}));
    BOOST_TEST((x->targets == xt::xtensor<Index, 2>{{5, 8}, {6, -100}, {7, -100}}));
    BOOST_TEST((x->mask() == xt::xtensor<float, 2>{{1, 1}, {1, 0}, {1, 0}}));
    BOOST_TEST(x->lengths == (std::vector<Index>{3, 1}), boost::test_tools::per_element());
    BOOST_TEST(x->target_lengths == (std::vector<Index>{3, 1}), boost::test_tools::per_element());
    BOOST_TEST(x->size() == 2);
    BOOST_TEST(x->steps() == 3);
    BOOST_TEST(x->weight() == 4);
    BOOST_TEST(b.next() == nullptr);
    BOOST_TEST(b.next() != nullptr);  // the next epoch
}

BOOST_AUTO_TEST_CASE(pad_features_batch_first) {
    Sequences<Features<float>, Index> data{{features(1, 2, 1), features(3, 2, 10)}, {7, 8}};
    SequenceBatches b(data, {.shuffle = false, .batch_first = true});
    auto const& x = *b.next();
    BOOST_TEST((x.inputs == xt::xtensor<float, 3>{{{1, 2}, {0, 0}, {0, 0}}, {{10, 11}, {12, 13}, {14, 15}}}));
    BOOST_TEST((x.mask() == xt::xtensor<float, 2>{{1, 0, 0}, {1, 1, 1}}));
    BOOST_TEST(x.targets == (std::vector<Index>{7, 8}), boost::test_tools::per_element());
    BOOST_TEST(x.weight() == 2);
    BOOST_TEST(x.steps() == 3);
}

BOOST_AUTO_TEST_CASE(have_parts) {
    Sequences<Features<double>, Features<double>> data;
    for (std::size_t i = 1; i < 5; ++i)
        data.inputs.push_back(features(i, 3, static_cast<float>(10 * i))),
            data.targets.push_back(features(i, 2, static_cast<float>(i)));
    for (bool batch_first : {false, true}) {
        SequenceBatches b(data, {.shuffle = false, .batch_first = batch_first});
        auto const& x = *b.next();
        auto const p  = x.part(1, 3);
        BOOST_TEST(p.size() == 2);
        BOOST_TEST(p.steps() == 4);
        BOOST_TEST(p.weight() == 5);
        BOOST_TEST(x.weight() == 10);
        BOOST_TEST(p.examples == (std::vector<Index>{1, 2}), boost::test_tools::per_element());
        xt::xarray<double> const expected = !batch_first
                                                ? xt::xarray<double>(xt::view(x.inputs, xt::all(), xt::range(1, 3)))
                                                : xt::xarray<double>(xt::view(x.inputs, xt::range(1, 3)));
        BOOST_TEST((p.inputs == expected));
        BOOST_TEST(xt::sum(p.targets)() == xt::sum(data.targets[1])() + xt::sum(data.targets[2])());
    }
}

BOOST_AUTO_TEST_CASE(have_every_sequence_once_in_an_epoch) {
    for (Index bucket : {0, 1, 3})
        for (bool drop : {false, true}) {
            SequenceBatches b(some(50), {.size = 8, .seed = 3, .bucket = bucket, .drop_last = drop});
            BOOST_TEST(b.batches() == (drop ? 6 : 7));
            Order const one = epoch(b), two = epoch(b);
            BOOST_TEST((one != two));
            for (Order const& o : {one, two}) {
                auto const all = all_of(o);
                BOOST_TEST(static_cast<Index>(o.size()) == b.batches());
                BOOST_TEST(all.size() == (drop ? 48u : 50u));
                BOOST_TEST(std::set<Index>(all.begin(), all.end()).size() == all.size());
            }
        }
}

BOOST_AUTO_TEST_CASE(in_buckets_are_of_similar_length) {
    SequenceBatches b(some(70), {.size = 10, .bucket = 1});
    std::set<Index> first_lengths;
    Order compositions;
    for (int epochs = 0; epochs < 3; ++epochs)
        for (auto const& x : b.epoch()) {
            BOOST_TEST(*std::min_element(x.lengths.begin(), x.lengths.end()) ==
                       x.steps());  // ten of each length: no padding at all
            if (x.number == 0) first_lengths.insert(x.steps());
        }
    BOOST_TEST(first_lengths.size() > 1u);  // the batches come in another order each time
    SequenceBatches c(some(700), {.size = 10, .bucket = 1});
    auto sets = [&] {
        std::set<std::set<Index>> out;
        for (auto const& x : c.epoch()) out.insert({x.examples.begin(), x.examples.end()});
        return out;
    };
    BOOST_TEST((sets() != sets()));  // and consist of others, of the same length
}

BOOST_AUTO_TEST_CASE(in_buckets_are_mixed_within_their_bucket) {
    Sequences<Symbols> data;
    for (Index i = 1; i <= 24; ++i) data.inputs.push_back(counted(0, i));  // all of other lengths
    auto sets = [](auto& b) {
        std::set<std::set<Index>> out;
        for (auto const& x : b.epoch()) out.insert({x.examples.begin(), x.examples.end()});
        return out;
    };
    SequenceBatches single(data, {.size = 4, .bucket = 1}), twin(data, {.size = 4, .bucket = 2});
    BOOST_TEST((sets(single) == sets(single)));
    auto const two = sets(twin);
    BOOST_TEST((two != sets(twin)));
    for (auto const& batch : two) BOOST_TEST(*batch.begin() / 8 == *batch.rbegin() / 8);

    SequenceBatches dropping(data, {.size = 5, .bucket = 1, .drop_last = true});
    std::set<Index> seen;
    for (int epochs = 0; epochs < 20; ++epochs)
        for (auto const& x : dropping.epoch()) seen.insert(x.examples.begin(), x.examples.end());
    BOOST_TEST(seen.size() == 24u);  // the longest, too
}

BOOST_AUTO_TEST_CASE(follow_from_the_seed_on_every_machine) {
    auto first = [](std::uint64_t seed) {
        SequenceBatches b(some(10), {.size = 5, .seed = seed});
        return epoch(b).front();
    };
    BOOST_TEST((first(1) == first(1)));
    BOOST_TEST((first(1) != first(2)));
    BOOST_TEST(first(1) == (std::vector<Index>{9, 1, 6, 4, 7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(go_on_where_they_were_saved) {
    for (Index bucket : {0, 2})
        for (int epochs : {0, 1}) {
            SequenceBatches a(some(50), {.size = 8, .seed = 5, .bucket = bucket}),
                b(some(50), {.size = 8, .seed = 6, .bucket = bucket});
            for (int e = 0; e < epochs; ++e) epoch(a);
            for (int i = 0; i < 3; ++i) a.next();
            b.next();
            copy_fields(a, b);
            for (int i = 0; i < 30; ++i) {
                auto const *x = a.next(), *y = b.next();
                BOOST_REQUIRE((x == nullptr) == (y == nullptr));
                if (x) BOOST_TEST((x->examples == y->examples && x->inputs == y->inputs && x->number == y->number));
            }
        }
}

BOOST_AUTO_TEST_CASE(go_on_after_a_loop_that_was_left) {
    SequenceBatches a(some(20), {.size = 4}), b(some(20), {.size = 4});
    Order left;
    for (auto const& x : a.epoch()) {
        left.push_back(x.examples);
        if (left.size() == 2) break;
    }
    for (auto const& x : a.epoch()) left.push_back(x.examples);
    BOOST_TEST((left == epoch(b)));
}

BOOST_AUTO_TEST_CASE(refuse_the_position_in_other_data) {
    SequenceBatches a(some(50), {.size = 8}), fewer(some(49), {.size = 8}), larger(some(50), {.size = 9});
    BOOST_CHECK_THROW(copy_fields(a, fewer), ValueError);
    BOOST_CHECK_THROW(copy_fields(a, larger), ValueError);
    Fields f;
    a.fields(f);
    auto const& batch = std::get<BoundedIndex>(f.all().back().field);
    BOOST_TEST(batch.high == 7);
}

BOOST_AUTO_TEST_CASE(refuse_what_makes_no_sense) {
    using Labelled = Sequences<Symbols, Index>;
    auto of        = [](auto data, BatchOptions o = {}) { return [=] { SequenceBatches b(data, o); }; };
    BOOST_TEST(has(message<ValueError>(of(Labelled{})), "batches: there are no examples"));
    BOOST_TEST(has(message<ValueError>(of(some(3), {.size = 0})), "batches.cpp:"));
    BOOST_TEST(has(message<ValueError>(of(some(3), {.size = 0})), "size is 0, but must be at least 1"));
    BOOST_TEST(has(message<ValueError>(of(some(3), {.size = 4, .drop_last = true})), "3 examples make no batch of 4"));
    BOOST_TEST(has(message<ValueError>(of(some(3), {.bucket = -1})), "bucket is -1"));
    BOOST_TEST(has(message<ShapeError>(of(Labelled{{{1}, {2}}, {1}})), "there are 2 inputs, but 1 targets"));
    BOOST_TEST(has(message<ValueError>(of(Labelled{{{1}, {}}, {1, 2}})), "input 1 has no steps"));
    BOOST_TEST(has(message<ShapeError>(of(Sequences<Symbols, Symbols>{{{1, 2}}, {{1}}})),
                   "target 0 has 1 steps, but its input 2"));
    SequenceBatches(Sequences<Symbols, Symbols>{{{1, 2}}, {{1}}}, {.aligned = false});
    using Unlabelled = Sequences<Features<float>>;
    BOOST_TEST(has(message<ShapeError>(of(Unlabelled{{features(2, 3, 0), features(2, 2, 0)}})),
                   "input 1 has 2 features, but input 0 has 3"));
    auto nan  = features(4, 2, 0);
    nan(3, 1) = std::nanf("");
    BOOST_TEST(
        has(message<ValueError>(of(Unlabelled{{features(1, 2, 0), nan}})), "input 1 is nan at step 3, feature 1"));
    SequenceBatches(Unlabelled{{nan}}, {.nan = true});
}

BOOST_AUTO_TEST_CASE(can_be_of_selected_sequences) {
    auto const all  = some(5);
    auto const part = select(all, {4, 1});
    BOOST_TEST((part.inputs == std::vector<Symbols>{all.inputs[4], all.inputs[1]}));
    BOOST_TEST((part.targets == std::vector<Symbols>{all.targets[4], all.targets[1]}));
    BOOST_TEST(has(message<IndexError>([&] { select(all, {5}); }), "example 5 was asked for, but there are 5"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(split)

BOOST_AUTO_TEST_CASE(parts_are_all_there_is) {
    DataSplit const s = random_split(100, 0.25, 7), again = random_split(100, 0.25, 7),
                    other = random_split(100, 0.25, 8);
    BOOST_TEST(s.validation.size() == 25u);
    BOOST_TEST((s.validation == again.validation && s.validation != other.validation));
    BOOST_TEST(all_of({s.train, s.validation}).size() == 100u);
    auto const all = all_of({s.train, s.validation});
    BOOST_TEST(std::set<Index>(all.begin(), all.end()).size() == 100u);
    BOOST_TEST(std::is_sorted(s.train.begin(), s.train.end()));
    BOOST_TEST(s.validation.front() < 50);  // not the last ones
    DataSplit const c = chronological_split(10, 0.3);
    BOOST_TEST((c.train == counted(0, 7) && c.validation == counted(7, 3)));
}

BOOST_AUTO_TEST_CASE(folds_validate_each_example_once) {
    auto const folds = k_fold(10, 3, 1);
    Order validation;
    for (DataSplit const& f : folds) {
        validation.push_back(f.validation);
        BOOST_TEST(f.train.size() + f.validation.size() == 10u);
        BOOST_TEST(all_of({f.train, f.validation}).count(0) == 1u);
    }
    BOOST_TEST((all_of(validation) == all_of({counted(0, 10)})));
}

BOOST_AUTO_TEST_CASE(refuses_empty_parts) {
    BOOST_TEST(has(message<ValueError>([] { random_split(3, 0.1, 1); }),
                   "split: 0.1 of 3 leaves 3 to train on and 0 to validate"));
    BOOST_CHECK_THROW(chronological_split(3, 0.9, {}), ValueError);
    BOOST_CHECK_THROW(random_split(0, 0.5, 1), ValueError);
    for (double f : {0.0, 1.0, -1.0, std::nan("")}) BOOST_CHECK_THROW(random_split(10, f, 1), ValueError);
    BOOST_CHECK_THROW(k_fold(3, 4, 1), ValueError);
    BOOST_CHECK_THROW(k_fold(3, 1, 1), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
