# What gdb prints of a Var, a parameter, a gradient and a shape.
execute_process(COMMAND ${GDB} -nx -batch -ex "source ${PRINTERS}" -ex "break stop" -ex run -ex "print h" -ex "print empty" -ex "print w"
    -ex "print dw" -ex "print shape" ${PROGRAM} OUTPUT_VARIABLE out ERROR_VARIABLE err)
foreach(line "turned: float32 [2,2] {1, 3, 2, 4}" "an empty Var"
        "out.weight: float32 [2,2] {0.5, 0.5, 0.5, 0.5}" "float32 [2,2] {1, 3, 2, 4}" "[2,2]")
    string(FIND "${out}" "${line}" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "gdb does not print `${line}`:\n${out}\n${err}")
    endif()
endforeach()
