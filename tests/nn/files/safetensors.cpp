// Files by the rules of the format: what is read, what is written, and what is refused.
#include <limits>
#include <nn/files/scratch.hpp>

using namespace files;

namespace {

template <class T> std::string bytes(std::vector<T> const& x) {
    return {reinterpret_cast<char const*>(x.data()), x.size() * sizeof(T)};
}

/// One tensor "a" of this type and shape, read as double.
template <class T> xt::xarray<double> read_as(std::string const& type, std::vector<T> const& x) {
    std::string const b = bytes(x);
    return in_memory(raw(fmt::format(R"({{"a":{{"dtype":"{}","shape":[{}],"data_offsets":[0,{}]}}}})", type, x.size(),
                                     b.size()),
                         b))
        .array("a");
}

std::string one(std::string const& entry, std::size_t size) {
    return complaint(raw("{\"a\":" + entry + "}", std::string(size, 'x')));
}

constexpr double inf = std::numeric_limits<double>::infinity();

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors)

BOOST_AUTO_TEST_CASE(reads_each_element_type) {
    using A = xt::xarray<double>;
    BOOST_TEST((read_as<double>("F64", {1.5, -inf}) == A{1.5, -inf}));
    BOOST_TEST((read_as<float>("F32", {1.5f, -0.1f}) == A{1.5, static_cast<double>(-0.1f)}));
    BOOST_TEST((read_as<std::uint16_t>("F16", {0x3c00, 0xc000, 0x7bff, 0x0001, 0x8400, 0x7c00, 0x3555}) ==
                A{1, -2, 65504, 0x1p-24, -0x1p-14, inf, 0.333251953125}));
    BOOST_TEST((read_as<std::uint16_t>("BF16", {0x3f80, 0xc020, 0x7f80, 0x0001}) == A{1, -2.5, inf, 0x1p-133}));
    BOOST_TEST((std::isnan(read_as<std::uint16_t>("F16", {0x7c01})(0)) &&
                std::isnan(read_as<std::uint16_t>("BF16", {0xffc0})(0))));
    BOOST_TEST((read_as<std::int64_t>("I64", {-5, 1ll << 40}) == A{-5, 0x1p40}));
    BOOST_TEST((read_as<std::uint64_t>("U64", {~0ull}) == A{0x1p64}));
    BOOST_TEST((read_as<std::int32_t>("I32", {-5}) == A{-5}));
    BOOST_TEST((read_as<std::uint32_t>("U32", {~0u}) == A{4294967295.0}));
    BOOST_TEST((read_as<std::int16_t>("I16", {-300}) == A{-300}));
    BOOST_TEST((read_as<std::uint16_t>("U16", {65535}) == A{65535}));
    BOOST_TEST((read_as<std::int8_t>("I8", {-128}) == A{-128}));
    BOOST_TEST((read_as<std::uint8_t>("U8", {255}) == A{255}));
    BOOST_TEST((read_as<std::uint8_t>("BOOL", {0, 1}) == A{0, 1}));
}

BOOST_AUTO_TEST_CASE(reads_more_elements_than_fit_its_buffer) {
    std::vector<float> x(10'001);
    std::generate(x.begin(), x.end(), [n = 0.0f]() mutable { return n++; });
    auto const y = read_as("F32", x);
    BOOST_TEST(std::equal(x.begin(), x.end(), y.begin()));
}

BOOST_AUTO_TEST_CASE(writes_the_same_bytes_for_the_same_tensors) {
    TemporaryFolder scratch;
    std::vector<float> x{1, 2, 3};
    std::vector<double> y{4};
    std::vector<TensorView> tensors{{"x", Stored::f32, {3}, x.data()},
                                    {"ü\"\n", Stored::f64, {}, y.data()},
                                    {"none", Stored::f32, {0, 7}, nullptr}};
    write_safetensors(scratch / "a", tensors, {{"z", "1"}, {"b", "\\"}});
    std::string const header =
        R"({"__metadata__":{"b":"\\","z":"1"},"ü\"\n":{"dtype":"F64","shape":[],"data_offsets":[0,8]},)"
        R"("x":{"dtype":"F32","shape":[3],"data_offsets":[8,20]},"none":{"dtype":"F32","shape":[0,7],"data_offsets":[20,20]}})";
    std::string const padded = header + std::string((8 - header.size() % 8) % 8, ' ');
    BOOST_TEST(contents(scratch / "a") == raw(padded, bytes(y) + bytes(x)));
    Safetensors const read(scratch / "a");
    BOOST_TEST((read.array("x") == xt::xarray<double>{1, 2, 3}));
    BOOST_TEST(read.array("ü\"\n")() == 4);
    BOOST_TEST(read.array("none").size() == 0u);
    BOOST_TEST((read.metadata() == Metadata{{"b", "\\"}, {"z", "1"}}));
    BOOST_TEST((scratch.names() == std::vector<std::string>{"a"}));
}

BOOST_AUTO_TEST_CASE(refuses_to_write_what_no_reader_takes) {
    TemporaryFolder scratch;
    float x = 1;
    std::vector<TensorView> twice{{"x", Stored::f32, {}, &x}, {"x", Stored::f32, {}, &x}},
        reserved{{"__metadata__", Stored::f32, {}, &x}}, latin{{"\xfc", Stored::f32, {}, &x}},
        huge{{"x", Stored::f32, {1l << 40, 1l << 40}, &x}};
    BOOST_TEST(
        has(message<NameError>([&] { write_safetensors(scratch / "a", twice); }), "the tensor \"x\" is there twice"));
    BOOST_CHECK_THROW(write_safetensors(scratch / "a", reserved), NameError);
    BOOST_TEST(has(message<NameError>([&] { write_safetensors(scratch / "a", latin); }), "is not UTF-8"));
    BOOST_CHECK_THROW(write_safetensors(scratch / "a", huge), ShapeError);
    BOOST_CHECK_THROW(write_safetensors(scratch / "a", {}, {{"a", std::string(100'000'000, 'x')}}), FileError);
    BOOST_TEST(scratch.names().empty());
}

BOOST_AUTO_TEST_CASE(accepts_what_the_format_allows) {
    BOOST_TEST(complaint(raw("{}")) == "fine");
    BOOST_TEST(complaint(raw("{}      ")) == "fine");
    BOOST_TEST(complaint(raw("{\"__metadata__\":{}}")) == "fine");
    BOOST_TEST(one(R"({"dtype":"F32","shape":[],"data_offsets":[0,4]})", 4) == "fine");
    for (auto shape :
         {"[0,9223372036854775807]", "[9223372036854775807,0]", "[9223372036854775807,9223372036854775807,0]"})
        BOOST_TEST(one(fmt::format(R"({{"data_offsets":[0,0], "shape":{}, "dtype":"F32"}})", shape), 0) == "fine");
    BOOST_TEST(one(R"({"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]})", 1) == "fine");
    std::string const swapped =
        R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})";
    BOOST_TEST(in_memory(raw(swapped, "xyz")).tensors()[0].name == "a");
}

BOOST_AUTO_TEST_CASE(refuses_another_frame) {
    BOOST_TEST(complaint("") == "file: a safetensors file has 8 bytes at least, this one 0");
    BOOST_TEST(complaint(raw("", "", 100'000'001)) == "file: the header claims 100000001 bytes, the most is 100000000");
    BOOST_TEST(complaint(raw("{}", "", ~0ull - 1)) ==
               "file: no safetensors file: the header claims 18446744073709551614 bytes, the most is 100000000");
    BOOST_TEST(complaint(raw("{}", "", 3)) == "file: the header claims 3 bytes, but 2 follow");
    BOOST_TEST(has(complaint(raw("")), "begins with something else than {"));
    BOOST_TEST(has(complaint(raw(" {}")), "begins with something else than {"));
    BOOST_TEST(has(complaint(raw("\xef\xbb\xbf{}")), "begins with something else than {"));
    BOOST_TEST(has(complaint(raw("{}\n")), "ends with something else"));
    BOOST_TEST(has(complaint(raw(std::string("{}\0}", 4))), "zero byte"));
    BOOST_TEST(has(complaint(raw("{}}")), "not JSON"));
    BOOST_TEST(has(complaint(raw("{\"__metadata__\":{\"\xff\":\"\"}}")), "not JSON in UTF-8"));
    BOOST_TEST(has(complaint(raw(R"({"__metadata__":{"\ud800":""}})")), "not JSON"));
    BOOST_TEST(has(complaint(raw("{\"a\n\":1}")), "not JSON"));
    BOOST_TEST(complaint(raw("{}", "x")) == "file: its tensors take 0 bytes, but 1 follow the header");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_entry) {
    BOOST_TEST(one("1", 0) == "file: \"a\": expected an object, not 1");
    BOOST_TEST(one("null", 0) == "file: \"a\": expected an object, not null");
    BOOST_TEST(one("[]", 0) == "file: \"a\": expected an object, not a list");
    BOOST_TEST(one("{}", 0) == "file: \"a\": expected dtype, shape and data_offsets, each once, not fewer");
    BOOST_TEST(one(R"({"dtype":"F32","shape":[]})", 0) ==
               "file: \"a\": expected dtype, shape and data_offsets, each once, not fewer");
    BOOST_TEST(one(R"({"dtype":"F32","shape":[],"data_offsets":[0,4],"more":1})", 4) ==
               "file: \"a\": expected dtype, shape and data_offsets, each once, not \"more\"");
    BOOST_TEST(one(R"({"dtype":"F8_E4M3","shape":[],"data_offsets":[0,1]})", 1) ==
               "file: \"a\" has the unknown dtype \"F8_E4M3\"");
    BOOST_TEST(one(R"({"dtype":1,"shape":[],"data_offsets":[0,4]})", 4) ==
               "file: \"a\": expected a dtype as text, not 1");
    for (std::string bad : {"[-1]", "[1.0]", "[1e2]", "[18446744073709551616]", "[9223372036854775808]", "[\"1\"]",
                            "[[1]]", "[true]", "{}", "4"})
        BOOST_TEST(has(one(R"({"dtype":"F32","shape":)" + bad + R"(,"data_offsets":[0,4]})", 4),
                       "expected a shape, of numbers"));
    for (std::string bad : {"[0]", "[0,4,4]", "[-0,4]", "[0,4.0]", "[]", "{}", "[0,[4]]"})
        BOOST_TEST(has(one(R"({"dtype":"F32","shape":[],"data_offsets":)" + bad + "}", 4),
                       "expected data_offsets, of two numbers"));
    BOOST_TEST(has(complaint(raw(R"({"__metadata__":{"a":1}})")),
                   "\"a\": expected text, as everywhere in __metadata__, not 1"));
    BOOST_TEST(has(complaint(raw(R"({"__metadata__":{"a":{"b":"c"}}})")), "expected text"));
    BOOST_TEST(has(complaint(raw(R"({"__metadata__":"a"})")), "expected an object"));
}

BOOST_AUTO_TEST_CASE(refuses_names_that_are_there_twice) {
    std::string const u8 = R"({"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    BOOST_TEST(complaint(raw("{\"a\":" + u8 + ",\"\\u0061\":" + u8 + "}")) == "file: the tensor \"a\" is there twice");
    BOOST_TEST(one(R"({"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]})", 0) ==
               "file: \"a\": \"dtype\" is there twice");
    BOOST_TEST(has(complaint(raw(R"({"__metadata__":{"a":"1","a":"1"}})")), "\"a\" is there twice"));
    BOOST_TEST(has(complaint(raw(R"({"__metadata__":{},"__metadata__":{}})")), "\"__metadata__\" is there twice"));
}

BOOST_AUTO_TEST_CASE(refuses_tensors_that_do_not_cover_the_buffer_once) {
    auto const two = [](std::string const& a, std::string const& b, std::size_t size) {
        return complaint(
            raw(fmt::format(R"({{"a":{{"dtype":"U8",{}}},"b":{{"dtype":"U8",{}}}}})", a, b), std::string(size, 'x')));
    };
    BOOST_TEST(two(R"("shape":[2],"data_offsets":[0,2])", R"("shape":[2],"data_offsets":[2,4])", 4) == "fine");
    BOOST_TEST(two(R"("shape":[2],"data_offsets":[0,2])", R"("shape":[2],"data_offsets":[3,5])", 5) ==
               "file: \"b\" begins at byte 3 of the buffer, expected 2: there is a hole");
    BOOST_TEST(two(R"("shape":[2],"data_offsets":[0,2])", R"("shape":[2],"data_offsets":[1,3])", 3) ==
               "file: \"b\" begins at byte 1 of the buffer, expected 2: there is an overlap");
    BOOST_TEST(has(two(R"("shape":[2],"data_offsets":[0,2])", R"("shape":[2],"data_offsets":[0,2])", 2), "an overlap"));
    BOOST_TEST(has(two(R"("shape":[2],"data_offsets":[1,3])", R"("shape":[2],"data_offsets":[3,5])", 5), "a hole"));
    BOOST_TEST(has(two(R"("shape":[2],"data_offsets":[0,2])", R"("shape":[2],"data_offsets":[2,4])", 3),
                   "take 4 bytes, but 3 follow"));
    BOOST_TEST(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})", 4) ==
               "file: \"a\" is F32 [2], of 8 bytes, but its data_offsets are [0,4]");
    BOOST_TEST(has(one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})", 4), "but its data_offsets are [4,0]"));
}

BOOST_AUTO_TEST_CASE(refuses_shapes_whose_product_overflows) {
    for (std::string shape :
         {"4611686018427387904,4", "4294967296,4294967296", "9223372036854775807", "2305843009213693952,2"})
        BOOST_TEST(has(one(R"({"dtype":"F64","shape":[)" + shape + R"(],"data_offsets":[0,0]})", 0),
                       "no array can have the shape [" + shape + "]"));
}

BOOST_AUTO_TEST_CASE(shows_names_so_that_they_harm_no_terminal) {
    std::string const m = complaint(raw(R"({"\u001b[2J\u0000\u007f":1})"));
    BOOST_TEST(m == R"(file: "\u001b[2J\u0000\u007f": expected an object, not 1)");
    BOOST_TEST(complaint(raw("{\"" + std::string(1'000'000, 'x') + "\":1}")).size() < 200u);
}

BOOST_AUTO_TEST_CASE(says_what_another_file_is) {
    auto const zip = [](std::string const& name) {
        std::string out = std::string("PK\x03\x04", 4) + std::string(26, '\0') + name + std::string(100, 'x');
        out[26]         = static_cast<char>(name.size());
        return out;
    };
    std::string const zeros(100, '\0'), more(100, 'x');
    for (auto const& [bytes, said] : std::initializer_list<std::pair<std::string, std::string>>{
             {zip("model/data.pkl"), "a zip of PyTorch: in Python, safetensors.torch.save_file("},
             {zip("weight.npy"), "a zip of numpy (.npz): in Python, safetensors.numpy.save_file(dict(numpy.load("},
             {zip("config.json"), "a zip of Keras: in Python, safetensors.numpy.save_file("},
             {"\x93NUMPY" + more, "an array of numpy (.npy)"},
             {"\x89HDF\r\n\x1a\n" + zeros, "HDF5, as Keras writes it: in Python, safetensors.numpy.save_file("},
             {"GGUF\x03" + zeros, "a file of llama.cpp (.gguf)"},
             {"\x08\x0a\x12\x07pytorch\x1a\x05" + more, "an ONNX file: read_onnx reads it"},
             {"Hello, this is a text\n", "a text"},
             {"// A program.\n#include <unspool.hpp>\n", "a text"},
             {"\x1f\x8b\x08" + more, "compressed by gzip: gunzip it first"},
             {"\x80\x04\x95\x40\x01" + more, "a pickle of Python: load it there, and safetensors.torch.save_file("},
             {"{\"weights\": 1}", "a text in JSON"},
             {"[1, 2, 3]", "a text in JSON"},
             {"{}", "a text in JSON"},
             {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
              "a pointer of git-lfs: run `git lfs pull`"},
             {"<!DOCTYPE html>\n<html><title>Sign in</title></html>", "a page in HTML"},
             {"\n <HTML lang=\"en\"><title>Sign in</title></HTML>", "a page in HTML"},
             {"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>", "a text in XML"}})
        BOOST_TEST(complaint(bytes).starts_with("file: no safetensors file, but " + said), complaint(bytes));
    BOOST_TEST(has(complaint("{" + zeros.substr(0, 20)), "the header claims 123 bytes, but 13 follow"));  // cut off
    BOOST_TEST(has(complaint("\x80\x04" + zeros.substr(0, 20)), "the header claims 1152 bytes"));
}

BOOST_AUTO_TEST_CASE(integers_are_read_as_integers) {
    TemporaryFolder const folder;
    std::int64_t const large[]   = {-3, (std::int64_t{1} << 53) + 1};
    std::uint8_t const small[]   = {7, 200, 1};
    std::uint64_t const beyond[] = {~std::uint64_t{0}};
    float const real[]           = {1};
    write_safetensors(folder / "f", std::array<TensorView, 4>{{{"large", Stored::i64, {2}, large},
                                                               {"small", Stored::u8, {3, 1}, small},
                                                               {"beyond", Stored::u64, {1}, beyond},
                                                               {"real", Stored::f32, {1}, real}}});
    Safetensors const f(folder / "f");
    BOOST_TEST((f.integers("large") == std::vector<Index>{-3, (Index{1} << 53) + 1}));  // which no double is
    BOOST_TEST((f.integers("small") == std::vector<Index>{7, 200, 1}));
    BOOST_CHECK_THROW(f.integers("beyond"), ValueError);
    BOOST_CHECK_THROW(f.integers("none"), NameError);
    BOOST_CHECK_THROW(f.integers("real"), FileError);
}

BOOST_AUTO_TEST_SUITE_END()
