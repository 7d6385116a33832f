// How gradients change in the course of a training: one picture, and a slider.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unspool/autograd/picture/graph.hpp>
#include <vector>

namespace unspool::core {

/// What a film shows.
struct FilmOptions {
    Index every                         = 10;  ///< updates from one frame to the next
    std::string title                   = "Gradients in the course of training";  ///< of the page
    std::function<void(Graph&)> picture = {};  ///< what it shows: `[](Graph& g) { g.steps(3); }`
};

/// Frames share the layout of the first; boxes and links change their colours, by the norms of their gradients, on a scale that is that of the
/// whole film.
///
///     Film film({.every = 50});
///     for (Index update = 0; update < 1000; ++update) {
///         …
///         Gradients g = backward(loss, film.wants(update) ? Keep::all : Keep::leaves);
///         if (film.wants(update)) film.frame(loss, g, fmt::format("update {}, loss {:.3f}", update, loss.item()));
///         …
///     }
///     film.save("training.html");
class Film {
public:
    /// ValueError unless `every` is at least 1.
    explicit Film(FilmOptions = {}, Where = Where::here());

    bool wants(Index update) const { return update % options_.every == 0; }  ///< is it one of every so many?
    Index frames() const { return std::ssize(frames_); }                     ///< so far

    /// The gradients must have been made with Keep::all.  ValueError, and no frame more, if the picture has other boxes than before:
    /// each frame must be of sequences of the same length.  Otherwise as Graph.
    void frame(Var const& loss, Gradients const&, std::string const& caption);

    /// One page of HTML that needs nothing else, and works offline: Graphviz draws the layout.  The file is there whole, or, after an
    /// error, as it was.  ValueError where there is no frame; FileError if it cannot be written, or dot is missing or fails.
    void save(std::string const&, Where = Where::here()) const;
    std::string html(Where = Where::here()) const;  ///< what save() writes

private:
    struct Frame {
        std::string caption;
        std::map<std::string, std::vector<std::string>> norms, links;  // of a box, as its lines tell them; of a link
    };

    FilmOptions options_;
    std::shared_ptr<Diagram const> layout_;  // with places for the norms
    std::vector<Frame> frames_;
};

}  // namespace unspool::core

namespace unspool {

using core::Film, core::FilmOptions;

}  // namespace unspool
