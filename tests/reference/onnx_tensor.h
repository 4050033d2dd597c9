// Cases of the ONNX backend tests: tensors, initialisers, and attributes from INDEX.tsv.
//
// TensorProto: 1 dims, 2 data type (1 is f32), 4 float data, 8 name, 9 raw little-endian data.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/reference/array_file.h"
#include "tests/reference/protobuf.h"
#include "tests/test_data.h"

namespace lrcn::test {

inline ArrayFile parse_onnx_tensor(std::string_view message) {
  ArrayFile tensor;
  for (const ProtobufField& field : protobuf_fields(message)) {
    if (field.number == 1) {
      std::string_view packed = field.bytes;
      if (packed.empty()) {
        tensor.shape.push_back(std::int64_t(field.integer));
      }
      while (!packed.empty()) {
        tensor.shape.push_back(std::int64_t(detail::take_varint(packed)));
      }
    } else if (field.number == 2 && field.integer != 1) {
      throw std::runtime_error("onnx: only f32 tensors are read here");
    } else if (field.number == 4 || field.number == 9) {
      append_floats(field.bytes, tensor.values);
    }
  }
  return tensor;
}

struct OnnxCase {
  std::string name;  // "node/test_gemm_beta"
  std::map<std::string, std::vector<double>> numbers;
  std::map<std::string, std::string> words;
  std::vector<ArrayFile> inputs;  // of the case, then those stored in the model
  ArrayFile output;               // the first one

  std::vector<double> get(const std::string& attribute, std::vector<double> otherwise) const {
    const auto found = numbers.find(attribute);
    return found == numbers.end() ? otherwise : found->second;
  }
  double get(const std::string& attribute, double otherwise) const {
    return get(attribute, std::vector<double>{otherwise}).at(0);
  }
};

namespace detail {

// "kernel_shape=[3, 3], auto_pad=SAME_UPPER" or "-".
inline void parse_attributes(std::string text, OnnxCase& test) {
  while (text.find('=') != std::string::npos) {
    const std::size_t equals = text.find('=');
    const std::string key = text.substr(0, equals);
    const bool list = text[equals + 1] == '[';
    const std::size_t end = std::min(text.find(list ? ']' : ',', equals), text.size());
    std::istringstream items(text.substr(equals + 1 + list, end - equals - 1 - list));
    double number = 0.0;
    if (items >> number) {
      do {
        test.numbers[key].push_back(number);
        items.ignore(1, ',');
      } while (items >> number);
    } else {
      test.words[key] = items.str();
    }
    const std::size_t next = text.find_first_not_of("], ", end);
    text = next == std::string::npos ? "" : text.substr(next);
  }
}

}  // namespace detail

// All cases with this operator.
inline std::vector<OnnxCase> onnx_cases(const std::string& op) {
  const std::filesystem::path root = test_data("onnx_node");
  std::istringstream index(read_bytes(root / "INDEX.tsv"));
  std::vector<OnnxCase> cases;
  for (std::string line; std::getline(index, line);) {
    std::vector<std::string> columns;
    std::istringstream row(line);
    for (std::string column; std::getline(row, column, '\t');) {
      columns.push_back(column);
    }
    if (columns.size() < 7 || columns[1] != op) {
      continue;
    }
    OnnxCase test;
    test.name = columns[0];
    detail::parse_attributes(columns[6], test);
    const std::filesystem::path data = root / test.name / "test_data_set_0";
    for (int i = 0; std::filesystem::exists(data / concat("input_", i, ".pb")); ++i) {
      test.inputs.push_back(parse_onnx_tensor(read_bytes(data / concat("input_", i, ".pb"))));
    }
    const std::string model = read_bytes(root / test.name / "model.onnx");
    for (const std::string_view graph : protobuf_messages(model, 7)) {
      for (const std::string_view initializer : protobuf_messages(graph, 5)) {
        test.inputs.push_back(parse_onnx_tensor(initializer));
      }
    }
    test.output = parse_onnx_tensor(read_bytes(data / "output_0.pb"));
    cases.push_back(std::move(test));
  }
  return cases;
}

// The rule of the ONNX tests: |actual - expected| <= 1e-7 + 1e-3 |expected|.
inline bool meets_onnx_tolerance(const std::vector<double>& actual,
                                 const std::vector<double>& expected) {
  return std::equal(
      actual.begin(), actual.end(), expected.begin(), expected.end(),
      [](double a, double e) { return std::abs(a - e) <= 1e-7 + 1e-3 * std::abs(e); });
}

}  // namespace lrcn::test
