// Whatever a text holds, who reads what is written of it reads text.
#include <filesystem>
#include <fstream>
#include <hostile.hpp>
#include <nn/cells.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/files/safetensors.hpp>
#include <unspool/nn/fit/progress.hpp>
#include <valid_utf8.hpp>

using namespace unspool;
using namespace unspool::core;
namespace fs = std::filesystem;

namespace {

bool has_control(std::string_view s) {
    bool found = false;
    utf8::each_character(s, [&](auto, char32_t c) { found |= utf8::is_control(c); });
    return found;
}

std::string replaced(std::string s, std::string const& from, std::string const& to) {
    for (std::size_t at = s.find(from); at != s.npos; at = s.find(from, at + to.size())) s.replace(at, from.size(), to);
    return s;
}

std::string as_html_reads(std::string s) {
    for (auto const& [entity, c] :
         {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
        s = replaced(s, entity, c);
    return s;
}

struct Folder {
    fs::path path = fs::temp_directory_path() / fmt::format("unspool_writers_{}", getpid());
    Folder() { fs::create_directory(path); }
    ~Folder() { fs::remove_all(path); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(writers)

BOOST_AUTO_TEST_CASE(a_line_has_no_control_characters) {
    BOOST_TEST(rc::check([] {
        std::string const s = *hostile_text(), line = utf8::one_line(s);
        RC_ASSERT(is_utf8(line) && !has_control(line));
        RC_ASSERT(utf8::one_line(line) == line);
    }));
    BOOST_TEST(utf8::one_line("a\x1b\tä\xff") == "a  ä\xEF\xBF\xBD");
    BOOST_TEST(utf8::one_line(std::string(1000, 'x'), 10) == "xxxxxxxxxx…");
}

BOOST_AUTO_TEST_CASE(html_reads_text) {
    BOOST_TEST(rc::check([] {
        std::string const s = *hostile_text(), escaped = html_text(s);
        RC_ASSERT(escaped.find_first_of("<>\"'") == escaped.npos);
        RC_ASSERT(is_utf8(escaped));
        RC_ASSERT(replaced(as_html_reads(escaped), "\n", " ") == utf8::one_line(s));
    }));
}

BOOST_AUTO_TEST_CASE(a_terminal_is_not_commanded) {
    BOOST_TEST(rc::check([] {
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> const out(std::tmpfile(), std::fclose);
        Progress progress(false, out.get());
        progress.epoch(0, 1, {{*hostile_text(), 1.0}});
        std::rewind(out.get());
        char some[1 << 14];
        std::string said(some, std::fread(some, 1, sizeof some, out.get()));
        RC_ASSERT(!said.empty() && said.back() == '\n');
        said.pop_back();
        RC_ASSERT(!has_control(said) && is_utf8(said));
    }));
}

BOOST_AUTO_TEST_CASE(files_keep_names_and_texts) {
    Folder const folder;
    auto const file = folder.path / "file";
    BOOST_TEST(rc::check([&] {
        std::string const name = "n" + *hostile_text(), text = *hostile_text();
        Params params, back;
        params.constant(name, {2}, 7), back.zeros(name, {2});
        bool const good = is_utf8(name) && is_utf8(text);
        try {
            save(params, file, {.metadata = {{name, text}}});
            RC_ASSERT(good);
        } catch (NameError const& e) {
            RC_ASSERT(!good);
            RC_ASSERT(!has_control(e.what()) && is_utf8(e.what()));
            return;
        }
        load(back, file);
        RC_ASSERT(back[name].value<float>()(1) == 7);
        RC_ASSERT(Safetensors(file).metadata().at(name) == text);
    }));
}

BOOST_AUTO_TEST_SUITE_END()
