// What operations say when they are called wrongly, word for word; and that the tape is then as it was.
#include <ops/errors.hpp>

namespace errors_of_ops {

BOOST_FIXTURE_TEST_SUITE(errors, Recorded)

BOOST_AUTO_TEST_CASE(products) {
    refuses<ShapeError>([&] { return Var(linear(x, W, here)); }, "mgu.cpp:23: linear: k is 5 in x but 3 in mgu.Wf\n"
                                                                 "    expected  [...,k] [n,k] -> [...,n]\n"
                                                                 "      x       [2,5]\n"
                                                                 "      mgu.Wf  [4,3]");
    refuses<ShapeError>([&] { return Var(linear(y, W, v, here)); }, "mgu.cpp:23: linear: n is 4 in mgu.Wf but 3 in v\n"
                                                                    "    expected  [...,k] [n,k] [n] -> [...,n]\n"
                                                                    "      y       [2,3]\n"
                                                                    "      mgu.Wf  [4,3]\n"
                                                                    "      v       [3]");
    refuses<ShapeError>([&] { return Var(linear(s, W, here)); }, "mgu.cpp:23: linear: s must have at least 1 axis\n"
                                                                 "    expected  [...,k] [n,k] -> [...,n]\n"
                                                                 "      s       []\n"
                                                                 "      mgu.Wf  [4,3]");
    refuses<ShapeError>([&] { return Var(linear(y, v, here)); }, "mgu.cpp:23: linear: v must have 2 axes\n"
                                                                 "    expected  [...,k] [n,k] -> [...,n]\n"
                                                                 "      y  [2,3]\n"
                                                                 "      v  [3]");
    refuses<ShapeError>([&] { return matmul(x, y, here); }, "mgu.cpp:23: matmul: k is 5 in x but 2 in y\n"
                                                            "    expected  [m,k] [k,n] -> [m,n]\n"
                                                            "      x  [2,5]\n"
                                                            "      y  [2,3]");
    refuses<TapeError>(
        [&] { return matmul(W, W, here); },
        "mgu.cpp:23: matmul: all operands are parameters, so that no tape is known: use tape.lift(parameter) for one");
    refuses<TapeError>(
        [&] {
            return broadcast_to(xt::xarray<double>{1, 2}, {3, 2}, here);
        },
        "mgu.cpp:23: broadcast_to: all operands are parameters, terms of them, or arrays, so that no tape is known: "
        "use tape.lift(parameter) or tape.constant(array) for one");
}

BOOST_AUTO_TEST_CASE(a_call_whose_arguments_are_terms) {  // which are recorded before the call fails
    refuses<ShapeError>([&] { return Var(linear(x * 2, W, here)); },
                        "mgu.cpp:23: linear: k is 5 in x * 2 but 3 in mgu.Wf\n"
                        "    expected  [...,k] [n,k] -> [...,n]\n"
                        "      x * 2   [2,5]\n"
                        "      mgu.Wf  [4,3]");
    refuses<ShapeError>([&] { return matmul(x * 2, tanh(y + 1), here); },
                        "mgu.cpp:23: matmul: k is 5 in x * 2 but 2 in tanh(y + 1)\n"
                        "    expected  [m,k] [k,n] -> [m,n]\n"
                        "      x * 2        [2,5]\n"
                        "      tanh(y + 1)  [2,3]");
}

BOOST_AUTO_TEST_CASE(a_sum_of_products) {
    Param& V = params.uniform("mgu.Uf", {6, 3}, -1, 1);
    refuses<ShapeError>([&] { return Var(linear(y, W) + linear(y, V), here); },
                        "mgu.cpp:23: mgu.Wf·y + mgu.Uf·y: shapes do not broadcast\n"
                        "    expected  sizes that are equal or 1, axis by axis from the last\n"
                        "      mgu.Wf·y  [2,4]\n"
                        "      mgu.Uf·y  [2,6]");
    refuses<ShapeError>([&] { return Var(linear(y, W) + linear(x, W, here), here); },
                        "mgu.cpp:23: linear: k is 5 in x but 3 in mgu.Wf\n"
                        "    expected  [...,k] [n,k] -> [...,n]\n"
                        "      x       [2,5]\n"
                        "      mgu.Wf  [4,3]");
}

BOOST_AUTO_TEST_CASE(a_product_of_a_strided_operand) {  // which is copied before the product fails
    Var const strided = transpose(tape.input(xt::ones<double>({3, 2, 4}), "q"), {1, 0, 2});
    Var const crossed = transpose(strided);
    NodeId const size = tape.size();
    BOOST_CHECK_THROW(Var(linear(crossed, W, here)), ShapeError);
    BOOST_TEST(tape.size() == size);
    BOOST_TEST(gradient() == 8);
}

BOOST_AUTO_TEST_CASE(statements) {
    refuses<ShapeError>([&] { return Var(x * 2.0 + y, here); },
                        "mgu.cpp:23: x * 2 + y: shapes do not broadcast\n"
                        "    expected  sizes that are equal or 1, axis by axis from the last\n"
                        "      x  [2,5]\n"
                        "      y  [2,3]");
    refuses<ShapeError>([&] { return Var(x + W + x, here); },
                        "mgu.cpp:23: x + mgu.Wf + x: shapes do not broadcast\n"
                        "    expected  sizes that are equal or 1, axis by axis from the last\n"
                        "      x       [2,5]\n"
                        "      mgu.Wf  [4,3]");
    refuses<ShapeError>([&] { return Var(where(x > 0, log(x), W), here); },
                        "mgu.cpp:23: where(x > 0, log(x), mgu.Wf): shapes do not broadcast\n"
                        "    expected  sizes that are equal or 1, axis by axis from the last\n"
                        "      x       [2,5]\n"
                        "      mgu.Wf  [4,3]");
    refuses<ShapeError>([&] { return Var(leaky_relu(x, v), here); },
                        "mgu.cpp:23: leaky_relu(x, v): shapes do not broadcast\n"
                        "    expected  sizes that are equal or 1, axis by axis from the last\n"
                        "      x  [2,5]\n"
                        "      v  [3]");
    Tape other(float64);
    Var const elsewhere = other.input(1.0, "elsewhere");
    refuses<TapeError>([&] { return Var(fma(2, x, elsewhere), here); }, "mgu.cpp:23: elsewhere is on another tape");
    refuses<TapeError>([&] { return Var(x + elsewhere, here); }, "mgu.cpp:23: elsewhere is on another tape");
    refuses<TapeError>([&] { return Var(x + Var(), here); },
                       "mgu.cpp:23: an empty Var was used: it was declared, but no value was assigned to it");
}

BOOST_AUTO_TEST_CASE(reductions) {
    refuses<IndexError>([&] { return sum(x, 2, Reduced::drop, here); },
                        "mgu.cpp:23: sum: there is no axis 2 in the shape [2,5]");
    refuses<IndexError>(
        [&] {
            return mean(x * y[0][0], {0, -3}, Reduced::keep, here);
        },
        "mgu.cpp:23: mean: there is no axis -3 in the shape [2,5]");
}

BOOST_AUTO_TEST_CASE(axes_that_are_named_twice) {
    Axes const twice{0, -2};
    for (auto const &f : {+[](Var a, Axes const&b) { return sum(a, b, Reduced::drop, here); },
                          +[](Var a, Axes const&b) { return sum(a * 2, b, Reduced::drop, here); }})
        refuses<IndexError>([&] { return f(x, twice); }, "mgu.cpp:23: sum: axis 0 of the shape [2,5] is named twice");
    refuses<IndexError>([&] { return mean(x, twice, Reduced::keep, here); },
                        "mgu.cpp:23: mean: axis 0 of the shape [2,5] is named twice");
    auto const named = [](std::string const& op) {
        return "mgu.cpp:23: " + op + ": axis 0 is named twice\n      x  [2,5]";
    };
    refuses<IndexError>([&] { return max(x, twice, Reduced::drop, here); }, named("max"));
    refuses<IndexError>([&] { return prod(x, twice, Reduced::drop, here); }, named("prod"));
    refuses<IndexError>([&] { return norm2(x, twice, Reduced::drop, here); }, named("norm2"));
    refuses<IndexError>([&] { return var(x, twice, Reduced::drop, 1, here); }, named("var"));
    refuses<IndexError>([&] { return stddev(x, twice, Reduced::drop, 1, here); }, named("stddev"));
    refuses<IndexError>([&] { return logsumexp(x, twice, Reduced::drop, here); }, named("logsumexp"));
    refuses<IndexError>([&] { return layer_norm(x, twice, 1e-5, here); }, named("layer_norm"));
    refuses<IndexError>([&] { return squeeze(x, twice, here); }, named("squeeze"));
}

BOOST_AUTO_TEST_CASE(rows_and_targets) {
    refuses<IndexError>(
        [&] {
            return embedding(tape, W, std::array{3, 4}, here);
        },
        "mgu.cpp:23: embedding: number 4, at place 1, is not that of a row of mgu.Wf\n      mgu.Wf  [4,3]");
    refuses<IndexError>([&] { return embedding(tape, y, std::array{-1}, here); },
                        "mgu.cpp:23: embedding: number -1, at place 0, is not that of a row of y\n      y  [2,3]");
    refuses<ShapeError>([&] { return embedding(tape, v, std::array{0}, here); },
                        "mgu.cpp:23: embedding: v must have 2 axes\n"
                        "    expected  [v,d] -> [?]\n"
                        "      v  [3]");
    refuses<IndexError>(
        [&] {
            return cross_entropy(x, std::array{0, 5}, Over::mean, -100, here);
        },
        "mgu.cpp:23: cross_entropy: target 5, at place 1, is not one of 5 classes\n      x  [2,5]");
    refuses<IndexError>(
        [&] {
            return cross_entropy(x, std::array{-1, 0}, Over::mean, -100, here);
        },
        "mgu.cpp:23: cross_entropy: target -1, at place 0, is not one of 5 classes\n      x  [2,5]");
    refuses<ShapeError>([&] { return cross_entropy(x, std::array{0}, Over::mean, -100, here); },
                        "mgu.cpp:23: cross_entropy: the targets have the shape [1] where [2] was expected\n"
                        "    expected  one target for each index of the axes before the last\n"
                        "      x        [2,5]\n"
                        "      targets  [1]");
    refuses<ShapeError>([&] { return cross_entropy(s, xt::xarray<int>(0), Over::mean, -100, here); },
                        "mgu.cpp:23: cross_entropy: s must have at least 1 axis\n"
                        "    expected  [...,c] -> [?]\n"
                        "      s  []");
    refuses<IndexError>([&] { return log_softmax(s, -1, here); }, "mgu.cpp:23: log_softmax: there is no axis -1\n"
                                                                  "      s  []");
}

BOOST_AUTO_TEST_CASE(the_line_of_the_user_is_captured) {
    auto const line_of = [](auto f) {
        try {
            f();
        } catch (Error const& e) { return std::string(e.what()).substr(0, std::string(e.what()).find(": ")); }
        return std::string("nothing");
    };
    auto const line = [](unsigned n) { return "errors.cpp:" + std::to_string(n); };
    BOOST_TEST(line_of([&] { return matmul(x, y); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return Var(linear(x, W)); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return Var(x + y); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return x[7]; }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return split<3>(x); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return sum(x, 4); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return concat({x, y}, 0); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return embedding(tape, y, std::array{9}); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return cross_entropy(x, std::array{0, 9}); }) == line(__LINE__));
    BOOST_TEST(line_of([&] { return reshape(x, {7}); }) == line(__LINE__));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace errors_of_ops
