# MPI is optional: included by the tree, and by the installed package where it is asked for the component mpi.
set(MPI_CXX_SKIP_MPICXX ON)    # its classes for C++, which are long gone
find_package(MPI QUIET COMPONENTS CXX)
