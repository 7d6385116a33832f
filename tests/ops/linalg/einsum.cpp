// Sums of products by letters against a loop over all of them.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <ops/checks.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using LetteredTypes = boost::mpl::list<float, double>;
using Numbers       = xt::xarray<double>;

constexpr Index size_of_letter(char c) { return c == 'b' ? 2 : c == 'i' ? 3 : c == 'j' ? 4 : c == 'k' ? 5 : 2; }

Shape shape_of_letters(std::string const& letters) {
    Shape out;
    for (char c : letters) out.push_back(size_of_letter(c));
    return out;
}
/// For each way to number all letters, adds the product of what the operands have there.
Numbers summed_by_loops(std::string const& a, std::string const& b, std::string const& result, Numbers const& x,
                        Numbers const& y) {
    std::string all;
    for (char c : a + b)
        if (all.find(c) == std::string::npos) all += c;
    Shape const shape = shape_of_letters(result);
    Numbers out       = xt::zeros<double>(std::vector<std::size_t>(shape.begin(), shape.end()));
    each_index(shape_of_letters(all), [&](Index const* at) {
        auto const place = [&](std::string const& letters) {
            std::vector<std::size_t> p;
            for (char c : letters) p.push_back(std::size_t(at[all.find(c)]));
            return p;
        };
        auto const to = place(result), p = place(a), q = place(b);
        out.element(to.begin(), to.end()) += x.element(p.begin(), p.end()) * y.element(q.begin(), q.end());
    });
    return out;
}

std::string first_line_of_einsum(std::string_view letters, Var x, Var y) {
    try {
        einsum(letters, x, y, {"net.cpp", 7});
    } catch (Error const& e) { return std::string(e.what()).substr(0, std::string(e.what()).find('\n')); }
    return "nothing";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(einsums)

BOOST_AUTO_TEST_CASE_TEMPLATE(of_two_operands_are_their_sums, T, LetteredTypes) {
    for (auto [a, b, result] : std::initializer_list<std::array<std::string, 3>>{
             {"ij", "jk", "ik"},    {"ij", "jk", "ki"},       {"ji", "kj", "ik"},         {"bij", "bjk", "bik"},
             {"ibj", "kjb", "kib"}, {"bcij", "cbjk", "cikb"}, {"ijk", "kjb", "ib"},       {"ijk", "kjb", "bi"},
             {"tbk", "bk", "bt"},   {"k", "ki", "i"},         {"ik", "k", "i"},           {"i", "i", ""},
             {"i", "j", "ij"},      {"i", "j", "ji"},         {"ij", "ij", "ij"},         {"ij", "ji", "j"},
             {"ij", "kl", "ikjl"},  {"ij", "k", ""},          {"ij", "jk", "j"},          {"ij", "jk", ""},
             {"", "ij", "ji"},      {"ii", "ij", "j"},        {"iji", "ik", "kj"},        {"iii", "i", "i"},
             {"bijc", "bckj", "k"}, {"bij", "ck", "ijkcb"},   {"bcijkl", "bcijkl", "lc"}, {"ijkl", "lkmb", "bimj"}}) {
        Numbers const x = checks::ordinary(shape_of_letters(a), 1), y = checks::ordinary(shape_of_letters(b), 2);
        Tape tape(dtype_of<T>);
        std::string const letters = a + "," + b + "->" + result;
        Var const z               = einsum(letters, tape.input(x), tape.input(y));
        BOOST_TEST(
            golden::near(z.value<T>(), summed_by_loops(a, b, result, x, y), std::same_as<T, float> ? 1e-5 : 1e-13),
            letters);
    }
}

BOOST_AUTO_TEST_CASE(of_one_operand_are_its_sums) {
    for (auto [a, result] : std::initializer_list<std::array<std::string, 2>>{{"ij", "ij"},
                                                                              {"ij", "ji"},
                                                                              {"ij", ""},
                                                                              {"ijk", "j"},
                                                                              {"ijk", "kj"},
                                                                              {"ii", ""},
                                                                              {"ii", "i"},
                                                                              {"", ""},
                                                                              {"iijj", "ji"},
                                                                              {"bibi", "ib"},
                                                                              {"ijij", ""},
                                                                              {"iii", "i"}}) {
        Numbers const x = checks::ordinary(shape_of_letters(a), 1);
        Tape tape(float64);
        BOOST_TEST(golden::near(einsum(a + "->" + result, tape.input(x)).value<double>(),
                                summed_by_loops(a, "", result, x, Numbers(1.0)), 1e-13),
                   a << "->" << result);
    }
}

BOOST_AUTO_TEST_CASE(a_product_takes_no_copy_and_one_node_where_there_is_one) {
    Tape tape(float64);
    Var const x = tape.input(checks::ordinary({5, 2, 4}, 1)), q = tape.input(checks::ordinary({2, 4}, 2));
    for (auto letters : {"tbd,bd->bt", "tbd,bd->tb", "tbd,bd->td", "tbd,bd->tbd", "tbd,bd->dbt"}) {
        NodeId const before = tape.size();
        einsum(letters, x, q);
        BOOST_TEST(tape.size() == before + 1, letters);
    }
}

BOOST_AUTO_TEST_CASE(of_nothing) {
    Tape tape(float64);
    Var const none = tape.input(Numbers::from_shape({0, 3})), square = tape.input(Numbers::from_shape({0, 0})),
              x = tape.input(checks::ordinary({3, 2}, 1));
    BOOST_TEST((einsum("ij,jk->ik", none, x).shape() == Shape{0, 2}));
    BOOST_TEST(golden::near(einsum("ji,jk->ik", none, none).value<double>(), xt::zeros<double>({3, 3}), 0));
    BOOST_TEST(einsum("ii->", square).item() == 0);
}

BOOST_AUTO_TEST_CASE(say_what_is_wrong) {
    Tape tape(float64);
    Var const x = tape.input(checks::ordinary({2, 3}, 1), "x"), y = tape.input(checks::ordinary({4, 5}, 2), "y");
    auto const said = [&](std::string_view letters) { return first_line_of_einsum(letters, x, y); };
    BOOST_TEST(said("ij,jk") == "net.cpp:7: einsum: \"ij,jk\": there is no ->");
    BOOST_TEST(said("ij->i") == "net.cpp:7: einsum: \"ij->i\": the letters are of 1 operands, and there are 2");
    BOOST_TEST(said("ij,kl->im") == "net.cpp:7: einsum: \"ij,kl->im\": m is in no operand");
    BOOST_TEST(said("ij,kl->ii") == "net.cpp:7: einsum: \"ij,kl->ii\": i is twice in the result");
    BOOST_TEST(said("ij,1k->i") == "net.cpp:7: einsum: \"ij,1k->i\": not all axes are letters");
    BOOST_TEST(said("ij,jk->ik") == "net.cpp:7: einsum: \"ij,jk->ik\": j is 3 in x but 4 in y");
    BOOST_TEST(said("ii,kl->k") == "net.cpp:7: einsum: \"ii,kl->k\": i is 2 in x but 3 in x");
    BOOST_TEST(said("ijk,kl->i") == "net.cpp:7: einsum: \"ijk,kl->i\": \"ijk\" are 3 axes, and x has 2");
    BOOST_CHECK_THROW(einsum("ij,jk->ik", x, y), ShapeError);
    BOOST_CHECK_THROW(einsum("ij,é->i", x, y), ValueError);
    BOOST_CHECK_THROW(einsum("->i->", x), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
