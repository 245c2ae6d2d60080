// The rules of who may include what (CONTRIBUTING.md, "Layers"), applied to a tree of sources held in memory,
// so that the rules themselves can be tested on made-up trees. Used by layering_test.cpp only.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace warmwire::layering {

// Path from the repository's root -> contents.
using source_tree = std::map<std::string, std::string>;

// One message for each broken rule, naming the file and what it must not do; empty when the tree is in order.
std::vector<std::string> violations(const source_tree& tree);

}  // namespace warmwire::layering
