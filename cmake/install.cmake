# What `cmake --install` copies, in two parts: the component `program`, with its man page and completions, and the
# component `development`: headers, libraries, and what find_package(warmwire) and pkg-config read.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/warmwire)
set(WARMWIRE_ZSH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where zsh finds completions")

install(TARGETS warmwire_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(FILES packaging/warmwire.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME warmwire COMPONENT program)
install(FILES packaging/warmwire.zsh DESTINATION ${WARMWIRE_ZSH_COMPLETIONS} RENAME _warmwire COMPONENT program)
install(FILES packaging/warmwire.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)

if(NOT CMAKE_CROSSCOMPILING)
  install(FILES ${PROJECT_BINARY_DIR}/warmwire.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
endif()

set(libraries warmwire)
if(BUILD_SHARED_LIBS)
  list(APPEND libraries warmwire_shared)
endif()
install(TARGETS ${libraries} EXPORT warmwire_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.hpp")
install(EXPORT warmwire_targets FILE warmwireTargets.cmake NAMESPACE warmwire:: DESTINATION ${package_dir}
  COMPONENT development)

configure_package_config_file(cmake/warmwireConfig.cmake.in ${PROJECT_BINARY_DIR}/warmwireConfig.cmake
  INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may break programs.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/warmwireConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/warmwireConfig.cmake ${PROJECT_BINARY_DIR}/warmwireConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindNghttp2.cmake ${PROJECT_SOURCE_DIR}/cmake/FindBrotli.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindZstd.cmake
  DESTINATION ${package_dir} COMPONENT development)

# For pkg-config. What the libraries need stands under "private" when there is a shared one, which brings it along.
set(pc_requires "libssl >= 3.0, libcrypto, libnghttp2 >= 1.52, zlib, libbrotlidec")
if(Zstd_FOUND)
  string(APPEND pc_requires ", libzstd")
endif()
set(pc_libs "-lboost_json -lboost_url -pthread")
set(pc_private "")
if(BUILD_SHARED_LIBS)
  set(pc_private ".private")
endif()
# Relative, so that the copy works wherever it is installed to.
file(RELATIVE_PATH pc_prefix /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
configure_file(cmake/warmwire.pc.in ${PROJECT_BINARY_DIR}/warmwire.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/warmwire.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
