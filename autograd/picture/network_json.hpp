// What a page tells of a diagram.
#pragma once
#include <string>
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

/// {"level":"statements","rank":101,"rolled":0,"boxes":[…],"links":[[from,to,recurrent],…],"clusters":[…],"notes":[…]}; of boxes and
/// clusters, what there is: texts are shortened, and members that would be empty are left out.
std::string json_of(Diagram const&, std::string const& level, int rank, bool rolled);

}  // namespace unspool::core
