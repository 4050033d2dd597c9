#include "layers/optim/flat_state.h"

#include <utility>

#include "core/error.h"
#include "core/transfer.h"
#include "layers/optim/gradients.h"

namespace lrcn {

FlatState::FlatState(std::vector<std::string> names) : names_(std::move(names)) {
  check(!names_.empty() && names_.size() <= 2, "optimizer: expected one or two states, got ",
        names_.size());
}

UpdateArena FlatState::arena(const ParamStore& params) {
  bind(params);
  const auto state = [&](std::size_t i) {
    return i < arenas_.size() ? arenas_[i].view(0, {Shape{elements_}}) : Tensor{};
  };
  return {
      .value = params.flat_values(),
      .gradient = trainable_gradients(params),
      .state = state(0),
      .state2 = state(1),
      .segments = {reinterpret_cast<const UpdateSegment*>(segment_memory_.data()), segment_count_}};
}

std::vector<NamedTensor> FlatState::tensors(const ParamStore& params) {
  bind(params);
  std::vector<NamedTensor> tensors;
  tensors.reserve(names_.size() * places_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    for (const Place& place : places_) {
      tensors.push_back(
          {names_[i] + '/' + place.name,
           arenas_[i].view(std::size_t(place.offset) * sizeof(float), {place.shape})});
    }
  }
  return tensors;
}

void FlatState::bind(const ParamStore& params) {
  if (bound_ && generation_ == params.generation()) {
    return;
  }
  std::vector<Place> places = places_of(params);
  if (bound_) {
    check(places == places_,
          "optimizer: the store's trainable parameters have changed since its first step");
    generation_ = params.generation();
    return;
  }
  elements_ = params.trainable_elements();
  places_ = std::move(places);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    arenas_.push_back(Buffer::allocate(params.device(), std::size_t(elements_) * sizeof(float)));
  }
  upload_segments(params.device());
  generation_ = params.generation();
  bound_ = true;
}

std::vector<FlatState::Place> FlatState::places_of(const ParamStore& params) {
  std::vector<Place> places;
  for (const ParamStore::Entry& entry : params.entries()) {
    if (!entry.frozen) {
      places.push_back(
          {entry.name, entry.shape, entry.offset, entry.options.lr_mult, entry.options.decay_mult});
    }
  }
  return places;
}

void FlatState::upload_segments(Device device) {
  std::vector<UpdateSegment> segments;
  for (const Place& place : places_) {
    const std::int64_t end = place.offset + place.shape.elements();
    if (!segments.empty() && segments.back().lr_mult == place.lr_mult &&
        segments.back().decay_mult == place.decay_mult) {
      segments.back().end = end;  // the padding between is zero in every arena and stays so
    } else {
      segments.push_back({place.offset, end, place.lr_mult, place.decay_mult});
    }
  }
  const std::size_t bytes = segments.size() * sizeof(UpdateSegment);
  segment_memory_ = Buffer::allocate(device, bytes);
  upload(segment_memory_.view(0, {Shape{std::int64_t(bytes)}, DType::u8}), segments.data());
  segment_count_ = segments.size();
}

}  // namespace lrcn
