#include "tests/layers/checked_layer.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"
#include "core/transfer.h"
#include "layers/graph/conversion_layers.h"

namespace lrcn::test {
namespace {

constexpr std::uint64_t kSeed = 20250611;

Floats draw(std::string_view name, std::int64_t size, const std::function<float(float)>& map) {
  const Random random(kSeed, Purpose::generate, hash_of(name));
  Floats values(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = map(random.uniform(0, i));
  }
  return values;
}

float to_whole(float unit) { return std::floor(unit * 5.0f) - 2.0f; }

Floats read(const Tensor& tensor) {
  Floats values(std::size_t(tensor.elements()));
  download(values.data(), tensor);
  return values;
}

}  // namespace

CaseInput real(const Shape& shape) {
  return {{shape}, draw("real", shape.elements(), [](float u) { return 2.0f * u - 1.0f; })};
}

CaseInput whole(const Shape& shape) { return {{shape}, draw("whole", shape.elements(), to_whole)}; }

CaseInput spread(const Shape& shape) {
  const std::int64_t size = shape.elements();
  Floats values(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) {
    values[std::size_t(i)] = 0.25f * float(i - size / 2) + 0.125f;
  }
  const Random random(kSeed, Purpose::shuffle);
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[random.below(std::uint32_t(i), 0, i)]);
  }
  return {{shape}, std::move(values)};
}

CaseInput ids(const Shape& shape, std::int32_t below, int ignored) {
  int position = 0;
  const auto map = [&](float unit) {
    const bool ignore = ignored > 0 && ++position % ignored == 0;
    return ignore ? -1.0f : std::floor(unit * float(below));
  };
  return {{shape, DType::i32}, draw("ids", shape.elements(), map), false};
}

CaseInput starts(const Shape& shape) {
  CaseInput input{{shape},
                  draw("starts", shape.elements(), [](float u) { return u < 0.3f ? 0.0f : 1.0f; }),
                  false};
  std::fill_n(input.values.begin(), shape[1], 0.0f);
  return input;
}

CheckedLayer::CheckedLayer(const LayerCase& layer, const CheckedLayerOptions& options)
    : layer_(layer), options_(options), context_(options.device), params_(options.device, kSeed) {
  omp_set_num_threads(options.threads);
  context_.set_precision(options.precision);
  StepState state;
  state.seed = kSeed;
  state.step = 3;
  context_.set_step_state(state);
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    inputs_.push_back(graph_.input("x" + std::to_string(i), layer.inputs[i].spec));
    input_values_.push_back(layer.inputs[i].values);
  }
  const Value first = layer.add(graph_, layer_inputs());
  CompileOptions compile{.phase = options.phase,
                         .outputs = {},
                         .seeds = {},
                         .input_gradients = {},
                         .arena = std::make_shared<Arena>(options.device),
                         .poison = true};
  for (int i = 0; i < layer.outputs; ++i) {
    outputs_.push_back(first.at(i));
  }
  compile.outputs = outputs_;
  for (const int seed : layer.seeds) {
    seeds_.push_back(first.at(seed));
  }
  if (options.backward) {
    compile.seeds = seeds_;
    for (int i = 0; i < int(inputs_.size()); ++i) {
      if (options.without_dx != -2 && i != options.without_dx &&
          layer.inputs[std::size_t(i)].differentiable) {
        compile.input_gradients.push_back(inputs_[std::size_t(i)]);
        inputs_with_gradient_.push_back(i);
      }
    }
  }
  if (!options.frozen.empty()) {
    params_.freeze(options.frozen);
  }
  program_ = Program::compile(context_, graph_, params_, compile);
  // Whatever reads memory that nobody wrote gives NaN.
  const Buffer& memory = compile.arena->buffer();
  set_bytes(context_, memory.view(0, {{std::int64_t(memory.bytes())}, DType::u8}), 0xff);
  for (const Value& seed : seeds_) {
    const Tensor y = program_->value(seed);
    weights_[seed] = draw("weights" + std::to_string(seed.output), y.elements(),
                          [](float u) { return 2.0f * u - 1.0f; });
  }
  if (!options.initial_parameters) {
    draw_parameters();
  }
}

// Rounds what they hold where bf16 is asked for.
std::vector<Value> CheckedLayer::layer_inputs() {
  std::vector<Value> values = inputs_;
  for (std::size_t i = 0; options_.bf16_inputs && i < inputs_.size(); ++i) {
    if (!layer_.inputs[i].differentiable) {
      continue;
    }
    for (float& value : input_values_[i]) {
      value = to_float(to_bfloat16(value));
    }
    if (options_.device.is_cuda()) {
      values[i] = graph_.add(concat("rounded", i), CastLayer(DType::bf16), {inputs_[i]});
    }
  }
  return values;
}

void CheckedLayer::draw_parameters() {
  for (std::size_t i = 0; i < params_.entries().size(); ++i) {
    const ParamStore::Entry& entry = params_.entries()[i];
    const bool is_bias = entry.shape.rank() == 1;
    params_.set_value(int(i), draw(entry.name, entry.shape.elements(), [&](float u) {
                        return layer_.whole_parameters ? to_whole(u) + (is_bias ? 0.5f : 0.0f)
                                                       : u - 0.5f;
                      }));
  }
}

int CheckedLayer::input_of(const std::string& name) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (name == "x" + std::to_string(i)) {
      return int(i);
    }
  }
  return -1;
}

std::vector<std::string> CheckedLayer::names() const {
  std::vector<std::string> names;
  for (const int i : inputs_with_gradient_) {
    names.push_back("x" + std::to_string(i));
  }
  for (const ParamStore::Entry& entry : params_.entries()) {
    if (!entry.frozen && options_.backward) {
      names.push_back(entry.name);
    }
  }
  return names;
}

Floats CheckedLayer::get(const std::string& name) const {
  const int input = input_of(name);
  return input >= 0 ? input_values_[std::size_t(input)] : params_.get_value(params_.find(name));
}

void CheckedLayer::set(const std::string& name, const Floats& values) {
  const int input = input_of(name);
  if (input >= 0) {
    input_values_[std::size_t(input)] = values;
  } else {
    params_.set_value(params_.find(name), values);
  }
}

void CheckedLayer::forward() {
  omp_set_num_threads(options_.threads);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Tensor x = program_->value(inputs_[i]);
    const Floats& values = input_values_[i];
    if (x.spec.dtype == DType::i32) {
      const std::vector<std::int32_t> whole_values(values.begin(), values.end());
      upload(x, whole_values.data());
    } else {
      upload(x, values.data());
    }
  }
  program_->forward(context_);
}

double CheckedLayer::objective() {
  forward();
  double sum = 0.0;
  for (const Value& seed : seeds_) {
    const Floats y = read(program_->value(seed));
    for (std::size_t i = 0; i < y.size(); ++i) {
      sum += double(weights_.at(seed)[i]) * double(y[i]);
    }
  }
  return sum;
}

LayerResult CheckedLayer::run() {
  LayerResult result;
  forward();
  for (const Value& output : outputs_) {
    result.outputs.push_back(read(program_->value(output)));
  }
  if (!options_.backward) {
    return result;
  }
  for (const Value& seed : seeds_) {
    upload(program_->gradient(seed), weights_.at(seed).data());
  }
  if (params_.trainable_elements() > 0) {
    const Tensor gradients = params_.flat_gradients();
    upload(gradients, Floats(std::size_t(gradients.elements()), options_.gradient_prefill).data());
  }
  program_->backward(context_);
  for (const std::string& name : names()) {
    const int input = input_of(name);
    result.gradients[name] = read(input >= 0 ? program_->gradient(inputs_[std::size_t(input)])
                                             : params_.gradient(params_.find(name)));
  }
  return result;
}

}  // namespace lrcn::test
