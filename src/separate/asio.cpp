// The one translation unit that holds Boost.Asio's non-template code; see BOOST_ASIO_SEPARATE_COMPILATION in
// src/CMakeLists.txt. It is complete, deprecated names included, because programs that link warmwire use it
// too.
#undef BOOST_ASIO_NO_DEPRECATED
#include <boost/asio/impl/src.hpp>
