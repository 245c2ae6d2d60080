# WARMWIRE_HARDENING: what makes a mistake in memory harder to use, for every target of ours. What it costs is in
# docs/performance.md, and tests/hardening reads from the program that it is there.
#
# Programs can be laid anywhere (PIE), what the linker binds is bound at the start and then read-only, the standard
# library checks indices and emptiness, libc checks the sizes that the compiler knows, functions with buffers check their
# frames, and indirect jumps and returns end at marked places where the processor checks that.
option(WARMWIRE_HARDENING "Build with the hardening of compiler, library and linker" OFF)
if(NOT WARMWIRE_HARDENING)
  return()
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

add_compile_options(-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|i.86")
  add_compile_options(-fcf-protection)
endif()
add_link_options(-Wl,-z,relro,-z,now)
