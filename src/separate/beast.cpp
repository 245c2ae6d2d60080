// The one translation unit that holds Boost.Beast's non-template code; see BOOST_BEAST_SEPARATE_COMPILATION.
#include <boost/beast/src.hpp>
