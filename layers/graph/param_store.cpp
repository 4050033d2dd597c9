#include "layers/graph/param_store.h"

#include <algorithm>

#include "core/error.h"
#include "core/transfer.h"

namespace lrcn {
namespace {

constexpr std::int64_t kAlignment = 16;  // floats: 64 bytes

std::int64_t aligned(std::int64_t elements) {
  return (elements + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == text;
  }
  if (!text.starts_with(pattern.substr(0, star))) {
    return false;
  }
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t from = star; from <= text.size(); ++from) {
    if (matches(rest, text.substr(from))) {
      return true;
    }
  }
  return false;
}

ParamStore::ParamStore(Device device, std::uint64_t seed, FirstValues first_values)
    : device_(device), seed_(seed), first_values_(first_values) {}

void ParamStore::freeze(std::string_view pattern) {
  check(entries_.empty(), "freeze: to be called before the first compile, pattern '", pattern, "'");
  frozen_patterns_.emplace_back(pattern);
}

int ParamStore::declare(std::string_view name, const Shape& shape, const Initializer& initializer,
                        const ParamOptions& options) {
  if (const int index = find(name); index >= 0) {
    const Entry& entry = entries_[std::size_t(index)];
    check(entry.shape == shape, "parameter ", name, ": shape is ", entry.shape,
          " in one layer and ", shape, " in another");
    return index;
  }
  Entry entry{std::string(name), shape, initializer, options, false, 0};
  entry.frozen = options.lr_mult == 0.0f ||
                 std::any_of(frozen_patterns_.begin(), frozen_patterns_.end(),
                             [&](const std::string& pattern) { return matches(pattern, name); });
  entries_.push_back(std::move(entry));
  index_.emplace(std::string(name), int(entries_.size()) - 1);
  return int(entries_.size()) - 1;
}

int ParamStore::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? -1 : found->second;
}

void ParamStore::allocate(bool with_gradients) {
  if (allocated_entries_ < entries_.size()) {
    std::vector<std::vector<float>> kept;
    for (std::size_t i = 0; i < allocated_entries_; ++i) {
      kept.push_back(get_value(int(i)));
    }
    values_ = Buffer::allocate(device_, std::size_t(place_entries()) * sizeof(float));
    gradients_ = {};
    allocated_entries_ = entries_.size();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (i < kept.size()) {
        set_value(int(i), kept[i]);
      } else if (first_values_ == FirstValues::drawn) {
        draw(int(i));
      }
    }
    touch();
    ++generation_;
  }
  if (with_gradients && !gradients_ && trainable_elements_ > 0) {
    gradients_ = Buffer::allocate(device_, std::size_t(trainable_elements_) * sizeof(float));
    ++generation_;
  }
}

void ParamStore::draw(int index) {
  const Entry& entry = entries_[std::size_t(index)];
  std::vector<float> values(std::size_t(entry.shape.elements()));
  initialize(entry.initializer, seed_, entry.name, entry.shape, values);
  set_value(index, values);
}

std::int64_t ParamStore::place_entries() {
  std::int64_t next = 0;
  for (const bool frozen : {false, true}) {
    for (Entry& entry : entries_) {
      if (entry.frozen == frozen) {
        entry.offset = next;
        next += aligned(entry.shape.elements());
      }
    }
    if (!frozen) {
      trainable_elements_ = next;
    }
  }
  return next;
}

Tensor ParamStore::value(int index) const {
  const Entry& entry = entries_.at(std::size_t(index));
  return values_.view(std::size_t(entry.offset) * sizeof(float), {entry.shape});
}

Tensor ParamStore::gradient(int index) const {
  const Entry& entry = entries_.at(std::size_t(index));
  if (entry.frozen || !gradients_) {
    return {};
  }
  return gradients_.view(std::size_t(entry.offset) * sizeof(float), {entry.shape});
}

Tensor ParamStore::flat_values() const { return values_.view(0, {{trainable_elements_}}); }

Tensor ParamStore::flat_gradients() const { return gradients_.view(0, {{trainable_elements_}}); }

const std::string& ParamStore::name_at(std::int64_t offset) const {
  for (const Entry& entry : entries_) {
    if (!entry.frozen && entry.offset <= offset &&
        offset < entry.offset + aligned(entry.shape.elements())) {
      return entry.name;
    }
  }
  fail<ArgumentError>("parameters: element ", offset, " is outside of ", trainable_elements_,
                      " trainable elements");
}

void ParamStore::set_value(int index, std::span<const float> values) {
  const Entry& entry = entries_.at(std::size_t(index));
  check(std::int64_t(values.size()) == entry.shape.elements(), "parameter ", entry.name,
        ": expected ", entry.shape.elements(), " values, got ", values.size());
  upload(value(index), values.data());
  touch();
}

std::vector<float> ParamStore::get_value(int index) const {
  const Tensor source = value(index);
  std::vector<float> values(std::size_t(source.elements()));
  download(values.data(), source);
  return values;
}

}  // namespace lrcn
