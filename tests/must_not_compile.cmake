# Compiles SOURCE with COMPILE. VARIANT BAD has to fail as its `// expect: <regex>` lines say, CONTROL has to succeed.
set(ENV{LC_ALL} C)    # the expectations are in English, with plain quotation marks
execute_process(COMMAND ${COMPILE} -D${VARIANT} ${SOURCE} RESULT_VARIABLE failed ERROR_VARIABLE diagnostics)

if(VARIANT STREQUAL CONTROL)
    if(failed)
        message(FATAL_ERROR "${SOURCE} does not compile even with CONTROL defined:\n${diagnostics}")
    endif()
    return()
endif()

if(NOT failed)
    message(FATAL_ERROR "${SOURCE} compiles, and must not")
endif()
file(STRINGS ${SOURCE} expectations REGEX "^// expect: ")
if(NOT expectations)
    message(FATAL_ERROR "${SOURCE} has no line `// expect: <regex>`")
endif()
foreach(line IN LISTS expectations)
    string(REPLACE "// expect: " "" regex "${line}")
    if(NOT diagnostics MATCHES "${regex}")
        message(FATAL_ERROR "${SOURCE}: no diagnostic matches `${regex}` in\n${diagnostics}")
    endif()
endforeach()
