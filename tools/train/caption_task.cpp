#include "tools/train/caption_task.h"

#include <algorithm>
#include <cmath>
#include <span>

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

void add_metrics(EvaluationResult& result, const std::vector<std::string>& names,
                 std::initializer_list<double> values) {
  for (std::size_t i = 0; const double value : values) {
    result.metrics.push_back({names.at(i++), value});
  }
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
  add_metrics(result, caption_metrics(),
              {scores.bleu[3], scores.cider, exact / double(results.size())});
}

// For batches of captions of at most `steps` words.
PictureUpload make_upload(Context& context, const CaptionerFolder& captioner, std::int64_t batch,
                          std::int64_t steps) {
  constexpr std::size_t kBytes = 4;  // of a word, and of what stands beside it
  const std::size_t words = std::size_t(batch * steps) * kBytes;
  const std::size_t all = words + std::size_t(batch * captioner.config.lead_steps()) * kBytes;
  return PictureUpload(context, captioner.preprocessing, batch, {words, all, all});
}

void send_batch(PictureUpload& upload, const CaptionBatch& batch) {
  const PictureUpload::Room room = upload.next();
  std::copy(batch.pictures.begin(), batch.pictures.end(), room.pictures.begin());
  std::copy(batch.places.begin(), batch.places.end(), room.places.begin());
  upload.send({std::as_bytes(std::span(batch.input_ids)), std::as_bytes(std::span(batch.targets)),
               std::as_bytes(std::span(batch.cont))});
}

RepeatedWork::Key revision_with(const Program& program, const Tensor& meters) {
  RepeatedWork::Key key = program.revision();
  key.push_back(reinterpret_cast<std::uintptr_t>(meters.data));
  return key;
}

}  // namespace

const std::vector<std::string>& word_metrics() {
  static const std::vector<std::string> names = {"loss", "perplexity", "accuracy"};
  return names;
}

const std::vector<std::string>& caption_metrics() {
  static const std::vector<std::string> names = {"bleu_4", "cider", "exact_match"};
  return names;
}

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

  // The batch that was sent becomes the input.
  void take(Context& context, PictureUpload& upload) const {
    upload.arrive(context, program.value(training.images),
                  {program.value(training.input_ids), program.value(training.targets),
                   program.value(training.cont)});
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
               .prefetch = options.prefetch}),
      upload_(make_upload(parts.context, parts.captioner, options.batch, options.buckets.back())) {
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

void CaptionTask::send(std::int64_t index, const CaptionBatch& batch) {
  send_batch(upload_, batch);
  sent_index_ = index;
  sent_steps_ = batch.steps;
}

void CaptionTask::send_ahead(std::int64_t index) {
  CaptionBatch batch;
  try {
    batch = loader_.get(index);
  } catch (const Error&) {
    return;  // it comes again if this batch is ever asked for
  }
  send(index, batch);
}

std::int64_t CaptionTask::run_batch(Context& context, const BatchPosition& position,
                                    Tensor meters) {
  if (sent_index_ != position.index) {
    if (upload_.under_way() > 0) {
      upload_.drop(context);
    }
    send(position.index, loader_.get(position.index));
  }
  const auto bucket = std::find(options_.buckets.begin(), options_.buckets.end(), sent_steps_);
  Bucket& chosen = *buckets_.at(std::size_t(bucket - options_.buckets.begin()));
  chosen.take(context, upload_);
  sent_index_ = -1;
  chosen.work.give_to(context, revision_with(chosen.program, meters), [&] {
    chosen.program.forward(context);
    chosen.program.backward(context);
    add_to_meters(context, chosen.program.value(chosen.training.loss),
                  chosen.program.value(chosen.training.tally), meters);
  });
  if (context.device().is_cuda()) {  // which computes meanwhile
    send_ahead(position.index + 1);
  }
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
  PictureUpload upload =
      make_upload(context, parts_.captioner, options_.batch, options_.buckets.back());
  CaptionBatch batch;
  const std::int64_t size = std::int64_t(data.examples().size());
  const auto send_from = [&](std::int64_t first) {
    batcher.fill(rows_from(first, size, options_.batch), options_.buckets.back(), 0, batch);
    send_batch(upload, batch);
  };
  if (size > 0) {
    send_from(0);
  }
  for (std::int64_t first = 0; first < size; first += options_.batch) {
    if (stop()) {
      return std::nullopt;
    }
    bucket.take(context, upload);
    bucket.work.give_to(context, revision_with(bucket.program, meters.tensor), [&] {
      bucket.program.forward(context);
      add_to_meters(context, bucket.program.value(bucket.training.loss),
                    bucket.program.value(bucket.training.tally), meters.tensor);
    });
    if (first + options_.batch < size) {
      send_from(first + options_.batch);  // while the device computes
    }
  }
  context.synchronize();
  StepMeters sum;
  download(&sum, meters.tensor);
  EvaluationResult result;
  if (sum.counted > 0) {
    const double loss = sum.weighted_loss / sum.counted;
    add_metrics(result, word_metrics(), {loss, std::exp(loss), sum.correct / sum.counted});
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
  PictureUpload upload(context, captioner.preprocessing, decoder.batch());
  bool stopped = false;
  std::size_t next = 0;
  // Begins to send the next pictures and returns their numbers; none at the end.
  const auto send_next = [&] {
    std::vector<std::size_t> batch;
    const PictureUpload::Room room = upload.next();
    for (; next < count && std::int64_t(batch.size()) < decoder.batch(); ++next) {
      stopped = stopped || stop();
      if (stopped) {
        break;
      }
      if (const auto image = data.pictures().read(next)) {
        room.put(batch.size(), resize_and_crop(*image, captioner.preprocessing).pixels);
        batch.push_back(next);
      }
    }
    if (!batch.empty()) {
      upload.send();
    }
    return batch;
  };
  for (std::vector<std::size_t> batch = send_next(); !batch.empty() && !stopped;) {
    upload.arrive(context, decoder.images());
    decoder.encode(context);
    std::vector<std::size_t> coming = send_next();  // while the device computes
    const auto captions =
        decoder.search_encoded(context, std::int64_t(batch.size()), batch.front());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Caption& best = captions[i].front();
      result.push_back({batch[i], best, captioner.vocabulary.sentence(best.words)});
    }
    batch = std::move(coming);
  }
  if (stopped) {
    return std::nullopt;
  }
  return result;
}

}  // namespace lrcn
