#include "profiler/measure/dataset.hpp"

#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
namespace fs = std::filesystem;

namespace {

// A folder that goes away with the test.
struct Folder {
    fs::path path = fs::temp_directory_path() / ("laxity-dataset-" + std::to_string(getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }

    std::string write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path / name, std::ios::binary) << bytes;
        return (path / name).string();
    }
    void write_gz(const std::string& name, const std::string& bytes) const {
        gzFile file = gzopen((path / name).c_str(), "wb");
        gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
        gzclose(file);
    }
};

std::string big_endian(std::initializer_list<std::uint32_t> values) {
    std::string bytes;
    for (const std::uint32_t v : values) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(v >> shift);
    }
    return bytes;
}

// Pixels count up from `first`.
std::string counting(int count, int first = 0) {
    std::string bytes;
    for (int i = 0; i < count; ++i) bytes += static_cast<char>(first + i);
    return bytes;
}

std::string refusal(const std::string& spec) {
    return error_of([&] { open_dataset(spec); });
}

// What pre-processing gives is what is handed out ready.
bool decodes_to_images(const Dataset& data) {
    std::vector<float> decoded(static_cast<std::size_t>(data.elements()));
    for (std::size_t i = 0; i < data.count(); ++i) {
        data.decode(i, decoded);
        if (!std::equal(decoded.begin(), decoded.end(), data.image(i).begin())) return false;
    }
    return true;
}

bool contains(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("MNIST's format is read, packed or not", "[dataset]") {
    const Folder folder;
    const std::string images = big_endian({0x803, 3, 2, 2}) + counting(12),
                      labels = big_endian({0x801, 3}) + counting(3, 7);
    SECTION("plain") {
        folder.write("t10k-images-idx3-ubyte", images);
        folder.write("t10k-labels-idx1-ubyte", labels);
    }
    SECTION("gzip") {
        folder.write_gz("t10k-images-idx3-ubyte.gz", images);
        folder.write_gz("t10k-labels-idx1-ubyte.gz", labels);
    }
    const Dataset data = open_dataset("idx:" + folder.path.string());
    CHECK(data.name == folder.path.filename());
    CHECK(data.split == "test");
    CHECK(data.shape == std::vector<std::int64_t>{1, 2, 2});
    CHECK(data.classes == 10);
    REQUIRE(data.count() == 3);
    CHECK(data.label(1) == 8);
    REQUIRE(data.image(2).size() == 4);
    CHECK(data.image(2)[3] == 11 / 255.0F);
    CHECK(data.bytes.size() == 12);
    CHECK(decodes_to_images(data));
    CHECK(open_dataset("idx:" + folder.path.string(), 2).count() == 2);
    CHECK(open_dataset("fashion-mnist:" + folder.path.string()).name == "fashion-mnist");
}

TEST_CASE("CIFAR-10's binary version is read", "[dataset]") {
    const Folder folder;
    std::string records;
    for (int i = 0; i < 3; ++i) records += static_cast<char>(i) + std::string(3072, static_cast<char>(51 * i));
    folder.write("test_batch.bin", records);
    const Dataset data = open_dataset("cifar10:" + folder.path.string(), 3);
    CHECK(data.shape == std::vector<std::int64_t>{3, 32, 32});
    CHECK(data.label(2) == 2);
    CHECK(data.image(2)[3071] == Approx(0.4F));
    CHECK(decodes_to_images(data));
    CHECK(contains(refusal("cifar10:" + folder.path.string()), "ends too early"));
}

TEST_CASE("Raw files are read by their descriptor", "[dataset]") {
    const Folder folder;
    const auto descriptor = [&](const std::string& type, const std::string& images) {
        return folder.write(
            "d.json", R"({"schema":"laxity.dataset/1","name":"n","split":"s","shape":[2,1,2],"classes":3,"type":")" +
                          type + R"(","images":")" + images + R"(","labels":"l.bin"})");
    };
    folder.write("l.bin", counting(2, 1));
    folder.write("bytes.bin", counting(8));
    const float floats[8] = {0, 0.5F, -1, 2, 3, 4, 5, 6};
    folder.write("floats.bin", std::string(reinterpret_cast<const char*>(floats), sizeof floats));

    const Dataset bytes = open_dataset(descriptor("uint8", "bytes.bin"));
    CHECK((bytes.name == "n" && bytes.split == "s" && bytes.classes == 3 && bytes.count() == 2));
    CHECK(bytes.image(1)[0] == 4 / 255.0F);
    CHECK(decodes_to_images(bytes));
    const Dataset floats_stored = open_dataset(descriptor("float32", "floats.bin"));
    CHECK(floats_stored.image(0)[2] == -1);
    CHECK(floats_stored.bytes.empty());
    CHECK(decodes_to_images(floats_stored));
    CHECK(contains(refusal(descriptor("float32", "bytes.bin")), "2 labels of one byte each, but"));
    CHECK(contains(refusal(descriptor("float64", "bytes.bin")), "/type"));
    CHECK(contains(refusal(descriptor("uint8", "none.bin")), "cannot be read"));
    folder.write("l.bin", counting(2, 2));
    CHECK(contains(refusal(descriptor("uint8", "bytes.bin")), "expected labels from 0 to 2, found 3 for image 1"));
    folder.write("l.bin", "");
    CHECK(contains(refusal(descriptor("uint8", "bytes.bin")), "holds no images"));
}

TEST_CASE("Data that isn't there is refused with what to do", "[dataset]") {
    const Folder folder;
    const std::string there = folder.path.string();
    CHECK(contains(refusal("fashion-mnist:" + there), "install Debian's package dataset-fashion-mnist"));
    CHECK(contains(refusal("idx:" + there), "t10k-images-idx3-ubyte"));
    CHECK(contains(refusal("cifar10:" + there), "cifar-10-binary.tar.gz"));
    CHECK(contains(refusal(there + "/none.json"), "none.json"));
    for (const char* spec : {"", "mnist", "idx", "idx:", "cifar10", "x.npz"})
        CHECK(contains(refusal(spec), "--data: expected fashion-mnist"));
}

TEST_CASE("Damaged IDX files are refused", "[dataset]") {
    const Folder folder;
    const std::string spec = "idx:" + folder.path.string(), labels = big_endian({0x801, 3}) + counting(3);
    const auto with = [&](const std::string& images, const std::string& marks) {
        folder.write("t10k-images-idx3-ubyte", images);
        folder.write("t10k-labels-idx1-ubyte", marks);
        return refusal(spec);
    };
    const std::string images = big_endian({0x803, 3, 2, 2}) + counting(12);
    CHECK(with(images, labels).empty());
    CHECK(contains(with(images.substr(0, 20), labels), "ends too early"));
    CHECK(contains(with(images.substr(0, 3), labels), "ends too early"));
    CHECK(contains(with(labels, labels), "IDX file of 3 dimensions"));
    CHECK(contains(with(images, big_endian({0x801, 2}) + counting(2)), "expected 3 labels, one per image, found 2"));
    CHECK(contains(with(images, big_endian({0x801, 3}) + counting(3, 8)),
                   "expected labels from 0 to 9, found 10 for image 2"));
    CHECK(contains(with(big_endian({0x803, 3, 0, 2}), labels), "impossible sizes"));
    CHECK(contains(with(big_endian({0x803, 0xffffffff, 0xffffffff, 0xffffffff}), big_endian({0x801, 0xffffffff})),
                   "impossible sizes"));
}

TEST_CASE("Fashion-MNIST of Debian's package", "[dataset]") {
    if (!fs::exists("/usr/share/datasets/fashion-mnist")) {
        WARN("skipped: install Debian's package dataset-fashion-mnist");
        return;
    }
    const Dataset data = open_dataset("fashion-mnist");
    CHECK(data.count() == 10'000);
    CHECK(data.shape == std::vector<std::int64_t>{1, 28, 28});
    const Dataset shipped = open_dataset(std::string(LAXITY_SOURCE_DIR) + "/workloads/models/fashion-64.json");
    REQUIRE(shipped.count() == 64);
    for (std::size_t i = 0; i < shipped.count(); ++i) {
        CHECK(shipped.label(i) == data.label(i));
        CHECK(std::equal(shipped.image(i).begin(), shipped.image(i).end(), data.image(i).begin()));
    }
}
