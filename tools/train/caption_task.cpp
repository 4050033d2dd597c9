#include "tools/train/caption_task.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/step_meters.h"
#include "tools/data/tokenize.h"
#include "tools/eval/caption_scores.h"

namespace lrcn {
namespace {

// Only the loss is wanted in validation, so a batch may be filled up with rows that do not count.
std::vector<std::int64_t> rows_from(std::int64_t first, std::int64_t size, std::int64_t batch) {
  std::vector<std::int64_t> rows(std::size_t(batch), -1);
  for (std::int64_t i = 0; i < batch && first + i < size; ++i) {
    rows[std::size_t(i)] = first + i;
  }
  return rows;
}

bool is_one_of_its_references(const CaptionData& data, const CaptionedPicture& captioned,
                              const Vocabulary& vocabulary) {
  const std::vector<std::string> words = vocabulary.decode(captioned.caption.words);
  const auto& references = data.set().items[captioned.picture].captions;
  return std::any_of(references.begin(), references.end(), [&](const std::string& reference) {
    return tokenize_caption(reference) == words;
  });
}

void add_caption_metrics(const CaptionData& data, const std::vector<CaptionedPicture>& captioned,
                         const Vocabulary& vocabulary, EvaluationResult& result) {
  ReferenceCaptions references;
  ResultCaptions results;
  double exact = 0;
  for (const CaptionedPicture& each : captioned) {
    const CaptionSet::Item& item = data.set().items[each.picture];
    if (item.captions.empty()) {
      continue;
    }
    references[item.image_id] = item.captions;
    results[item.image_id] = each.text;
    exact += is_one_of_its_references(data, each, vocabulary) ? 1.0 : 0.0;
  }
  if (results.empty()) {
    return;
  }
  const CaptionScores scores = score_captions(references, results);
  result.metrics.push_back({"bleu_4", scores.bleu[3]});
  result.metrics.push_back({"cider", scores.cider});
  result.metrics.push_back({"exact_match", exact / double(results.size())});
}

RepeatedWork::Key revision_with(const Program& program, const Tensor& meters) {
  RepeatedWork::Key key = program.revision();
  key.push_back(reinterpret_cast<std::uintptr_t>(meters.data));
  return key;
}

}  // namespace

// The program for one caption length.
struct CaptionTask::Bucket {
  CaptionerTraining training;
  Program program;
  RepeatedWork work = {};

  static std::unique_ptr<Bucket> compile(const CaptionTaskParts& parts, std::int64_t steps,
                                         std::int64_t batch, Phase phase,
                                         const std::shared_ptr<Arena>& arena) {
    CaptionerTraining training = build_training(parts.captioner.config, steps, batch);
    CompileOptions options;
    options.phase = phase;
    options.arena = arena;
    options.outputs = {training.loss, training.tally};
    if (phase == Phase::train) {
      options.seeds = {training.loss};
    }
    Program program = Program::compile(parts.context, training.graph, parts.params, options);
    return std::unique_ptr<Bucket>(new Bucket{std::move(training), std::move(program), {}});
  }
};

CaptionTask::CaptionTask(const CaptionTaskParts& parts, const CaptionTaskOptions& options)
    : parts_(parts),
      options_(options),
      arena_(std::make_shared<Arena>(parts.context.device())),
      batcher_(parts.training, {.preprocessing = parts.captioner.preprocessing,
                                .lead_steps = parts.captioner.config.lead_steps(),
                                .random_crop = options.random_crop,
                                .random_mirror = options.random_mirror,
                                .seed = options.seed}),
      loader_(parts.training, batcher_,
              {.epoch = {.batch = options.batch, .buckets = options.buckets, .seed = options.seed},
               .threads = options.threads,
               .prefetch = options.prefetch}) {
  for (const std::int64_t steps : options.buckets) {
    buckets_.push_back(Bucket::compile(parts, steps, options.batch, Phase::train, arena_));
  }
  if (parts.validation != nullptr) {
    validation_bucket_ =
        Bucket::compile(parts, options.buckets.back(), options.batch, Phase::evaluate, arena_);
    SearchOptions greedy;
    greedy.max_words = int(options.buckets.back());
    decoder_ = std::make_unique<CaptionDecoder>(parts.context, parts.params, parts.captioner.config,
                                                options.batch, greedy);
  }
}

CaptionTask::~CaptionTask() = default;

std::int64_t CaptionTask::batches_per_epoch() const { return loader_.batches_per_epoch(); }

void CaptionTask::upload_inputs(const Context& context, const Bucket& bucket,
                                const CaptionBatch& batch) {
  context.synchronize();  // the inputs of the batch before have been read
  const Program& program = bucket.program;
  upload(program.value(bucket.training.images), batch.images.data());
  upload(program.value(bucket.training.input_ids), batch.input_ids.data());
  upload(program.value(bucket.training.targets), batch.targets.data());
  upload(program.value(bucket.training.cont), batch.cont.data());
}

std::int64_t CaptionTask::run_batch(Context& context, const BatchPosition& position,
                                    Tensor meters) {
  const CaptionBatch batch = loader_.get(position.index);
  const auto bucket = std::find(options_.buckets.begin(), options_.buckets.end(), batch.steps);
  Bucket& chosen = *buckets_.at(std::size_t(bucket - options_.buckets.begin()));
  upload_inputs(context, chosen, batch);
  chosen.work.give_to(context, revision_with(chosen.program, meters), [&] {
    chosen.program.forward(context);
    chosen.program.backward(context);
    add_to_meters(context, chosen.program.value(chosen.training.loss),
                  chosen.program.value(chosen.training.tally), meters);
  });
  return options_.batch;
}

std::optional<EvaluationResult> CaptionTask::evaluate(Context& context, const StopRequested& stop) {
  if (parts_.validation == nullptr) {
    return EvaluationResult{};
  }
  const CaptionData& data = *parts_.validation;
  const CaptionBatcher batcher(data, {.preprocessing = parts_.captioner.preprocessing,
                                      .lead_steps = parts_.captioner.config.lead_steps()});
  const OwnedTensor meters(context.device(), kStepMetersSpec);
  Bucket& bucket = *validation_bucket_;
  CaptionBatch batch;
  const std::int64_t size = std::int64_t(data.examples().size());
  for (std::int64_t first = 0; first < size; first += options_.batch) {
    if (stop()) {
      return std::nullopt;
    }
    batcher.fill(rows_from(first, size, options_.batch), options_.buckets.back(), 0, batch);
    upload_inputs(context, bucket, batch);
    bucket.work.give_to(context, revision_with(bucket.program, meters.tensor), [&] {
      bucket.program.forward(context);
      add_to_meters(context, bucket.program.value(bucket.training.loss),
                    bucket.program.value(bucket.training.tally), meters.tensor);
    });
  }
  context.synchronize();
  StepMeters sum;
  download(&sum, meters.tensor);
  EvaluationResult result;
  if (sum.counted > 0) {
    const double loss = sum.weighted_loss / sum.counted;
    result.metrics = {
        {"loss", loss}, {"perplexity", std::exp(loss)}, {"accuracy", sum.correct / sum.counted}};
  }
  const std::size_t pictures =
      std::min(data.pictures().size(), std::size_t(options_.evaluate_pictures));
  const auto captioned =
      caption_pictures(context, *decoder_, data, pictures, parts_.captioner, stop);
  if (!captioned) {
    return std::nullopt;
  }
  add_caption_metrics(data, *captioned, parts_.captioner.vocabulary, result);
  return result;
}

void CaptionTask::save_model_files(const std::filesystem::path& folder, const FileSystem& files) {
  write_captioner_folder(folder, parts_.captioner, files);
}

std::optional<std::vector<CaptionedPicture>> caption_pictures(
    Context& context, CaptionDecoder& decoder, const CaptionData& data, std::size_t count,
    const CaptionerFolder& captioner, const StopRequested& stop) {
  std::vector<CaptionedPicture> result;
  const Tensor images = decoder.images();
  const std::size_t planes = std::size_t(images.elements() / images.shape()[0]);
  std::vector<float> host(std::size_t(images.elements()));
  std::vector<std::size_t> batch;
  const auto flush = [&] {
    upload(images, host.data());
    const auto captions =
        decoder.decode(context, std::int64_t(batch.size()), batch.empty() ? 0 : batch.front());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Caption& best = captions[i].front();
      result.push_back({batch[i], best, captioner.vocabulary.sentence(best.words)});
    }
    batch.clear();
  };
  for (std::size_t picture = 0; picture < count; ++picture) {
    if (stop()) {
      return std::nullopt;
    }
    if (const auto image = data.pictures().read(picture)) {
      to_planes(*image, captioner.preprocessing,
                std::span<float>(host).subspan(batch.size() * planes, planes));
      batch.push_back(picture);
    }
    if (std::int64_t(batch.size()) == decoder.batch()) {
      flush();
    }
  }
  flush();
  return result;
}

}  // namespace lrcn
