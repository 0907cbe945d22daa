#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "profiler/measure/dataset.hpp"
#include "profiler/measure/prepared_images.hpp"
#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/array_file.hpp"

using namespace laxity;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Folder {
    fs::path path = fs::temp_directory_path() / ("laxity-descriptor-" + std::to_string(getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }

    std::string descriptor(const std::string& members) const {
        std::ofstream(path / "d.json") << R"({"schema":"laxity.dataset/1","name":"n","split":"s",)" << members << "}";
        return (path / "d.json").string();
    }
    template <class T>
    void array(const std::string& name, std::vector<std::size_t> shape, const std::vector<T>& values) const {
        write_array((path / name).string(), shape, std::span<const T>(values));
    }
};

const std::string kArrays = R"("classes":1000,"images":"x.npy","labels":"y.npy")";

}  // namespace

TEST_CASE("Signals of any rank and many classes are read from arrays", "[dataset]") {
    const Folder folder;
    folder.array<float>("x.npy", {2, 1, 3}, {1, 2, 3, 4, 5, 6});
    folder.array<std::int64_t>("y.npy", {2}, {999, 300});
    const Dataset data = open_dataset(folder.descriptor(kArrays));
    CHECK(data.shape == std::vector<std::int64_t>{1, 3});
    CHECK(data.labels == std::vector<std::int32_t>{999, 300});
    CHECK(data.image(1)[2] == 6);
    CHECK(open_dataset(folder.descriptor(kArrays), 1).count() == 1);

    folder.array<std::int64_t>("y.npy", {2}, {1000, 0});
    CHECK(contains(error_of([&] { open_dataset(folder.descriptor(kArrays)); }), "labels from 0 to 999, found 1000"));
    folder.array<std::int64_t>("y.npy", {3}, {0, 0, 0});
    CHECK(contains(error_of([&] { open_dataset(folder.descriptor(kArrays)); }), "expected 3 samples"));
}

TEST_CASE("Images with their channels last are turned, resized and normalized", "[dataset]") {
    const Folder folder;
    folder.array<float>("x.npy", {1, 1, 2, 2}, {0, 10, 4, 30});  // channels 0: 0 4, 1: 10 30
    folder.array<std::int64_t>("y.npy", {1}, {0});
    const Dataset turned = open_dataset(folder.descriptor(kArrays + R"(,"layout":"NHWC")"));
    CHECK(turned.shape == std::vector<std::int64_t>{2, 1, 2});
    CHECK(turned.pixels == std::vector<float>{0, 4, 10, 30});

    const Dataset all =
        open_dataset(folder.descriptor(kArrays + R"(,"layout":"NHWC","resize":[1,4],"mean":[0,10],"std":[1,10])"));
    CHECK(all.pixels == std::vector<float>{0, 1, 3, 4, 0, 0.5F, 1.5F, 2});
    CHECK(all.preparation == "resized to 1x4, mean 0 10, std 1 10");
    CHECK(contains(error_of([&] { open_dataset(folder.descriptor(kArrays + R"(,"mean":[1,2,3])")); }), "/mean"));
}

TEST_CASE("Shrinking takes the pixels around each centre", "[dataset]") {
    CHECK(resized(std::vector<float>{0, 2, 4, 6}, {1, 4}, {1, 2}) == std::vector<float>{1, 5});
    CHECK(resized(std::vector<float>{7}, {1, 1}, {2, 2}) == std::vector<float>{7, 7, 7, 7});
}
