# Run at each build: writes a header with the commit that the sources are of, and only when it is another than before, so
# that a commit recompiles one small source and not everything. Takes `sources` (their folder) and `output` (the header).
#
# An archive made by `git archive` has its commit in commit.txt; what is neither a checkout nor such an archive has none.
set(commit "")
if(EXISTS ${sources}/.git)
  find_program(GIT_PROGRAM git)
  if(GIT_PROGRAM)
    execute_process(COMMAND ${GIT_PROGRAM} -C ${sources} describe --always --exclude=* --abbrev=12 --dirty=+changes
      OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
else()
  file(STRINGS ${sources}/cmake/commit.txt commit LIMIT_COUNT 1)
  if(commit MATCHES "Format:")
    set(commit "")
  endif()
endif()

set(text "#define WARMWIRE_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS ${output})
  file(READ ${output} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${output} "${text}")
endif()
