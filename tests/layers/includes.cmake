# No file of a layer names a layer above it, nor climbs there by a relative path, which the include directories could not prevent.
set(above_autograd "unspool\\.hpp|unspool/(ops|nn)/")
set(above_ops      "unspool\\.hpp|unspool/nn/")
set(above_nn       "unspool\\.hpp")

foreach(layer autograd ops nn)
    file(GLOB_RECURSE files ${ROOT}/${layer}/*.hpp ${ROOT}/${layer}/*.cpp)
    foreach(file IN LISTS files)
        file(STRINGS ${file} upward REGEX "^ *# *include *[<\"](\\.\\./|${above_${layer}})")
        if(upward)
            message(SEND_ERROR "${file} looks above its layer: ${upward}")
        endif()
    endforeach()
endforeach()
