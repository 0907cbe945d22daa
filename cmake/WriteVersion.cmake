# Run at every build: writes version.cpp, and touches it only if the version or the commit has changed.
set(LAXITY_CLEAN std::nullopt)  # not known
if(EXISTS ${SOURCE_DIR}/COMMIT)  # in a tarball of the sources
    file(STRINGS ${SOURCE_DIR}/COMMIT LAXITY_COMMIT)
else()
    execute_process(COMMAND git -C ${SOURCE_DIR} describe --always --abbrev=7 --dirty=+ --exclude=*
        OUTPUT_VARIABLE LAXITY_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT LAXITY_COMMIT)
    set(LAXITY_COMMIT unknown)
elseif(NOT EXISTS ${SOURCE_DIR}/COMMIT)
    if(LAXITY_COMMIT MATCHES "[+]$")
        set(LAXITY_CLEAN false)
    else()
        set(LAXITY_CLEAN true)
    endif()
    string(REPLACE "+" "" LAXITY_COMMIT ${LAXITY_COMMIT})
endif()
configure_file(${SOURCE_DIR}/traces/base/version.cpp.in ${OUTPUT} @ONLY)
