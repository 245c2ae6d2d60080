# The Debian packages that `./dev package` makes by CPack: `warmwire`, the program, and `libwarmwire-dev`, the libraries
# and all that a program needs which uses them; and the debug symbols of both, in packages of their own.
find_program(DPKG_QUERY_PROGRAM dpkg-query)
if(NOT DPKG_QUERY_PROGRAM)
  return()
endif()

# The package that a file belongs to: it has another name in each release.
function(owner_of file result)
  execute_process(COMMAND ${DPKG_QUERY_PROGRAM} --search ${file} OUTPUT_VARIABLE owner ERROR_QUIET)
  string(REGEX REPLACE "[:,].*" "" owner "${owner}")
  set(${result} "${owner}" PARENT_SCOPE)
endfunction()

# What a program needs that includes our headers and links either of our libraries.
set(development_files
  "${Boost_INCLUDE_DIRS}/boost/version.hpp" "${boost_json_DIR}" "${boost_url_DIR}" "${OPENSSL_INCLUDE_DIR}/openssl/ssl.h"
  "${NGHTTP2_INCLUDE_DIR}/nghttp2/nghttp2.h" "${ZLIB_INCLUDE_DIR}/zlib.h" "${BROTLI_INCLUDE_DIR}/brotli/decode.h")
if(Zstd_FOUND)
  list(APPEND development_files "${ZSTD_INCLUDE_DIR}/zstd.h")
endif()
set(development_packages)
foreach(file IN LISTS development_files)
  owner_of(${file} owner)
  if(owner)
    list(APPEND development_packages ${owner})
  endif()
endforeach()
list(REMOVE_DUPLICATES development_packages)
list(JOIN development_packages ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)

foreach(part "program warmwire" "development libwarmwire-dev")
  separate_arguments(part)
  list(GET part 0 component)
  list(GET part 1 package)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} RENAME copyright COMPONENT ${component}
    EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME warmwire)
set(CPACK_PACKAGE_CONTACT "The warmwire authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
# Not CPACK_STRIP_FILES: what is stripped then is no longer there for the packages of debug symbols, whose making strips, too.
# What neither CMake nor CPack does: the static library keeps no debug information, man pages are compressed.
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/tidy_staged_files.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME warmwire)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libwarmwire-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
  "The program talks to AI providers over pooled HTTP/1.1 and HTTP/2 connections, measures them, and contains an emulator of their servers.")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
  "The C++20 library that keeps pooled HTTP/1.1 and HTTP/2 connections to AI providers: headers, static and shared library.")
include(CPack)
