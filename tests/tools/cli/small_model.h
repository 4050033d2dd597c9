// A captioner with drawn weights, small enough to be made for every test.
#pragma once

#include <filesystem>
#include <string>

#include "tools/train/model_folder.h"

namespace lrcn::test {

// A vgg_mini encoder for 32x32 pictures, two LSTMs of 16 cells and a vocabulary of twelve words.
CaptionerFolder small_captioner();

// Writes it as a model directory, with weights that follow from `seed`.
void write_small_model(const std::filesystem::path& folder, std::uint64_t seed = 1);

// Writes picture number `index` of the shapes set (64x64).
void write_small_picture(const std::filesystem::path& path, std::uint64_t index);

// Replaces the only occurrence of `from` in a file; the test fails when there is not exactly one.
void replace_in_file(const std::filesystem::path& path, const std::string& from,
                     const std::string& to);

}  // namespace lrcn::test
