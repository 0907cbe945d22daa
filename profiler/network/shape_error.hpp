// Tensors that do not fit an operation.
#pragma once

#include <stdexcept>

namespace laxity {

// what() is one line that says what was expected and found, without file or layer: whoever knows them adds them and
// throws InputError.
class ShapeError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace laxity
