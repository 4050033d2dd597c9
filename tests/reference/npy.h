// NumPy arrays of C-order f32, and the blobs of a .caffemodel.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tests/reference/array_file.h"
#include "tests/reference/protobuf.h"

namespace lrcn::test {

// Version 1 and 2 files: magic, header length, a Python dictionary, data.
inline ArrayFile read_npy(const std::filesystem::path& path) {
  const std::string file = read_bytes(path);
  const auto byte = [&](std::size_t i) {
    return std::size_t(static_cast<unsigned char>(file.at(i)));
  };
  const std::size_t begin = byte(6) == 1 ? 10 : 12;
  const std::size_t length = byte(8) + 256 * byte(9);
  const std::string header = file.substr(begin, length);
  if (!file.starts_with("\x93NUMPY") || header.find("'<f4'") == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos) {
    throw std::runtime_error(path.string() + " is not a C-order f32 array");
  }
  ArrayFile array;
  std::string shape = header.substr(header.find("'shape': (") + 10);
  for (std::size_t i = 0; shape[i] != ')';) {
    if (std::isdigit(static_cast<unsigned char>(shape[i])) != 0) {
      std::size_t digits = 0;
      array.shape.push_back(std::stoll(shape.substr(i), &digits));
      i += digits;
    } else {
      ++i;
    }
  }
  append_floats(std::string_view(file).substr(begin + length), array.values);
  return array;
}

// Blobs (weight, then bias) of the only layer with blobs. NetParameter: 100 layer; LayerParameter:
// 7 blobs; BlobProto: 5 data, 7 shape.
inline std::vector<std::vector<double>> read_caffe_blobs(const std::filesystem::path& path) {
  const std::string file = read_bytes(path);
  std::vector<std::vector<double>> blobs;
  for (const std::string_view layer : protobuf_messages(file, 100)) {
    for (const std::string_view blob : protobuf_messages(layer, 7)) {
      std::vector<double>& values = blobs.emplace_back();
      for (const std::string_view data : protobuf_messages(blob, 5)) {
        append_floats(data, values);
      }
    }
  }
  return blobs;
}

// The rule of the Caffe cases: mean difference below 1e-5, largest below 1e-4.
inline bool meets_caffe_tolerance(const std::vector<double>& actual,
                                  const std::vector<double>& expected) {
  double sum = 0.0;
  double most = 0.0;
  for (std::size_t i = 0; i < expected.size() && i < actual.size(); ++i) {
    const double error = std::abs(actual[i] - expected[i]);
    sum += error;
    most = error > most || std::isnan(error) ? error : most;
  }
  return actual.size() == expected.size() && sum < 1e-5 * double(expected.size()) && most < 1e-4;
}

}  // namespace lrcn::test
