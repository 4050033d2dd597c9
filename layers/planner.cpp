#include "layers/planner.h"

#include <algorithm>

#include "core/error.h"
#include "layers/graph/param_store.h"

namespace lrcn {

DType activation_dtype(const Context& context) {
  const bool rounded = !context.device().is_cpu() && context.precision() == Precision::bf16;
  return rounded ? DType::bf16 : DType::f32;
}

Planner::Planner(Context& context, ParamStore& store, std::string path, Phase phase,
                 std::vector<Input> inputs, bool reaches_loss)
    : context_(context),
      store_(store),
      path_(std::move(path)),
      phase_(phase),
      inputs_(std::move(inputs)),
      reaches_loss_(reaches_loss),
      kept_inputs_(inputs_.size()) {
  for (const Input& input : inputs_) {
    const DType dtype = is_real(input.spec.dtype) ? DType::f32 : input.spec.dtype;
    wanted_.push_back({input.spec.shape, dtype, Layout::plain});
  }
}

const TensorSpec& Planner::input(int i) const { return wanted_.at(std::size_t(i)); }

bool Planner::needs_dx(int i) const {
  return reaches_loss_ && inputs_.at(std::size_t(i)).needs_gradient;
}

bool Planner::backward() const {
  if (!reaches_loss_) {
    return false;
  }
  const bool input = std::any_of(inputs_.begin(), inputs_.end(),
                                 [](const Input& each) { return each.needs_gradient; });
  const bool param = std::any_of(params_.begin(), params_.end(),
                                 [&](int index) { return !store_.is_frozen(index); });
  return input || param;
}

void Planner::expect_inputs(int low, int high) const {
  check(input_count() >= low && input_count() <= high, "expected ", low,
        low == high ? "" : concat(" to ", high), " inputs, got ", input_count());
}

void Planner::accept_layout(int i) {
  wanted_.at(std::size_t(i)).layout = inputs_.at(std::size_t(i)).spec.layout;
}

void Planner::request_layout(int i, Layout layout) { wanted_.at(std::size_t(i)).layout = layout; }

void Planner::accept_dtype(int i) {
  wanted_.at(std::size_t(i)).dtype = inputs_.at(std::size_t(i)).spec.dtype;
}

void Planner::request_dtype(int i, DType dtype) {
  check(is_real(dtype) && is_real(inputs_.at(std::size_t(i)).spec.dtype), "input ", i, " of type ",
        inputs_.at(std::size_t(i)).spec.dtype, " cannot become ", dtype);
  wanted_.at(std::size_t(i)).dtype = dtype;
}

int Planner::param(std::string_view name, const Shape& shape, const Initializer& initializer,
                   const ParamOptions& options) {
  params_.push_back(store_.declare(concat(path_, '.', name), shape, initializer, options));
  return int(params_.size()) - 1;
}

int Planner::saved(std::string_view name, const TensorSpec& spec) {
  return slot(name, spec, SlotKind::saved);
}

int Planner::scratch(std::string_view name, const TensorSpec& spec) {
  return slot(name, spec, SlotKind::scratch);
}

int Planner::persistent(std::string_view name, const TensorSpec& spec) {
  return slot(name, spec, SlotKind::persistent);
}

int Planner::slot(std::string_view name, const TensorSpec& spec, SlotKind kind) {
  slots_.push_back({std::string(name), spec, kind});
  return int(slots_.size()) - 1;
}

void Planner::keep_output(int i) { kept_outputs_.push_back(i); }

bool Planner::keeps_output(int i) const {
  return std::find(kept_outputs_.begin(), kept_outputs_.end(), i) != kept_outputs_.end();
}

}  // namespace lrcn
