# What `cmake --install` copies: the library, its headers, the package that find_package(warmwire) reads, the program.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/warmwire)

install(TARGETS warmwire EXPORT warmwire_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS warmwire_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT warmwire_targets FILE warmwireTargets.cmake NAMESPACE warmwire:: DESTINATION ${package_dir})

configure_package_config_file(cmake/warmwireConfig.cmake.in ${PROJECT_BINARY_DIR}/warmwireConfig.cmake
  INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may break programs.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/warmwireConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/warmwireConfig.cmake ${PROJECT_BINARY_DIR}/warmwireConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindNghttp2.cmake ${PROJECT_SOURCE_DIR}/cmake/FindBrotli.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindZstd.cmake
  DESTINATION ${package_dir})
