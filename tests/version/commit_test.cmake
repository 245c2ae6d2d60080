# Run by ctest, see CMakeLists.txt. Each case is a folder of sources and the commit that is expected of it.
set(sources ${scratch}/sources)
set(header ${scratch}/commit.hpp)

function(write_commit)
  execute_process(COMMAND ${CMAKE_COMMAND} -D sources=${sources} -D output=${header} -P ${script}
    COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(expect pattern what)
  write_commit()
  file(READ ${header} text)
  if(NOT text MATCHES "^#define WARMWIRE_COMMIT \"${pattern}\"\n$")
    message(SEND_ERROR "${what}: ${text}")
  endif()
  execute_process(COMMAND touch -d @1000 ${header})
  write_commit()
  file(TIMESTAMP ${header} written "%s" UTC)
  if(NOT written EQUAL 1000)
    message(SEND_ERROR "${what}: the header was written again")
  endif()
endfunction()

function(git)
  execute_process(COMMAND git -C ${sources} -c user.name=test -c user.email=test@localhost ${ARGN}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${sources}/cmake)

file(WRITE ${sources}/cmake/commit.txt "$Format:%h$\n")
expect("" "sources that come from nowhere")
file(WRITE ${sources}/cmake/commit.txt "0123abc\n")
expect("0123abc" "an archive that git made")

find_program(git_program git)
if(git_program)
  git(init -q)
  git(add .)
  git(commit -q -m first)
  expect("[0-9a-f]+" "a checkout")
  file(APPEND ${sources}/cmake/commit.txt "changed\n")
  expect("[0-9a-f]+\\+changes" "a checkout with changes")
endif()
