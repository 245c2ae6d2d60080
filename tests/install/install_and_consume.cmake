# Run by ctest, see CMakeLists.txt.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY COMMAND_ECHO STDOUT)
endfunction()

file(REMOVE_RECURSE ${scratch})
run(${CMAKE_COMMAND} --install ${build} --prefix ${scratch}/prefix)

# The same below DESTDIR, and nowhere else.
run(${CMAKE_COMMAND} -E env DESTDIR=${scratch}/staged ${CMAKE_COMMAND} --install ${build} --prefix /opt/warmwire)
file(GLOB_RECURSE installed RELATIVE ${scratch}/prefix ${scratch}/prefix/*)
file(GLOB_RECURSE staged RELATIVE ${scratch}/staged/opt/warmwire ${scratch}/staged/*)
if(NOT installed STREQUAL staged)
  message(FATAL_ERROR "below DESTDIR are other files: ${staged}, not ${installed}")
endif()
run(${CMAKE_COMMAND} -S ${consumer} -B ${scratch}/build -G ${generator}
  -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_PREFIX_PATH=${scratch}/prefix)
run(${CMAKE_COMMAND} --build ${scratch}/build)
run(${scratch}/build/consumer)

# By pkg-config, without anything else that knows CMake.
find_program(pkg_config pkg-config)
if(pkg_config)
  file(GLOB_RECURSE description ${scratch}/prefix/warmwire.pc)
  cmake_path(GET description PARENT_PATH folder)
  set(ENV{PKG_CONFIG_PATH} ${folder})
  execute_process(COMMAND ${pkg_config} --cflags --libs --static warmwire
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags)
  run(${compiler} -std=c++20 ${consumer}/main.cpp -o ${scratch}/by_pkg_config ${flags})
  run(${scratch}/by_pkg_config)
endif()

execute_process(COMMAND ${scratch}/prefix/bin/warmwire --version OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
if(NOT printed MATCHES "${version}")
  message(FATAL_ERROR "the installed program says it is version '${printed}', not ${version}")
endif()
