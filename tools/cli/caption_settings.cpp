#include "tools/cli/caption_settings.h"

#include <algorithm>

#include "tools/cli/usage_error.h"

namespace lrcn {
namespace {

constexpr double kHuge = 1e30;
constexpr std::int64_t kMany = std::int64_t(1) << 40;

CaptionSource read_source(Settings& settings, const std::string& table, const std::string& split) {
  CaptionSource source;
  source.format = settings.choice(table + ".format", "coco", {"coco", "karpathy"});
  source.captions = settings.path(table + ".captions", "");
  source.images = settings.path(table + ".images", "");
  source.split = settings.choice(table + ".split", split, {"train", "val", "test"});
  return source;
}

void read_data(Settings& settings, CaptionRunConfig& config) {
  config.training = read_source(settings, "data.train", "train");
  config.validation = read_source(settings, "data.val", "val");
  if (config.training.empty()) {
    settings.required_text("data.train.captions");
  }
  config.min_count = settings.integer("data.min_count", 5, 1, kMany);
  config.data.max_words = settings.integer("data.max_words", 20, 1, SearchOptions::kMostWords);
  config.data.pictures.on_bad =
      parse_bad_policy(settings.choice("data.on_bad", "abort", {"abort", "skip"}));
  config.data.pictures.cache_bytes = std::size_t(settings.integer("data.cache_mib", 1024, 0, kMany))
                                     << 20;
}

// Lengths that programs are compiled for; the last is max_words, which every caption fits into.
std::vector<std::int64_t> read_buckets(Settings& settings, std::int64_t max_words) {
  std::vector<std::int64_t> buckets = settings.integers("data.length_buckets", {});
  std::sort(buckets.begin(), buckets.end());
  if (!buckets.empty() && (buckets.front() < 1 || buckets.back() > max_words)) {
    throw UsageError("data.length_buckets: lengths must be from 1 to data.max_words");
  }
  if (buckets.empty() || buckets.back() < max_words) {
    buckets.push_back(max_words);
  }
  return buckets;
}

Preprocessing read_preprocessing(Settings& settings, const EncoderConfig& encoder) {
  const int side = int(encoder.image_size);
  const std::string recipe =
      settings.choice("data.recipe", encoder.architecture == "vgg_mini" ? "exact" : "torchvision",
                      {"torchvision", "caffe", "exact"});
  if (recipe == "caffe") {
    return caffe_preprocessing(side);
  }
  return recipe == "exact" ? exact_preprocessing(side, side)
                           : torchvision_preprocessing(side, std::max(side, side * 8 / 7));
}

CaptionerConfig read_model(Settings& settings) {
  CaptionerConfig model;
  EncoderConfig& encoder = model.encoder;
  encoder.architecture =
      settings.choice("model.encoder.architecture", "vgg16", encoder_architectures());
  if (encoder.architecture == "vgg_mini") {
    encoder.image_size = settings.integer("model.encoder.image_size", 64, 32, 4096);
    encoder.mini.width = settings.integer("model.encoder.width", 32, 1, 4096);
    encoder.mini.hidden = settings.integer("model.encoder.hidden", 1024, 1, 1 << 20);
    encoder.mini.features = settings.integer("model.encoder.features", 512, 1, 1 << 20);
  } else {
    encoder.image_size = settings.integer("model.encoder.image_size",
                                          encoder.architecture == "caffenet" ? 227 : 224, 32, 4096);
    encoder.feature = settings.choice("model.encoder.feature", "fc8", {"fc6", "fc7", "fc8"});
    encoder.dropout = float(settings.real("model.encoder.dropout", 0.5, 0.0, 0.999));
  }
  model.variant = settings.choice("model.variant", "2f", captioner_variants());
  model.embedding = settings.integer("model.embedding", 1000, 1, 1 << 20);
  model.hidden = settings.integer("model.hidden", 1000, 1, 1 << 20);
  model.dropout = float(settings.real("model.dropout", 0.0, 0.0, 0.999));
  return model;
}

void read_optimizer(Settings& settings, CaptionRunConfig& config) {
  config.optimizer = settings.choice("optimizer.type", "sgd", {"sgd", "adam", "rmsprop"});
  const float decay = float(settings.real("optimizer.weight_decay", 0.0, 0.0, 1e6));
  if (config.optimizer == "adam") {
    config.adam = {.beta1 = float(settings.real("optimizer.beta1", 0.9, 0.0, 0.999999)),
                   .beta2 = float(settings.real("optimizer.beta2", 0.999, 0.0, 0.9999999)),
                   .epsilon = float(settings.real("optimizer.epsilon", 1e-8, 1e-30, 1.0)),
                   .weight_decay = decay};
  } else if (config.optimizer == "rmsprop") {
    config.rmsprop = {.decay = float(settings.real("optimizer.decay", 0.95, 0.0, 0.999999)),
                      .epsilon = float(settings.real("optimizer.epsilon", 1e-8, 1e-30, 1.0)),
                      .weight_decay = decay};
  } else {
    config.sgd = {.momentum = float(settings.real("optimizer.momentum", 0.9, 0.0, 0.999999)),
                  .weight_decay = decay};
  }
}

Schedule read_schedule(Settings& settings, std::int64_t steps) {
  Schedule schedule;
  schedule.kind = parse_schedule_kind(
      settings.choice("schedule.type", "constant", {"constant", "step", "exponential", "cosine"}));
  schedule.base = settings.real("schedule.learning_rate", 0.01, 0.0, kHuge);
  schedule.warmup = settings.integer("schedule.warmup", 0, 0, kMany);
  schedule.begin = settings.integer("schedule.begin", 0, 0, kMany);
  schedule.total = steps;
  if (schedule.kind == Schedule::Kind::cosine) {
    schedule.floor = settings.real("schedule.floor", 0.0, 0.0, kHuge);
  } else if (schedule.kind != Schedule::Kind::constant) {
    schedule.factor = settings.real("schedule.factor", 0.5, 0.0, 1e6);
    schedule.every = settings.integer("schedule.every", 20'000, 1, kMany);
  }
  schedule.validate();
  return schedule;
}

// Known before the first step, not at the first evaluation.
void read_best_metric(Settings& settings, bool has_captions, TrainerOptions& trainer) {
  std::vector<std::string> names = word_metrics();
  names.insert(names.end(), caption_metrics().begin(), caption_metrics().end());
  trainer.best_metric = settings.choice("train.best_metric", "loss", names);
  trainer.best_is_lowest = trainer.best_metric == "loss" || trainer.best_metric == "perplexity";
  const auto& words = word_metrics();
  check<UsageError>(
      has_captions || std::find(words.begin(), words.end(), trainer.best_metric) != words.end(),
      "train.best_metric: ", trainer.best_metric, " needs train.evaluate_pictures above 0");
}

void read_training(Settings& settings, CaptionRunConfig& config) {
  TrainerOptions& trainer = config.trainer;
  trainer.seed = std::uint64_t(settings.integer("train.seed", 1, 0));
  trainer.steps = settings.integer("train.steps", 110'000, 1, kMany);
  trainer.accumulate = int(settings.integer("train.accumulate", 1, 1, 1 << 20));
  trainer.log_every = settings.integer("train.log_every", 1, 1, kMany);
  trainer.evaluate_every = settings.integer("train.evaluate_every", 1000, 0, kMany);
  trainer.save_every = settings.integer("train.save_every", 1000, 0, kMany);
  trainer.keep_last = int(settings.integer("train.keep_last", 3, 1, 1 << 20));
  trainer.clip.kind =
      parse_clip_kind(settings.choice("train.clip", "norm", {"none", "norm", "values"}));
  trainer.clip.limit = float(settings.real("train.clip_limit", 10.0, 1e-12, kHuge));
  trainer.schedule = read_schedule(settings, trainer.steps);

  CaptionTaskOptions& task = config.task;
  task.batch = settings.integer("train.batch", 16, 1, 1 << 20);
  task.buckets = read_buckets(settings, config.data.max_words);
  task.threads = int(settings.integer("data.threads", 1, 1, 1024));
  task.prefetch = int(settings.integer("data.prefetch", 4, 1, 1 << 16));
  task.seed = trainer.seed;
  task.random_crop = settings.boolean("data.random_crop", false);
  task.random_mirror = settings.boolean("data.random_mirror", false);
  task.evaluate_pictures = settings.integer("train.evaluate_pictures", 1000, 0, kMany);
  read_best_metric(settings, task.evaluate_pictures > 0, trainer);
}

}  // namespace

CaptionRunConfig caption_run_config(Settings& settings) {
  settings.choice("task", "caption", {"caption"});
  CaptionRunConfig config;
  read_data(settings, config);
  config.model = read_model(settings);
  config.preprocessing = read_preprocessing(settings, config.model.encoder);
  config.weights = settings.path("model.encoder.weights", "");
  config.freeze = settings.texts("model.freeze", {});
  read_optimizer(settings, config);
  read_training(settings, config);
  settings.expect_all_used();
  return config;
}

}  // namespace lrcn
