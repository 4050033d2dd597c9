// Writing JSON text.
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <variant>

#include "core/error.h"
#include "core/io/json_node.h"
#include "core/io/utf8.h"

namespace lrcn {
namespace {

class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  void write(const JsonNode& node) {
    std::visit([this](const auto& value) { write_value(value); }, node.value);
  }
  std::string take() { return std::move(out_); }

 private:
  void write_value(std::monostate) { out_ += "null"; }
  void write_value(bool value) { out_ += value ? "true" : "false"; }
  void write_value(std::int64_t value) { out_ += std::to_string(value); }

  void write_value(double value) {
    if (!std::isfinite(value)) {
      fail<DataError>("JSON: ", place(), "expected a finite number, got ", value);
    }
    std::array<char, 32> digits;  // the shortest text that reads back as the same double
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view text(digits.data(), std::size_t(end - digits.data()));
    out_ += text;
    if (text.find_first_of(".e") == std::string_view::npos) {
      out_ += ".0";
    }
  }

  void write_value(const std::string& text) {
    if (const auto invalid = find_invalid_utf8(text)) {
      fail<DataError>("JSON: ", place(), "expected UTF-8, which a string is not at its byte ",
                      *invalid);
    }
    append_quoted(out_, text);
  }

  void write_value(const JsonArray& array) {
    open('[');
    for (std::size_t i = 0; i < array.size(); ++i) {
      start_item(i);
      const std::size_t parent = enter(i);
      write(array[i]);
      path_.resize(parent);
    }
    close(']', array.empty());
  }

  void write_value(const JsonObject& object) {
    open('{');
    for (std::size_t i = 0; i < object.members().size(); ++i) {
      const JsonMember& member = object.members()[i];
      start_item(i);
      write_value(member.key);
      out_ += indent_ < 0 ? ":" : ": ";
      const std::size_t parent = enter(std::string_view(member.key));
      write(member.value);
      path_.resize(parent);
    }
    close('}', object.members().empty());
  }

  template <class Step>
  std::size_t enter(Step step) {
    const std::size_t parent = path_.size();
    append_path(path_, step);
    return parent;
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) {
      break_line();
    }
    out_ += bracket;
  }
  void start_item(std::size_t index) {
    out_ += index == 0 ? "" : ",";
    break_line();
  }
  void break_line() {
    if (indent_ >= 0) {
      out_ += '\n';
      out_.append(std::size_t(indent_) * std::size_t(depth_), ' ');
    }
  }
  std::string place() const { return path_.empty() ? "" : path_ + ": "; }

  std::string out_;
  std::string path_;
  int indent_;
  int depth_ = 0;
};

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string Json::dump(int indent) const {
  Writer writer(indent);
  writer.write(*node_);
  return writer.take();
}

}  // namespace lrcn
