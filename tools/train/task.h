// What is trained: the interface between the loop and captioning, activity recognition or language
// models.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/context.h"
#include "core/io/file_system.h"
#include "layers/optim/named_tensor.h"

namespace lrcn {

// Which batch: all that decides its content, together with the data. Augmentation and dropout draw
// their random numbers from these numbers (StepState::seed and step are seed and index meanwhile).
struct BatchPosition {
  std::uint64_t seed = 0;
  std::int64_t epoch = 0;
  std::int64_t batch = 0;  // in the epoch: 0 .. batches_per_epoch() - 1
  std::int64_t index = 0;  // since the start of training: epoch * batches_per_epoch() + batch
};

struct Metric {
  std::string name;  // "loss", "perplexity", "cider"
  double value = 0.0;
};

struct EvaluationResult {
  std::vector<Metric> metrics;  // names differ

  // nullptr when there is none of that name.
  const Metric* find(std::string_view name) const {
    for (const Metric& metric : metrics) {
      if (metric.name == name) {
        return &metric;
      }
    }
    return nullptr;
  }
};

// Whether the run has been asked to end.
using StopRequested = std::function<bool()>;

class TrainingTask {
 public:
  virtual ~TrainingTask() = default;

  // Constant and positive.
  virtual std::int64_t batches_per_epoch() const = 0;
  // Forward and backward of one batch: adds the gradient of the mean loss to the gradients of the
  // store and what the batch counts to `meters` (kernels/step_meters.h); nobody waits for the
  // device. Returns the number of examples. Positions come in order, but the first one can be
  // anywhere (resume). State that is carried from batch to batch (truncated back-propagation)
  // belongs in carried_state().
  virtual std::int64_t run_batch(Context& context, const BatchPosition& position,
                                 Tensor meters) = 0;
  // Metrics on the validation data, with the parameters as they are. Returns nothing when it was
  // given up because `stop` became true: long evaluations ask now and then.
  virtual std::optional<EvaluationResult> evaluate(Context& context, const StopRequested& stop) = 0;
  // Writes what makes `folder` a model directory (config.json, preprocessor_config.json,
  // generation_config.json, vocab.txt), all but model.safetensors, which the trainer writes.
  virtual void save_model_files(const std::filesystem::path& folder, const FileSystem& files) = 0;
  // f32 tensors that outlive a batch and are no parameters (the recurrent state carried over), by
  // name; saved and restored with the optimizer's.
  virtual std::vector<NamedTensor> carried_state() { return {}; }
};

}  // namespace lrcn
