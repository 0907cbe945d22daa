// SHA-256 (FIPS 180-4): which network and which trace a result was made with.
#pragma once

#include <string>
#include <string_view>

namespace laxity {

std::string sha256(std::string_view bytes);           // 64 hexadecimal digits
std::string sha256_of_file(const std::string& path);  // throws InputError if it can't be read

}  // namespace laxity
