// The one translation unit that holds asio::ssl's non-template code. Only the emulator uses asio::ssl; the
// library drives OpenSSL itself.
#include <boost/asio/ssl/impl/src.hpp>
