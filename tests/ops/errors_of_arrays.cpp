// What operations that lay out and join arrays say when they are called wrongly, word for word; and that the tape is then as it was.
#include <ops/errors.hpp>

namespace errors_of_ops {

BOOST_FIXTURE_TEST_SUITE(errors_of_arrays, Recorded)

BOOST_AUTO_TEST_CASE(views) {
    refuses<IndexError>([&] { return x[At(2, here)]; },
                        "mgu.cpp:23: index 2 is outside x, whose first axis has size 2");
    refuses<IndexError>([&] { return x[At(-3, here)]; },
                        "mgu.cpp:23: index -3 is outside x, whose first axis has size 2");
    refuses<IndexError>([&] { return s[At(0, here)]; }, "mgu.cpp:23: s is a scalar: it cannot be indexed");
    refuses<IndexError>([&] { return index(x, 1, 5, here); },
                        "mgu.cpp:23: index: 5 is outside axis 1, of size 5\n      x  [2,5]");
    refuses<IndexError>([&] { return index(x, 2, 0, here); }, "mgu.cpp:23: index: there is no axis 2\n      x  [2,5]");
    refuses<IndexError>([&] { return slice(x, -1, 2, 6, here); },
                        "mgu.cpp:23: slice: [2, 6) is not within axis -1, of size 5\n      x  [2,5]");
    refuses<IndexError>([&] { return slice(x, 1, 3, -3, here); },
                        "mgu.cpp:23: slice: [3, -3) is not within axis 1, of size 5\n      x  [2,5]");
    refuses<IndexError>([&] { return slice(x, -3, 0, 1, here); },
                        "mgu.cpp:23: slice: there is no axis -3\n      x  [2,5]");
    refuses<ShapeError>([&] { return split<4>(x, -1, here); },
                        "mgu.cpp:23: split: axis -1 cannot be split into 4 equal pieces\n      x  [2,5]");
    refuses<ShapeError>([&] { return split(x, 0, 0, here); },
                        "mgu.cpp:23: split: axis 0 cannot be split into 0 equal pieces\n      x  [2,5]");
    refuses<IndexError>([&] { return piece(x, 5, 5, 1, here); },
                        "mgu.cpp:23: split: there is no piece 5 of 5\n      x  [2,5]");
    refuses<IndexError>([&] { return split<2>(x, 2, here); }, "mgu.cpp:23: split: there is no axis 2\n      x  [2,5]");
    refuses<ShapeError>(
        [&] {
            return transpose(x, {0, 0}, here);
        },
        "mgu.cpp:23: transpose: [0,0] is not an order of its axes\n      x  [2,5]");
    refuses<ShapeError>([&] { return transpose(x, {0}, here); },
                        "mgu.cpp:23: transpose: [0] is not an order of its axes\n      x  [2,5]");
    refuses<IndexError>(
        [&] {
            return transpose(x, {0, 2}, here);
        },
        "mgu.cpp:23: transpose: there is no axis 2\n      x  [2,5]");
}

BOOST_AUTO_TEST_CASE(reshapes) {
    refuses<ShapeError>(
        [&] {
            return reshape(x, {3, 3}, here);
        },
        "mgu.cpp:23: reshape: 10 elements do not make the shape [3,3]\n      x  [2,5]");
    refuses<ShapeError>(
        [&] {
            return reshape(x, {3, -1}, here);
        },
        "mgu.cpp:23: reshape: 10 elements do not make the shape [3,-1]\n      x  [2,5]");
    refuses<ShapeError>(
        [&] {
            return reshape(x, {-1, -1}, here);
        },
        "mgu.cpp:23: reshape: 10 elements do not make the shape [-1,-1]\n      x  [2,5]");
    refuses<ShapeError>(
        [&] {
            return reshape(x, {0, -1}, here);
        },
        "mgu.cpp:23: reshape: 10 elements do not make the shape [0,-1]\n      x  [2,5]");
    refuses<ShapeError>(
        [&] {
            return reshape(x, {-2, -5}, here);
        },
        "mgu.cpp:23: reshape: 10 elements do not make the shape [-2,-5]\n      x  [2,5]");
    refuses<ShapeError>(
        [&] {
            return reshape(transpose(x), {3, 4}, here);
        },  // which would copy
        "mgu.cpp:23: reshape: 10 elements do not make the shape [3,4]\n      xᵀ  [5,2]");
}

BOOST_AUTO_TEST_CASE(joins) {
    refuses<ShapeError>(
        [&] {
            return concat({x, s}, 0, here);
        },
        "mgu.cpp:23: concat: the shapes differ along more than axis 0\n"
        "      x  [2,5]\n"
        "      s  []");
    refuses<ShapeError>(
        [&] {
            return concat({x, y, y}, 0, here);
        },
        "mgu.cpp:23: concat: the shapes differ along more than axis 0\n"
        "      x  [2,5]\n"
        "      y  [2,3]\n"
        "      y  [2,3]");
    refuses<IndexError>(
        [&] {
            return concat({x, y}, 2, here);
        },
        "mgu.cpp:23: concat: there is no axis 2\n      x  [2,5]");
    refuses<ValueError>([&] { return concat(std::span<Var const>{}, 0, here); },
                        "mgu.cpp:23: concat needs at least one operand");
    refuses<ShapeError>(
        [&] {
            return stack({x, y}, 0, here);
        },
        "mgu.cpp:23: stack: the leading axes of y differ from those before it\n"
        "    expected  [...]+ -> [?]\n"
        "      x  [2,5]\n"
        "      y  [2,3]");
    refuses<IndexError>(
        [&] {
            return stack({x, x}, 3, here);
        },
        "mgu.cpp:23: stack: there is no axis 3\n      x  [2,5]");
    refuses<ValueError>([&] { return stack(std::span<Var const>{}, 0, here); },
                        "mgu.cpp:23: stack needs at least one operand");
}

BOOST_AUTO_TEST_CASE(recurrences_and_rolls) {
    refuses<ShapeError>([&] { return linear_recurrence(x, y, here); },
                        "mgu.cpp:23: linear_recurrence: x and y do not broadcast\n"
                        "    expected  [t,...] [t,...] [...] -> [t,...]\n"
                        "      x  [2,5]\n"
                        "      y  [2,3]");
    refuses<ShapeError>([&] { return linear_recurrence(y, y, x, here); },
                        "mgu.cpp:23: linear_recurrence: x does not broadcast to a step, [3]\n"
                        "    expected  [t,...] [t,...] [...] -> [t,...]\n"
                        "      y  [2,3]\n"
                        "      y  [2,3]\n"
                        "      x  [2,5]");
    refuses<ShapeError>([&] { return linear_recurrence(s, s, here); },
                        "mgu.cpp:23: linear_recurrence: a scalar has no steps\n"
                        "    expected  [t,...] [t,...] [...] -> [t,...]\n"
                        "      s  []\n"
                        "      s  []");
    refuses<IndexError>([&] { return roll(x, 1, 2, here); }, "mgu.cpp:23: roll: there is no axis 2\n      x  [2,5]");
    refuses<IndexError>([&] { return logcumsumexp(s, 0, here); },
                        "mgu.cpp:23: logcumsumexp: there is no axis 0\n      s  []");
}

BOOST_AUTO_TEST_CASE(convolutions_and_sums_by_letters) {
    refuses<ShapeError>([&] { return conv1d(x, W, {}, here); }, "mgu.cpp:23: conv1d: x must have 3 axes\n"
                                                                "    expected  [b,c,l] [o,d,k] -> [?]\n"
                                                                "      x       [2,5]\n"
                                                                "      mgu.Wf  [4,3]");
    refuses<ShapeError>(
        [&] {
            return conv2d(reshape(x, {1, 1, 2, 5}), unsqueeze(y, 0), {}, here);
        },
        "mgu.cpp:23: conv2d: y must have 4 axes\n"
        "    expected  [b,c,h,w] [o,d,k,l] -> [?]\n"
        "      x  [1,1,2,5]\n"
        "      y  [1,2,3]");
    refuses<ShapeError>([&] { return einsum("ij,kj->ik", x, W, here); },
                        "mgu.cpp:23: einsum: \"ij,kj->ik\": j is 5 in x but 3 in mgu.Wf\n"
                        "      x       [2,5]\n"
                        "      mgu.Wf  [4,3]");
    refuses<ValueError>([&] { return einsum("ij", x, here); },
                        "mgu.cpp:23: einsum: \"ij\": there is no ->\n      x  [2,5]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace errors_of_ops
