#include "profiler/onnx/onnx_tensor.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace laxity {

namespace {

using onnx::TensorProto;

constexpr std::int64_t kMostElements = std::int64_t{1} << 28;
constexpr const char* kExportAdvice = "export it again with torch.onnx.export";

std::string label(const TensorProto& tensor) { return "the constant '" + tensor.name() + "' "; }

Shape shape_of(const TensorProto& tensor) {
    if (tensor.dims_size() > kMaxRank)
        throw Refusal(label(tensor) + "has " + std::to_string(tensor.dims_size()) + " axes; at most " +
                      std::to_string(kMaxRank) + " are possible");
    std::int64_t count = 1;
    for (const std::int64_t extent : tensor.dims()) {
        if (extent < 0 || (extent > 0 && count > kMostElements / extent))
            throw Refusal(label(tensor) + "has impossible dimensions", kExportAdvice);
        count *= extent;
    }
    return Shape(std::vector<std::int64_t>(tensor.dims().begin(), tensor.dims().end()));
}

std::size_t element_bytes(int type) {
    switch (type) {
        case TensorProto::FLOAT:
        case TensorProto::INT32:
        case TensorProto::UINT32:
            return 4;
        case TensorProto::DOUBLE:
        case TensorProto::INT64:
        case TensorProto::UINT64:
            return 8;
        case TensorProto::FLOAT16:
        case TensorProto::BFLOAT16:
        case TensorProto::INT16:
        case TensorProto::UINT16:
            return 2;
        case TensorProto::INT8:
        case TensorProto::UINT8:
        case TensorProto::BOOL:
            return 1;
        default:
            return 0;
    }
}

template <class T>
T load(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

double half_to_double(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 31) return mantissa != 0 ? std::nan("") : sign * HUGE_VAL;
    if (exponent == 0) return sign * std::ldexp(mantissa, -24);
    return sign * std::ldexp(mantissa + 1024, exponent - 25);
}

double bfloat_to_double(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

// One element of raw bytes, which are little-endian as is every machine that this runs on.
double element(int type, const char* from) {
    switch (type) {
        case TensorProto::FLOAT:
            return load<float>(from);
        case TensorProto::DOUBLE:
            return load<double>(from);
        case TensorProto::INT64:
            return static_cast<double>(load<std::int64_t>(from));
        case TensorProto::UINT64:
            return static_cast<double>(load<std::uint64_t>(from));
        case TensorProto::INT32:
            return load<std::int32_t>(from);
        case TensorProto::UINT32:
            return load<std::uint32_t>(from);
        case TensorProto::INT16:
            return load<std::int16_t>(from);
        case TensorProto::UINT16:
            return load<std::uint16_t>(from);
        case TensorProto::INT8:
            return load<std::int8_t>(from);
        case TensorProto::FLOAT16:
            return half_to_double(load<std::uint16_t>(from));
        case TensorProto::BFLOAT16:
            return bfloat_to_double(load<std::uint16_t>(from));
        default:
            return load<std::uint8_t>(from);
    }
}

std::vector<double> from_bytes(int type, const std::string& bytes) {
    const std::size_t size = element_bytes(type);
    std::vector<double> values(bytes.size() / size);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = element(type, bytes.data() + i * size);
    return values;
}

// From the field that holds elements of that type.
std::vector<double> from_fields(const TensorProto& tensor) {
    const auto copy = [](const auto& field) { return std::vector<double>(field.begin(), field.end()); };
    switch (tensor.data_type()) {
        case TensorProto::FLOAT:
            return copy(tensor.float_data());
        case TensorProto::DOUBLE:
            return copy(tensor.double_data());
        case TensorProto::INT64:
            return copy(tensor.int64_data());
        case TensorProto::UINT32:
        case TensorProto::UINT64:
            return copy(tensor.uint64_data());
        default:
            break;
    }
    std::vector<double> values = copy(tensor.int32_data());
    for (double& value : values) {
        const auto bits = static_cast<std::uint16_t>(static_cast<std::int64_t>(value));
        if (tensor.data_type() == TensorProto::FLOAT16) value = half_to_double(bits);
        if (tensor.data_type() == TensorProto::BFLOAT16) value = bfloat_to_double(bits);
    }
    return values;
}

std::optional<std::uint64_t> number(const std::string& text) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos) return {};
    return std::stoull(text);
}

// The file that holds a tensor's numbers: a plain file in the model's folder.
std::filesystem::path external_file(const TensorProto& tensor, const std::string& folder, const std::string& location) {
    const std::filesystem::path path = std::filesystem::path(folder.empty() ? "." : folder) / location;
    std::error_code error;
    const auto root = std::filesystem::weakly_canonical(folder.empty() ? "." : folder, error);
    const auto real = std::filesystem::weakly_canonical(path, error);
    const auto inside = std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
    if (location.empty() || std::filesystem::path(location).is_absolute() || error || !inside)
        throw Refusal(label(tensor) + "is in the file '" + location + "', which is not in the model's folder",
                      "put the weights beside the model and export it again");
    if (!std::filesystem::is_regular_file(real, error))
        throw Refusal(label(tensor) + "is in the file '" + location + "', which is not there",
                      "copy it beside the model");
    return real;
}

std::string external_bytes(const TensorProto& tensor, const std::string& folder, std::uint64_t wanted) {
    std::string location;
    std::uint64_t offset = 0;
    for (const auto& entry : tensor.external_data()) {
        if (entry.key() == "location") location = entry.value();
        if (entry.key() == "offset") {
            const auto given = number(entry.value());
            if (!given)
                throw Refusal(label(tensor) + "has an impossible offset '" + entry.value() + "'", kExportAdvice);
            offset = *given;
        }
        if (entry.key() == "length" && number(entry.value()) != wanted)
            throw Refusal(label(tensor) + "has another length than its dimensions say", kExportAdvice);
    }
    const auto path = external_file(tensor, folder, location);
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error || size < wanted || size - wanted < offset)
        throw Refusal(label(tensor) + "lies beyond the end of '" + location + "'", "copy the file again");
    std::string bytes(wanted, '\0');
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(bytes.data(), static_cast<std::streamsize>(wanted));
    if (!file) throw Refusal(label(tensor) + "cannot be read from '" + location + "'");
    return bytes;
}

}  // namespace

bool is_integer_type(int type) {
    switch (type) {
        case TensorProto::INT8:
        case TensorProto::INT16:
        case TensorProto::INT32:
        case TensorProto::INT64:
        case TensorProto::UINT8:
        case TensorProto::UINT16:
        case TensorProto::UINT32:
        case TensorProto::UINT64:
            return true;
        default:
            return false;
    }
}

bool OnnxValue::is_integer() const { return is_integer_type(type); }

std::string type_name(int type) {
    std::string name = TensorProto::DataType_IsValid(type)
                           ? TensorProto::DataType_Name(static_cast<TensorProto::DataType>(type))
                           : "type " + std::to_string(type);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
}

OnnxValue read_tensor(const TensorProto& tensor, const std::string& folder) {
    const Shape shape = shape_of(tensor);
    const std::size_t size = element_bytes(tensor.data_type());
    if (size == 0)
        throw Refusal(label(tensor) + "is of type " + type_name(tensor.data_type()), "export the network in float32");
    const std::uint64_t bytes = static_cast<std::uint64_t>(shape.elements()) * size;
    std::vector<double> values;
    if (tensor.data_location() == TensorProto::EXTERNAL)
        values = from_bytes(tensor.data_type(), external_bytes(tensor, folder, bytes));
    else if (tensor.has_raw_data() && tensor.raw_data().size() == bytes)
        values = from_bytes(tensor.data_type(), tensor.raw_data());
    else if (!tensor.has_raw_data())
        values = from_fields(tensor);
    if (static_cast<std::int64_t>(values.size()) != shape.elements())
        throw Refusal(label(tensor) + "has another size than its dimensions say", kExportAdvice);
    return {GraphBuilder::constant({shape, std::move(values)}), tensor.data_type()};
}

OnnxValue integers_value(const std::vector<std::int64_t>& values) {
    Tensor tensor{Shape{static_cast<std::int64_t>(values.size())}, {}};
    for (const std::int64_t value : values) tensor.values.push_back(static_cast<double>(value));
    return {GraphBuilder::constant(std::move(tensor)), TensorProto::INT64};
}

OnnxValue number_value(double value, int type) { return {GraphBuilder::constant({Shape{}, {value}}), type}; }

}  // namespace laxity
