// Dimensions have commas between them.
// expect: (constant expression|consteval)
#include <unspool/autograd/call/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::core::Signature signature = "[m,k] -> [m]";
#else
inline constexpr unspool::core::Signature signature = "[mk] -> [m]";
#endif
