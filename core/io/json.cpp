// Reading JSON text: the only file that includes nlohmann/json. Its tokenizer calls TreeBuilder,
// which adds what the standard leaves open: no duplicate keys, no integer that becomes a double, a
// depth.
#include "core/io/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/io/json_node.h"

namespace lrcn {
namespace {

constexpr int kDeepest = 1000;  // trees are written and destroyed by recursion

// An iterator over the text that tells how far the tokenizer has read.
struct Cursor {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  const char** position;

  const char& operator*() const { return *at; }
  Cursor& operator++() {
    *position = ++at;
    return *this;
  }
  friend bool operator==(const Cursor& a, const Cursor& b) { return a.at == b.at; }
  friend bool operator!=(const Cursor& a, const Cursor& b) { return a.at != b.at; }
};

// Finished values wait on a stack until their array or object ends and takes them over.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const JsonLimits& limits, std::string_view source)
      : text_(text), position_(text.data()), limits_(limits), source_(source) {}

  JsonNode build() {
    const std::size_t zero = text_.find('\0');  // the tokenizer takes it for the end
    if (zero != std::string_view::npos) {
      reject(zero, "expected JSON text, got a zero byte");
    }
    const Cursor begin{text_.data(), &position_};
    const Cursor end{text_.data() + text_.size(), &position_};
    nlohmann::json::sax_parse(begin, end, this);
    return std::move(values_.front());
  }

  // What the tokenizer calls.
  bool null() { return add({}); }
  bool boolean(bool value) { return add({value}); }
  bool number_integer(std::int64_t value) { return add({value}); }
  bool number_unsigned(std::uint64_t value) {
    if (value > std::uint64_t(std::numeric_limits<std::int64_t>::max())) {
      reject_integer(std::to_string(value));
    }
    return add({std::int64_t(value)});
  }
  bool number_float(double value, const std::string& digits) {
    if (digits.find_first_of(".eE") == std::string::npos) {
      reject_integer(digits);
    }
    return add({value});
  }
  bool string(std::string& value) { return add({std::move(value)}); }
  bool binary(nlohmann::json::binary_t&) { return false; }  // only in binary formats
  bool start_object(std::size_t) { return open(true); }
  bool start_array(std::size_t) { return open(false); }
  bool key(std::string& value) {
    keys_.push_back({std::move(value), offset() - 1});
    return true;
  }

  bool end_array() {
    const Frame frame = frames_.back();
    JsonArray array(std::make_move_iterator(values_.begin() + std::ptrdiff_t(frame.first_value)),
                    std::make_move_iterator(values_.end()));
    return close(frame, {std::move(array)});
  }

  bool end_object() {
    const Frame frame = frames_.back();
    std::vector<JsonMember> members;
    members.reserve(values_.size() - frame.first_value);
    for (std::size_t i = 0; frame.first_value + i < values_.size(); ++i) {
      members.push_back(
          {std::move(keys_[frame.first_key + i].text), std::move(values_[frame.first_value + i])});
    }
    std::optional<std::size_t> duplicate;
    JsonObject object(std::move(members), duplicate);
    if (duplicate) {
      std::string quoted;
      append_quoted(quoted, object.members()[*duplicate].key);
      const std::size_t closing_quote = keys_[frame.first_key + *duplicate].end;
      keys_.resize(frame.first_key);  // so that the path ends at the object
      reject(start_of_key(closing_quote),
             concat("expected every key once, got ", quoted, " again"));
    }
    return close(frame, {std::move(object)});
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing
    // value - invalid literal; last read: '...'": the middle says what is wrong.
    std::string_view what = error.what();
    const auto skip_to = [&](std::string_view mark) {
      const std::size_t found = what.find(mark);
      what.remove_prefix(found == std::string_view::npos ? 0 : found + mark.size());
    };
    skip_to("] ");
    if (what.starts_with("parse error at ")) {
      skip_to(": ");
    }
    reject(position == 0 ? 0 : position - 1, what.substr(0, what.find("; last read: ")));
  }

 private:
  struct Frame {
    bool is_object;
    std::size_t first_value;
    std::size_t first_key;
  };
  struct Key {
    std::string text;
    std::size_t end;  // offset of its closing quote
  };

  bool add(JsonNode node) {
    if (++added_ > limits_.max_values) {
      reject(offset(), concat("expected at most ", limits_.max_values, " values"));
    }
    values_.push_back(std::move(node));
    return true;
  }

  bool open(bool is_object) {
    if (frames_.size() >= std::size_t(limits_.max_depth)) {
      reject(offset() - 1,
             concat("expected at most ", limits_.max_depth, " nested arrays and objects"));
    }
    frames_.push_back({is_object, values_.size(), keys_.size()});
    return true;
  }

  bool close(const Frame& frame, JsonNode node) {
    values_.resize(frame.first_value);
    keys_.resize(frame.first_key);
    frames_.pop_back();
    return add(std::move(node));
  }

  // Of the next character that the tokenizer will read.
  std::size_t offset() const { return std::size_t(position_ - text_.data()); }

  std::size_t start_of_key(std::size_t closing_quote) const {
    std::size_t start = closing_quote;
    std::size_t backslashes = 0;
    do {
      start = text_.rfind('"', start - 1);
      backslashes = start - (text_.find_last_not_of('\\', start - 1) + 1);
    } while (backslashes % 2 == 1);
    return start;
  }

  std::string path() const {
    std::string path;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      const std::size_t next = i + 1 < frames_.size() ? frames_[i + 1].first_value : values_.size();
      const std::size_t index = next - frames_[i].first_value;
      if (!frames_[i].is_object) {
        append_path(path, index);
      } else if (frames_[i].first_key + index < keys_.size()) {
        append_path(path, keys_[frames_[i].first_key + index].text);
      }
    }
    return path;
  }

  [[noreturn]] void reject_integer(const std::string& digits) const {
    const auto in_number = [](char c) { return (c >= '0' && c <= '9') || c == '-'; };
    std::size_t start = offset();  // at most one character behind the number
    while (start > 0 && !in_number(text_[start - 1])) {
      --start;
    }
    while (start > 0 && in_number(text_[start - 1])) {
      --start;
    }
    reject(start, concat("expected an integer within int64, got ", digits));
  }

  [[noreturn]] void reject(std::size_t at, std::string_view what) const {
    const std::string_view before = text_.substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t column = at - (before.rfind('\n') + 1) + 1;  // npos + 1 == 0
    const std::string where = path();
    fail<DataError>(source_, ": line ", line, ", column ", column, ": ", where,
                    where.empty() ? "" : ": ", what);
  }

  std::string_view text_;
  const char* position_;
  JsonLimits limits_;
  std::string_view source_;
  std::vector<Frame> frames_;  // the arrays and objects that are open
  std::vector<JsonNode> values_;
  std::vector<Key> keys_;
  std::size_t added_ = 0;  // values so far
};

}  // namespace

Json Json::parse(std::string_view text, const JsonLimits& limits, std::string_view source) {
  check(limits.max_depth >= 0 && limits.max_depth <= kDeepest, "JSON: max_depth must be in [0, ",
        kDeepest, "], got ", limits.max_depth);
  check<DataError>(text.size() <= limits.max_bytes, source, ": expected at most ", limits.max_bytes,
                   " bytes of JSON, got ", text.size());
  Json json(TreeBuilder(text, limits, source).build());
  json.document_->source = source;
  return json;
}

}  // namespace lrcn
