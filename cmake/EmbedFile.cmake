# Writes a C++ source that holds a file as a function: cmake -DFROM=file -DTO=source.cpp -DHEADER=h -DFUNCTION=name -P EmbedFile.cmake
#
# As numbers rather than as a literal: no limit on the length of a literal, no question of its encoding.
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${TO} "#include \"${HEADER}\"

namespace laxity {

namespace {

constexpr unsigned char kBytes[] = {
${bytes}};

}  // namespace

std::string_view ${FUNCTION}() { return {reinterpret_cast<const char*>(kBytes), sizeof kBytes}; }

}  // namespace laxity
")
