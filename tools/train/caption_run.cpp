#include "tools/train/caption_run.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "kernels/algorithm_choices.h"
#include "layers/optim/adam.h"
#include "layers/optim/rmsprop.h"
#include "layers/optim/sgd.h"
#include "tools/data/coco.h"
#include "tools/data/karpathy.h"
#include "tools/data/preprocess_config.h"
#include "tools/train/run_lock.h"
#include "tools/train/weights.h"

namespace lrcn {
namespace {

std::unique_ptr<Optimizer> make_optimizer(const CaptionRunConfig& config) {
  if (config.optimizer == "adam") {
    return std::make_unique<Adam>(config.adam);
  }
  if (config.optimizer == "rmsprop") {
    return std::make_unique<RmsProp>(config.rmsprop);
  }
  check(config.optimizer == "sgd", "optimizer: expected sgd, adam or rmsprop, got '",
        config.optimizer, "'");
  return std::make_unique<Sgd>(config.sgd);
}

void expect_same(const Checkpoint& checkpoint, const char* other, const Json& found,
                 const Json& wanted) {
  check<DataError>(found.dump() == wanted.dump(), "checkpoint ", checkpoint.folder.string(),
                   " is of ", other, ": it has ", found.dump(), ", the configuration says ",
                   wanted.dump());
}

// A checkpoint brings its own vocabulary, so that it fits even when the data have grown.
CaptionerFolder make_captioner(const CaptionRunConfig& config, const CaptionSet& training,
                               const std::optional<Checkpoint>& checkpoint) {
  if (checkpoint) {
    CaptionerFolder captioner = read_captioner_folder(checkpoint->folder);
    CaptionerConfig expected = config.model;
    expected.vocabulary = captioner.config.vocabulary;
    expect_same(*checkpoint, "another model", captioner.config.to_json(), expected.to_json());
    expect_same(*checkpoint, "pictures prepared in another way", to_json(captioner.preprocessing),
                to_json(config.preprocessing));
    captioner.search.max_words = int(config.data.max_words);
    return captioner;
  }
  CaptionerFolder captioner{
      config.model, config.preprocessing, {}, build_vocabulary(training, config.min_count)};
  captioner.config.vocabulary = captioner.vocabulary.size();
  captioner.search.max_words = int(config.data.max_words);
  return captioner;
}

// A pattern with a slip of the pen would train what was meant to stay as it is.
void check_frozen(const ParamStore& params, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    const auto& entries = params.entries();
    check(std::any_of(entries.begin(), entries.end(),
                      [&](const auto& entry) { return matches(pattern, entry.name); }),
          "model.freeze: no parameter has a name like '", pattern, "'; the first is ",
          entries.empty() ? "" : entries.front().name);
  }
}

std::optional<Checkpoint> find_checkpoint(const CaptionRunConfig& config, ProgressSink& progress,
                                          bool resume) {
  const Checkpoints checkpoints(config.trainer.run, config.trainer.keep_last);
  if (!resume) {
    checkpoints.expect_none();
    return std::nullopt;
  }
  auto newest = checkpoints.newest([&](std::string_view text) { progress.notice(text); });
  if (!newest) {
    progress.notice(concat("there is no checkpoint in ", config.trainer.run.string(),
                           " yet: training begins at step 0"));
  }
  return newest;
}

std::optional<CaptionData> read_validation(const CaptionRunConfig& config,
                                           const Vocabulary& vocabulary) {
  if (config.validation.empty()) {
    return std::nullopt;
  }
  return std::optional<CaptionData>(std::in_place,
                                    read_captions(config.validation, config.data.pictures.on_bad),
                                    vocabulary, config.data);
}

}  // namespace

CaptionSet read_captions(const CaptionSource& source, BadPolicy on_bad) {
  const bool coco = source.format == "coco";
  CaptionSet set = coco ? read_coco({source.captions, source.images, source.split})
                        : select_split(read_karpathy(source.captions, source.images), source.split);
  check<DataError>(!set.items.empty(), source.captions.string(), ": has no pictures",
                   coco ? "" : concat(" of the split '", source.split, "'"));
  if (on_bad == BadPolicy::abort) {
    check_files_exist(set);
  }
  return set;
}

struct CaptionRun::Impl {
  CaptionRunConfig config;
  RunLock lock;
  std::optional<Checkpoint> checkpoint;
  CaptionSet training_set;
  CaptionerFolder captioner;
  CaptionData training;
  std::optional<CaptionData> validation;
  ParamStore params;
  std::unique_ptr<Optimizer> optimizer;
  std::optional<CaptionTask> task;
  std::optional<Trainer> trainer;

  Impl(Context& context, const CaptionRunConfig& run, ProgressSink& progress, bool resume)
      : config(run),
        lock(run.trainer.run),
        checkpoint(find_checkpoint(run, progress, resume)),
        training_set(read_captions(run.training, run.data.pictures.on_bad)),
        captioner(make_captioner(run, training_set, checkpoint)),
        training(std::move(training_set), captioner.vocabulary, run.data),
        validation(read_validation(run, captioner.vocabulary)),
        params(context.device(), run.trainer.seed,
               checkpoint ? ParamStore::FirstValues::zero : ParamStore::FirstValues::drawn),
        optimizer(make_optimizer(run)) {}
};

CaptionRun::CaptionRun(Context& context, const CaptionRunConfig& config, ProgressSink& progress,
                       bool resume)
    : impl_(std::make_unique<Impl>(context, config, progress, resume)) {
  Impl& impl = *impl_;
  if (impl.checkpoint) {  // before anything is planned: the same kernels give the same bits
    context.handle<AlgorithmChoices>().load(impl.checkpoint->state.algorithms);
  }
  for (const std::string& pattern : config.freeze) {
    impl.params.freeze(pattern);
  }
  impl.task.emplace(CaptionTaskParts{context, impl.params, impl.captioner, impl.training,
                                     impl.validation ? &*impl.validation : nullptr},
                    config.task);
  check_frozen(impl.params, config.freeze);
  if (!config.weights.empty() && !impl.checkpoint) {
    LoadOptions options;
    options.strict = false;
    options.prefixes = {{"encoder.", "encoder."}, {"", "encoder."}};
    const LoadReport report = load_weights(impl.params, config.weights, options);
    check<DataError>(!report.loaded.empty(), config.weights.string(),
                     ": none of its tensors belongs to the encoder ",
                     config.model.encoder.architecture);
    progress.notice(concat("loaded ", report.loaded.size(), " tensors from ",
                           config.weights.string(), ", ", report.unexpected.size(),
                           " of its tensors are not used"));
  }
  impl.trainer.emplace(TrainerParts{context, impl.params, *impl.optimizer, *impl.task, progress},
                       config.trainer);
  if (impl.checkpoint) {
    impl.trainer->resume(*impl.checkpoint);
    progress.notice(concat("resuming at step ", impl.checkpoint->state.step, " from ",
                           impl.checkpoint->folder.string()));
  }
}

CaptionRun::~CaptionRun() = default;

Outcome CaptionRun::run(const StopRequested& stop) { return impl_->trainer->run(stop); }

const TrainerState& CaptionRun::state() const { return impl_->trainer->state(); }

std::vector<std::string> CaptionRun::bad_pictures() const {
  std::vector<std::string> bad = impl_->training.pictures().bad();
  if (impl_->validation) {
    const std::vector<std::string> more = impl_->validation->pictures().bad();
    bad.insert(bad.end(), more.begin(), more.end());
  }
  return bad;
}

}  // namespace lrcn
