// Parameters: made, found, filled.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/params.hpp>

using namespace unspool;
using namespace unspool::core;

BOOST_AUTO_TEST_SUITE(params)

BOOST_AUTO_TEST_CASE(paths) {
    Params all;
    Params encoder = all / "encoder", cell = encoder / "cell";
    Param& w = cell.zeros("w", {2, 3});
    Param& b = encoder.constant("b", {3}, 7);
    Param& o = all.zeros("encoder2.b", {1});
    BOOST_TEST((w.path() == "encoder.cell.w" && b.path() == "encoder.b" && cell.path() == "encoder.cell"));
    BOOST_TEST((&all["encoder.cell.w"] == &w && &encoder["cell.w"] == &w && &cell["w"] == &w));
    BOOST_TEST((all.all() == std::vector<Param*>{&w, &b, &o}));
    BOOST_TEST((encoder.all() == std::vector<Param*>{&w, &b}));
    BOOST_TEST((all.count() == 10 && encoder.count() == 9 && cell.count() == 6));
    BOOST_TEST((&all["encoder/cell/w"] == &w && &encoder["cell/w"] == &w && &(all / "encoder/cell")["w"] == &w));
    BOOST_TEST((&(all / "encoder/")["cell/w"] == &w && &(cell / "")["w"] == &w &&
                &(all / "/")["encoder/cell/w"] == &w && &(all / "/encoder//")["cell/w"] == &w));
    BOOST_TEST((all.contains("encoder/b") && all.zeros("head/v", {1}).path() == "head.v"));
    BOOST_CHECK_THROW(all.zeros("encoder/b", {1}), NameError);
    BOOST_TEST((encoder.contains("b") && !encoder.contains("w") && !all.contains("b")));
}

BOOST_AUTO_TEST_CASE(refused) {
    Params p;
    p.zeros("a", {1}), p.zeros("b", {1});
    BOOST_CHECK_EXCEPTION(p.zeros("a", {2}), NameError,
                          [](auto& e) { return std::string(e.what()).ends_with(": there is a parameter a already"); });
    BOOST_CHECK_EXCEPTION(p["c"], NameError, [](auto& e) {
        return std::string(e.what()).ends_with(": there is no parameter c; there are: a, b");
    });
    BOOST_CHECK_THROW(p.zeros("", {1}), NameError);
    BOOST_CHECK_THROW(p.zeros("huge", {Index{1} << 40, Index{1} << 40}), ShapeError);
    BOOST_TEST(p.all().size() == 2u);
}

BOOST_AUTO_TEST_CASE(initial_values) {
    Params one(5), same(5), other(6), twofold(5, float64);
    Param& u = one.uniform("u", {40, 50}, -0.5, 0.25);
    Param& n = one.normal("n", {40, 50}, 3, 0.1);
    BOOST_TEST((u.value<float>() == same.uniform("u", {40, 50}, -0.5, 0.25).value<float>()));
    BOOST_TEST((n.value<float>() == same.normal("n", {40, 50}, 3, 0.1).value<float>()));
    BOOST_TEST(!(u.value<float>() == other.uniform("u", {40, 50}, -0.5, 0.25).value<float>()));
    BOOST_TEST(xt::allclose(u.value<float>(), twofold.uniform("u", {40, 50}, -0.5, 0.25).value<double>()));
    double sum = 0;
    for (float v : u.value<float>()) sum += v >= -0.5f && v < 0.25f ? static_cast<double>(v) : 1000;
    BOOST_TEST(std::abs(sum / 2000 + 0.125) < 0.02);
    sum = 0;
    for (float v : n.value<float>()) sum += static_cast<double>(v);
    BOOST_TEST(std::abs(sum / 2000 - 3) < 0.01);
}

BOOST_AUTO_TEST_CASE(reading_and_writing) {
    Params p;
    Param& w           = p.zeros("w", {2, 2});
    Param const& read  = w;
    auto const version = w.version();
    BOOST_TEST(read.value<float>()(1, 1) == 0);
    BOOST_TEST(w.version() == version);
    w.mutable_value<float>()(1, 0) = 5;
    BOOST_TEST((w.version() != version && read.value<float>()(1, 0) == 5));
    w.assign(xt::xarray<double>{{1, 2}, {3, 4}});
    BOOST_TEST((read.value<float>() == xt::xarray<float>{{1, 2}, {3, 4}}));
    w.assign(xt::transpose(xt::xarray<int>{{1, 2}, {3, 4}}) * 2);
    BOOST_TEST((read.value<float>() == xt::xarray<float>{{2, 6}, {4, 8}}));
    w.assign(3);
    BOOST_TEST((read.value<float>() == xt::xarray<float>{{3, 3}, {3, 3}}));
    auto const before = w.version();
    BOOST_CHECK_THROW(w.assign(xt::xarray<float>{1, 2}), ShapeError);
    BOOST_CHECK_THROW(w.value<double>(), TypeError);
    BOOST_CHECK_THROW(read.value<double>(), TypeError);
    BOOST_TEST((w.version() == before && read.value<float>()(0, 0) == 3));
}

BOOST_AUTO_TEST_CASE(scalars_and_nothing) {
    Params p;
    BOOST_TEST((p.constant("s", {}, 2).value<float>()() == 2 && p.zeros("none", {0, 3}).count() == 0));
}

BOOST_AUTO_TEST_CASE(one_may_start_as_an_array) {
    Params p(1, float64);
    xt::xarray<float> const start{{1, 2, 3}, {4, 5, 6}};
    Param& a = p.trained("a", start);
    Param& b = p.fixed("b", xt::broadcast(start, {2, 2, 3}));
    BOOST_TEST((a.trained() && !b.trained()));
    BOOST_TEST((a.value<double>() == start));
    BOOST_TEST((b.shape() == Shape{2, 2, 3} && b.value<double>()(1, 1, 2) == 6));
    BOOST_CHECK_THROW(p.trained("a", start), NameError);
}

BOOST_AUTO_TEST_CASE(all_as_one_list) {
    for (Dtype type : {float32, float64}) {
        Params p(1, type);
        Params net = p / "net";
        p.constant("other", {2}, 9);
        net.trained("a", xt::xarray<double>{{1, 2}, {3, 4}}), net.zeros("none", {0}),
            net.trained("b", xt::xarray<double>{5});
        BOOST_TEST((net.flatten() == std::vector<double>{1, 2, 3, 4, 5}));
        auto const version = p["net.b"].version();
        net.assign_flat(std::vector<double>{5, 4, 3, 2, 1});
        BOOST_TEST((net.flatten() == std::vector<double>{5, 4, 3, 2, 1}));
        BOOST_TEST((p.flatten() == std::vector<double>{9, 9, 5, 4, 3, 2, 1}));
        BOOST_TEST(p["net.b"].version() != version);  // a tape that read it knows
        BOOST_CHECK_EXCEPTION(net.assign_flat(std::vector<double>{1}), ShapeError, [](auto& e) {
            return std::string(e.what()).find("below net have 5 elements, the list assigned to them 1") !=
                   std::string::npos;
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()
