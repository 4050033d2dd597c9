#include "models/captioner.h"

#include <algorithm>

#include "core/error.h"
#include "layers/concat.h"
#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/linear.h"
#include "layers/lstm.h"
#include "layers/reshape.h"
#include "layers/vocabulary_loss.h"

namespace lrcn {
namespace {

constexpr float kInitialBound = 0.08f;  // new weights are uniform in +-0.08, biases 0
// Rows of the embedding alone are larger: docs/design/embedding_scale.md.
constexpr float kEmbeddingBound = 1.0f;

std::string lstm_path(int layer) { return concat("decoder.lstm", layer); }

// The image as gates of the LSTM it enters, [N, 4H], or as the first step, [N, E].
Value add_projection(Graph& graph, const CaptionerConfig& config, Value images) {
  const Value feature = add_encoder(graph, "encoder", images, config.encoder);
  const Initializer init = Initializer::uniform(kInitialBound);
  if (config.image_layer() < 0) {
    return graph.add("decoder.image_embedding",
                     Linear({.out_features = config.embedding, .weight_init = init}), {feature});
  }
  return graph.add(lstm_path(config.image_layer()) + ".static",
                   Linear({.out_features = 4 * config.hidden, .bias = false, .weight_init = init}),
                   {feature});
}

Value add_embedding(Graph& graph, const CaptionerConfig& config, Value ids) {
  return graph.add("decoder.embedding",
                   Embedding({.vocabulary = config.vocabulary,
                              .features = config.embedding,
                              .weight_init = Initializer::uniform(kEmbeddingBound)}),
                   {ids});
}

Value add_dropout(Graph& graph, const CaptionerConfig& config, const std::string& name, Value x) {
  return config.dropout > 0.0f ? graph.add(name, Dropout(config.dropout), {x}) : x;
}

std::int64_t gates(const CaptionerConfig& config) { return 4 * config.hidden; }

}  // namespace

const std::vector<std::string>& captioner_variants() {
  static const std::vector<std::string> names = {"1u", "2u", "2f", "4f", "first_word"};
  return names;
}

int CaptionerConfig::lstm_layers() const {
  return variant == "4f" ? 4 : (variant == "2u" || variant == "2f" ? 2 : 1);
}

int CaptionerConfig::image_layer() const {
  if (variant == "first_word") {
    return -1;
  }
  return variant == "4f" ? 2 : (variant == "2f" ? 1 : 0);
}

void CaptionerConfig::validate() const {
  const auto& known = captioner_variants();
  check(std::find(known.begin(), known.end(), variant) != known.end(),
        "captioner: variant must be 1u, 2u, 2f, 4f or first_word, got '", variant, "'");
  check(vocabulary >= 2 && embedding >= 1 && hidden >= 1,
        "captioner: needs vocabulary >= 2, embedding >= 1 and hidden >= 1, got ", vocabulary, ", ",
        embedding, ", ", hidden);
}

Json CaptionerConfig::to_json() const {
  return Json::object({{"model_type", "lrcn_captioner"},
                       {"variant", variant},
                       {"vocab_size", vocabulary},
                       {"embedding_size", embedding},
                       {"hidden_size", hidden},
                       {"dropout", double(dropout)},
                       {"encoder", encoder.to_json()}});
}

CaptionerConfig CaptionerConfig::from_json(const Json& json) {
  constexpr std::int64_t kMaxExtent = 1 << 24;
  const Json type = json.at("model_type");
  if (type.as_string() != "lrcn_captioner") {
    type.reject(concat("expected \"lrcn_captioner\", got \"", type.as_string(), "\""));
  }
  CaptionerConfig config;
  const Json variant = json.at("variant");
  config.variant = variant.as_string();
  const auto& known = captioner_variants();
  if (std::find(known.begin(), known.end(), config.variant) == known.end()) {
    variant.reject(concat("expected 1u, 2u, 2f, 4f or first_word, got \"", config.variant, "\""));
  }
  config.vocabulary = json.at("vocab_size").as_int(2, kMaxExtent);
  config.embedding = json.at("embedding_size").as_int(1, kMaxExtent);
  config.hidden = json.at("hidden_size").as_int(1, kMaxExtent);
  config.dropout = float(json.at("dropout").as_double(0.0, 0.999));
  config.encoder = EncoderConfig::from_json(json.at("encoder"));
  return config;
}

CaptionerTraining build_training(const CaptionerConfig& config, std::int64_t steps,
                                 std::int64_t batch) {
  config.validate();
  CaptionerTraining training;
  Graph& graph = training.graph;
  const std::int64_t size = config.encoder.image_size;
  training.images = graph.input("images", {{batch, 3, size, size}});
  training.input_ids = graph.input("input_ids", {{steps, batch}, DType::i32});
  const std::int64_t all_steps = config.lead_steps() + steps;
  training.targets = graph.input("targets", {{all_steps, batch}, DType::i32});
  training.cont = graph.input("cont", {{all_steps, batch}});

  const Value projection = add_projection(graph, config, training.images);
  Value x = add_embedding(graph, config, training.input_ids);
  if (config.image_layer() < 0) {
    const Value first =
        graph.add("decoder.first_step", Reshape({1, batch, config.embedding}), {projection});
    x = graph.add("decoder.steps", Concat(0), {first, x});
  }
  x = add_dropout(graph, config, "decoder.embedding_dropout", x);
  for (int layer = 0; layer < config.lstm_layers(); ++layer) {
    const bool sees_image = layer == config.image_layer();
    std::vector<Value> inputs = {x, training.cont};
    if (sees_image) {
      inputs.push_back(projection);
    }
    x = graph.add(lstm_path(layer),
                  Lstm({.hidden = config.hidden, .cont = true, .static_gates = sees_image}),
                  inputs);
  }
  x = add_dropout(graph, config, "decoder.output_dropout", x);
  training.loss = graph.add("decoder.output", VocabularyLoss({.vocabulary = config.vocabulary}),
                            {x, training.targets});
  training.tally = training.loss.at(1);
  training.nll = training.loss.at(2);
  return training;
}

CaptionerEncoding build_encoding(const CaptionerConfig& config, std::int64_t batch) {
  config.validate();
  CaptionerEncoding encoding;
  const std::int64_t size = config.encoder.image_size;
  encoding.images = encoding.graph.input("images", {{batch, 3, size, size}});
  encoding.projection = add_projection(encoding.graph, config, encoding.images);
  return encoding;
}

CaptionerStep build_step(const CaptionerConfig& config, std::int64_t rows, StepInput input) {
  config.validate();
  const bool from_picture = input == StepInput::picture;
  check(!from_picture || config.image_layer() < 0, "captioner: variant ", config.variant,
        " has no picture step");
  CaptionerStep step;
  Graph& graph = step.graph;
  Value x;
  if (from_picture) {
    step.projection = graph.input("projection", {{rows, config.embedding}});
    x = graph.add("decoder.first_step", Reshape({1, rows, config.embedding}), {step.projection});
  } else {
    step.ids = graph.input("ids", {{1, rows}, DType::i32});
    x = add_embedding(graph, config, step.ids);
    if (config.image_layer() >= 0) {
      step.projection = graph.input("projection", {{rows, gates(config)}});
    }
  }
  const TensorSpec state{{rows, config.hidden}};
  for (int layer = 0; layer < config.lstm_layers(); ++layer) {
    step.h_in.push_back(graph.input(concat("h", layer), state));
    step.c_in.push_back(graph.input(concat("c", layer), state));
    const bool sees_image = layer == config.image_layer();
    std::vector<Value> inputs = {x};
    if (sees_image) {
      inputs.push_back(step.projection);
    }
    inputs.push_back(step.h_in.back());
    inputs.push_back(step.c_in.back());
    x = graph.add(
        lstm_path(layer),
        Lstm({.hidden = config.hidden, .static_gates = sees_image, .initial_state = true}), inputs);
    step.h_out.push_back(x.at(1));
    step.c_out.push_back(x.at(2));
  }
  if (!from_picture) {
    step.logits = graph.add("decoder.output",
                            Linear({.out_features = config.vocabulary,
                                    .leading_axes = 2,
                                    .weight_init = Initializer::uniform(kInitialBound)}),
                            {x});
  }
  return step;
}

}  // namespace lrcn
