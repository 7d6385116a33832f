// Convolutions against a loop over their definition, with all options.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <ops/checks.hpp>
#include <unspool/autograd/tape/label.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using ConvolvedTypes = boost::mpl::list<float, double>;
using Images         = xt::xarray<double>;

/// y_boij = Σ_ckl w_ockl x_bcmn: one number after the other.
Images convolved_by_loops(Images const& x, Images const& w, Conv2dOptions const& o) {
    auto const size = [](std::size_t n, std::size_t k, Index stride, Index padding, Index dilation) {
        Index out = 0;
        while (out * stride + dilation * (Index(k) - 1) < Index(n) + 2 * padding) ++out;
        return std::size_t(out);
    };
    Images y            = xt::zeros<double>({x.shape(0), w.shape(0),
                                             size(x.shape(2), w.shape(2), o.stride.height, o.padding.height, o.dilation.height),
                                             size(x.shape(3), w.shape(3), o.stride.width, o.padding.width, o.dilation.width)});
    Index const outputs = Index(w.shape(0)) / o.groups;
    each_index(Shape::of(y.shape()), [&](Index const* at) {
        each_index(Shape{Index(w.shape(1)), Index(w.shape(2)), Index(w.shape(3))}, [&](Index const* k) {
            Index const c = at[1] / outputs * Index(w.shape(1)) + k[0],
                        i = at[2] * o.stride.height + k[1] * o.dilation.height - o.padding.height,
                        j = at[3] * o.stride.width + k[2] * o.dilation.width - o.padding.width;
            if (i >= 0 && i < Index(x.shape(2)) && j >= 0 && j < Index(x.shape(3)))
                y(at[0], at[1], at[2], at[3]) += w(at[1], k[0], k[1], k[2]) * x(at[0], c, i, j);
        });
    });
    return y;
}

template <Real T> constexpr double convolved_to = std::same_as<T, float> ? 1e-5 : 1e-13;

}  // namespace

BOOST_AUTO_TEST_SUITE(convolutions)

BOOST_AUTO_TEST_CASE_TEMPLATE(of_images_are_their_sums, T, ConvolvedTypes) {
    for (Index groups : {1, 2})
        for (PerAxis stride : {PerAxis{1}, PerAxis{2, 3}})
            for (PerAxis padding : {PerAxis{0}, PerAxis{1, 2}, PerAxis{5, 4}})
                for (PerAxis dilation : {PerAxis{1}, PerAxis{2, 1}, PerAxis{1, 3}})
                    for (Shape kernel : {Shape{1, 1}, Shape{2, 3}, Shape{3, 2}}) {
                        Images const x = checks::ordinary({2, 4, 6, 7}, 1),
                                     w = checks::ordinary({6, 4 / groups, kernel[0], kernel[1]}, 2);
                        Conv2dOptions const how{stride, padding, dilation, groups};
                        Tape tape(dtype_of<T>);
                        Var const y = conv2d(tape.input(x), tape.input(w), how);
                        BOOST_TEST(golden::near(y.value<T>(), convolved_by_loops(x, w, how), convolved_to<T>),
                                   text(y.shape()));
                    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_sequences_are_their_sums, T, ConvolvedTypes) {
    for (Index length : {5, 8, 33, 700})
        for (Index stride : {1, 3})
            for (Index padding : {0, 2, 6})
                for (Index dilation : {1, 2}) {
                    Images const x = checks::ordinary({3, 4, length}, 1), w = checks::ordinary({2, 2, 3}, 2);
                    Images wide = x, kernel = w;
                    wide.reshape({3, 4, 1, int(length)}), kernel.reshape({2, 2, 1, 3});
                    Images want = convolved_by_loops(wide, kernel, {{1, stride}, {0, padding}, {1, dilation}, 2});
                    want.reshape({3, 2, int(want.shape(3))});
                    Tape tape(dtype_of<T>);
                    Var const y = conv1d(tape.input(x), tape.input(w),
                                         {.stride = stride, .padding = padding, .dilation = dilation, .groups = 2});
                    BOOST_TEST(golden::near(y.value<T>(), want, convolved_to<T>), text(y.shape()));
                }
}

BOOST_AUTO_TEST_CASE(of_so_much_that_it_goes_in_parts) {  // of some rows, and of a part of one
    for (Shape image : {Shape{9, 30}, Shape{2, 150}}) {
        Images const x = checks::ordinary({2, 128, image[0], image[1]}, 1), w = checks::ordinary({2, 64, 3, 3}, 2);
        Conv2dOptions const how{.stride = {1, 2}, .padding = {1, 2}, .groups = 2};
        Tape tape(float64);
        Var const xs = tape.input(x), ws = tape.input(w), y = conv2d(xs, ws, how);
        BOOST_TEST(golden::near(y.value<double>(), convolved_by_loops(x, w, how), 1e-12));
        Images const g = checks::ordinary(y.shape(), 3), dx = backward(y, g)[xs], dw = backward(y, g)[ws];
        Images const u = checks::ordinary(xs.shape(), 4), v = checks::ordinary(ws.shape(), 5);  // it is linear in each
        double const by_x = xt::sum(g * convolved_by_loops(u, w, how))(),
                     by_w = xt::sum(g * convolved_by_loops(x, v, how))();
        BOOST_TEST(xt::sum(dx * u)() == by_x, boost::test_tools::tolerance(1e-11));
        BOOST_TEST(xt::sum(dw * v)() == by_w, boost::test_tools::tolerance(1e-11));
    }
}

BOOST_AUTO_TEST_CASE(of_views_and_of_nothing) {
    Tape tape(float64);
    Images const x = checks::ordinary({5, 2, 3}, 1), w = checks::ordinary({3, 4, 2}, 2);  // sequences [T,B,C]
    Var const xs = tape.input(x), ws = tape.input(w),
              y = conv1d(transpose(xs, {1, 2, 0}), transpose(flip(ws, 2), {1, 0, 2}), {.padding = 1});
    for (Index t = 0; t < 6; ++t)
        for (Index b = 0; b < 2; ++b)
            for (Index o = 0; o < 4; ++o) {
                double want = 0;
                for (Index k = 0; k < 2; ++k)
                    for (Index c = 0; c < 3 && t + k >= 1 && t + k < 6; ++c)
                        want += w(c, o, 1 - k) * x(t + k - 1, b, c);
                BOOST_TEST(std::abs(y.value<double>()(b, o, t) - want) < 1e-13);
            }
    auto const nothing = [&](std::vector<std::size_t> const& shape) { return tape.input(Images::from_shape(shape)); };
    BOOST_TEST((conv1d(nothing({0, 3, 5}), nothing({4, 3, 2})).shape() == Shape{0, 4, 4}));
    BOOST_TEST((conv1d(nothing({2, 3, 5}), nothing({0, 3, 2})).shape() == Shape{2, 0, 4}));
    BOOST_TEST(
        golden::near(conv1d(nothing({1, 0, 3}), nothing({1, 0, 2})).value<double>(), xt::zeros<double>({1, 1, 2}), 0));
}

BOOST_AUTO_TEST_CASE(say_what_does_not_fit) {
    Tape tape(float64);
    Var x = tape.input(checks::ordinary({2, 4, 5}, 1), "x"), w = tape.input(checks::ordinary({6, 4, 3}, 2), "w");
    auto const message = [&](Conv1dOptions const& how) -> std::string {
        try {
            conv1d(x, w, how, {"net.cpp", 7});
        } catch (Error const& e) { return std::string(e.what()).substr(0, std::string(e.what()).find('\n')); }
        return "";
    };
    BOOST_TEST(message({.stride = 0}) == "net.cpp:7: conv1d: stride is 0, and must be at least 1");
    BOOST_TEST(message({.padding = -1}) == "net.cpp:7: conv1d: padding is -1, and must be at least 0");
    BOOST_TEST(message({.dilation = 0}) == "net.cpp:7: conv1d: dilation is 0, and must be at least 1");
    BOOST_TEST(message({.groups = 3}) == "net.cpp:7: conv1d: 3 groups do not divide 4 channels and 6 outputs");
    BOOST_TEST(message({.groups = 2}) == "net.cpp:7: conv1d: w takes 4 channels where a group has 2");
    BOOST_TEST(message({.dilation = 3}) ==
               "net.cpp:7: conv1d: along axis 2 the kernel spans 7 elements of 5, padding included");
    BOOST_TEST(message({.padding = PTRDIFF_MAX / 2}) == "net.cpp:7: conv1d: no array can be so large");
    BOOST_CHECK_THROW(conv1d(x, w, {.groups = 0}), ValueError);
    BOOST_CHECK_THROW(conv2d(x, w), ShapeError);
    BOOST_CHECK_THROW(conv1d(x, tape.input(Images::from_shape({6, 4, 0}))), ShapeError);
}

BOOST_AUTO_TEST_CASE(what_is_recorded_names_its_options) {
    Tape tape(float64);
    Var x = tape.input(checks::ordinary({1, 2, 5, 5}, 1), "x"), w = tape.input(checks::ordinary({2, 1, 2, 2}, 2), "w");
    NodeId const before = tape.size();
    Var const y         = conv2d(x, w, {.stride = {2, 1}, .padding = 1, .groups = 2});
    BOOST_TEST(tape.size() == before + 1);
    BOOST_TEST(formula_of(tape, *tape.nodes()[y.window().node]) == "conv2d(x, w, stride 2 × 1, padding 1, groups 2)");
    Var const z = conv1d(index(x, 2, 0), index(w, 2, 0), {.stride = 2, .groups = 2});
    BOOST_TEST(formula_of(tape, *tape.nodes()[z.window().node]).ends_with(", stride 2, groups 2)"));
}

BOOST_AUTO_TEST_SUITE_END()
