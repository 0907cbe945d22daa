# Run at every build: writes version.cpp, and touches it only if the version or the commit has changed.
if(EXISTS ${SOURCE_DIR}/COMMIT)  # in a tarball of the sources
    file(STRINGS ${SOURCE_DIR}/COMMIT LAXITY_COMMIT)
else()
    execute_process(COMMAND git -C ${SOURCE_DIR} describe --always --abbrev=7 --dirty=+ --exclude=*
        OUTPUT_VARIABLE LAXITY_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT LAXITY_COMMIT)
    set(LAXITY_COMMIT unknown)
endif()
configure_file(${SOURCE_DIR}/traces/base/version.cpp.in ${OUTPUT} @ONLY)
