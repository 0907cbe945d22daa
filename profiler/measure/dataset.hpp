// Labelled images, ready to be fed to a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "profiler/network/network.hpp"

namespace laxity {

// Immutable. All images are held in memory: as floats, so that handing one out costs nothing, and as the bytes that
// they are stored in, for those who want to pay for the decoding.
class Dataset {
public:
    std::string name;   // "fashion-mnist"
    std::string split;  // "test"
    std::vector<std::int64_t> shape;  // of one sample; images are [channels, height, width]
    int classes = 0;
    std::vector<std::int32_t> labels;
    std::vector<float> pixels;         // [image][channel][row][column]; bytes are divided by 255
    std::vector<unsigned char> bytes;  // the same before that; empty if the images are stored as floats
    std::vector<float> mean{}, deviation{};  // of each channel, or one for all; empty if nothing is subtracted
    std::string preparation{};               // "resized to 32x32, mean 0.5, std 0.25"; empty if there is none

    std::size_t count() const { return labels.size(); }
    std::int32_t label(std::size_t i) const { return labels[i]; }
    bool has_shape(const TensorShape& taken) const {
        return shape == std::vector<std::int64_t>{taken.channels, taken.height, taken.width};
    }
    std::int64_t elements() const;   // of one sample
    std::string shape_text() const;  // "3x32x32"
    std::span<const float> image(std::size_t i) const {
        const auto size = static_cast<std::size_t>(elements());
        return std::span(pixels).subspan(i * size, size);
    }
    // Writes image `i`, as image() has it, into `out` (elements() floats) from what is stored: the pre-processing
    // of one image. Floats are copied.
    void decode(std::size_t i, std::span<float> out) const;
    // (value - mean) / deviation for one sample, in place; nothing if there is no mean.
    void normalize(std::span<float> sample) const;
};

// Reads the test split of `spec`, at most `limit` images (0 = all):
//   fashion-mnist, fashion-mnist:DIR   from Debian's package dataset-fashion-mnist, or from DIR
//   idx:DIR                            MNIST's file format, 10 classes
//   cifar10:DIR                        CIFAR-10's binary version
//   folder:DIR                         PNG and JPEG images, one sub-folder a class
//   PATH.json                          a descriptor of raw files, arrays or a folder, schema laxity.dataset/1 (README of this folder)
// Throws InputError that says what to install or where to put it.
Dataset open_dataset(const std::string& spec, std::size_t limit = 0);

}  // namespace laxity
