// Walks the fields of a protocol buffer message: enough for the small files of the test data.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lrcn::test {

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error("cannot open " + path.string());
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

struct ProtobufField {
  int number = 0;
  std::uint64_t integer = 0;  // wire type 0
  std::string_view bytes;     // other wire types
};

namespace detail {

inline std::uint64_t take_varint(std::string_view& text) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (text.empty()) {
      break;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    value |= std::uint64_t(byte & 0x7F) << shift;
    if (byte < 0x80) {
      return value;
    }
  }
  throw std::runtime_error("protobuf: a number has no end");
}

inline std::string_view take_bytes(std::string_view& text, std::uint64_t count) {
  if (count > text.size()) {
    throw std::runtime_error("protobuf: the message is cut");
  }
  const std::string_view bytes = text.substr(0, count);
  text.remove_prefix(count);
  return bytes;
}

}  // namespace detail

inline std::vector<ProtobufField> protobuf_fields(std::string_view message) {
  std::vector<ProtobufField> fields;
  while (!message.empty()) {
    const std::uint64_t key = detail::take_varint(message);
    ProtobufField field{int(key >> 3), 0, {}};
    switch (key & 7) {
      case 0:
        field.integer = detail::take_varint(message);
        break;
      case 1:
        field.bytes = detail::take_bytes(message, 8);
        break;
      case 2:
        field.bytes = detail::take_bytes(message, detail::take_varint(message));
        break;
      case 5:
        field.bytes = detail::take_bytes(message, 4);
        break;
      default:
        throw std::runtime_error("protobuf: unknown wire type");
    }
    fields.push_back(field);
  }
  return fields;
}

// Every occurrence of one field with bytes.
inline std::vector<std::string_view> protobuf_messages(std::string_view message, int number) {
  std::vector<std::string_view> messages;
  for (const ProtobufField& field : protobuf_fields(message)) {
    if (field.number == number) {
      messages.push_back(field.bytes);
    }
  }
  return messages;
}

// Little-endian floats, appended to `values`.
inline void append_floats(std::string_view bytes, std::vector<double>& values) {
  static_assert(std::endian::native == std::endian::little);
  for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
    float value = 0.0f;
    std::memcpy(&value, bytes.data() + i, sizeof value);
    values.push_back(value);
  }
}

}  // namespace lrcn::test
