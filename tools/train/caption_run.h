// Everything that a training run of a captioner is made of, as its configuration says.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "kernels/optimizer.h"
#include "layers/optim/optimizer.h"
#include "tools/data/caption_data.h"
#include "tools/train/caption_task.h"
#include "tools/train/trainer.h"

namespace lrcn {

// Where captions come from.
struct CaptionSource {
  std::string format = "coco";     // coco or karpathy
  std::filesystem::path captions;  // the JSON file; karpathy: of all parts
  std::filesystem::path images;    // folder of the pictures
  std::string split = "train";     // which part of a karpathy file

  bool empty() const { return captions.empty(); }
};

struct CaptionRunConfig {
  CaptionSource training;
  CaptionSource validation;    // empty: no validation
  std::int64_t min_count = 5;  // a word must occur so often
  CaptionDataOptions data;
  CaptionerConfig model;  // vocabulary is filled in from the data
  Preprocessing preprocessing;
  std::filesystem::path weights;    // first values of the encoder, safetensors; empty: drawn
  std::vector<std::string> freeze;  // patterns of parameters that stay as they are
  std::string optimizer = "sgd";    // sgd, adam or rmsprop
  SgdOptions sgd;
  AdamOptions adam;
  RmsPropOptions rmsprop;
  CaptionTaskOptions task;
  TrainerOptions trainer;
};

// Reads a source. Throws what the readers throw, DataError when nothing is left of the split, and,
// under BadPolicy::abort, NotFoundError naming the pictures that are absent.
CaptionSet read_captions(const CaptionSource& source, BadPolicy on_bad);

// A run whose data are read and whose programs are compiled.
class CaptionRun {
 public:
  // `resume` continues from the newest checkpoint of config.trainer.run, if there is one. Throws
  // ArgumentError when another training is at work there, or when there are checkpoints and no
  // resume; DataError for a checkpoint of other training.
  CaptionRun(Context& context, const CaptionRunConfig& config, ProgressSink& progress, bool resume);
  ~CaptionRun();

  Outcome run(const StopRequested& stop);
  const TrainerState& state() const;
  // Bad pictures that were left out, with the reason.
  std::vector<std::string> bad_pictures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lrcn
