// What a shared library of warmwire exports: what is declared inside `namespace WARMWIRE_PUBLIC warmwire`, which is
// what the headers of this folder's parent declare. Everything else is hidden, see src/CMakeLists.txt.
#pragma once

#if defined(__GNUC__)
#define WARMWIRE_PUBLIC [[gnu::visibility("default")]]
// For what a public class holds inside, where that is defined.
#define WARMWIRE_INTERNAL [[gnu::visibility("hidden")]]
#else
#define WARMWIRE_PUBLIC
#define WARMWIRE_INTERNAL
#endif
