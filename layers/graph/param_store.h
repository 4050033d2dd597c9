// All parameters of a model in flat arenas, found by name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/buffer.h"
#include "layers/graph/initializer.h"
#include "layers/planner.h"

namespace lrcn {

// Programs compiled against one store share parameters by name. The value arena holds the trainable
// parameters first and the frozen ones after them, each padded to 64 bytes, so that the gradient
// and every optimizer arena mirror its first trainable_elements() floats.
class ParamStore {
 public:
  struct Entry {
    std::string name;
    Shape shape;
    Initializer initializer;
    ParamOptions options;
    bool frozen = false;
    std::int64_t offset = 0;  // in floats, into the value arena; the same in gradients if trainable
  };

  // `drawn` values follow from the seed and the names; `zero` saves the time where weights are
  // loaded.
  enum class FirstValues { drawn, zero };

  explicit ParamStore(Device device, std::uint64_t seed = 0,
                      FirstValues first_values = FirstValues::drawn);

  // Names that match a pattern ("encoder.*"; * matches any text) are never trained. To be called
  // before the first compile.
  void freeze(std::string_view pattern);
  // Declares a parameter or finds the one of that name. Throws ArgumentError when it exists with
  // another shape. Returns its index.
  int declare(std::string_view name, const Shape& shape, const Initializer& initializer,
              const ParamOptions& options);

  const std::vector<Entry>& entries() const { return entries_; }
  bool is_frozen(int index) const { return entries_.at(std::size_t(index)).frozen; }
  // Index of `name`, or -1.
  int find(std::string_view name) const;

  // Gives declared parameters memory and first values; existing values stay. Called by compile.
  // Gradient memory is made when `with_gradients` is first set.
  void allocate(bool with_gradients);
  Tensor value(int index) const;
  Tensor gradient(int index) const;  // empty when frozen or without gradients
  // The trainable parts of the arenas as one tensor each.
  Tensor flat_values() const;
  Tensor flat_gradients() const;
  std::int64_t trainable_elements() const { return trainable_elements_; }
  // Name of the trainable parameter that holds element `offset` of the flat arenas.
  const std::string& name_at(std::int64_t offset) const;

  // Copies host values in / out (plain f32 [shape]). Throws ArgumentError on a size mismatch.
  void set_value(int index, std::span<const float> values);
  std::vector<float> get_value(int index) const;

  // Count changes of values; programs repack weights when they move. version() counts all changes,
  // frozen_version() those of frozen values.
  std::uint64_t version() const { return version_; }
  std::uint64_t frozen_version() const { return frozen_version_; }
  // To be called after values have been written: all of them, or, by optimizers, trainable ones.
  void touch() {
    ++version_;
    ++frozen_version_;
  }
  void touch_trainable() { ++version_; }
  // Counts moves of the arenas; programs look their views up again.
  std::uint64_t generation() const { return generation_; }
  Device device() const { return device_; }

 private:
  // Gives every entry its offset, trainable ones first; returns the floats needed.
  std::int64_t place_entries();
  void draw(int index);

  Device device_;
  std::uint64_t seed_;
  FirstValues first_values_;
  std::vector<std::string> frozen_patterns_;
  std::vector<Entry> entries_;
  std::map<std::string, int, std::less<>> index_;
  Buffer values_;
  Buffer gradients_;
  std::int64_t trainable_elements_ = 0;
  std::size_t allocated_entries_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t frozen_version_ = 0;
  std::uint64_t generation_ = 0;
};

// Whether `text` matches `pattern`, in which * stands for any text.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace lrcn
