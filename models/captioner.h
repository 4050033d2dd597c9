// The LRCN image captioner: an encoder feeding stacked LSTM decoders.
//
// Donahue et al.: "Long-term recurrent convolutional networks for visual recognition and
// description", CVPR 2015, section 4. The variants differ in where the image enters:
//
//   1u           lstm0 (word + image)
//   2u           lstm0 (word + image) -> lstm1
//   2f           lstm0 (word) -> lstm1 (+ image)                    "factored", the paper's main
//   one 4f           lstm0 (word) -> lstm1 -> lstm2 (+ image) -> lstm3 first_word   lstm0: the
//   embedded image is the first step, words follow (NeuralTalk2, Show and Tell)
//
// The image is a static input: a matrix of its own projects it to the gates, once for each picture,
// and the projection is added at every step (docs/design/static_input.md).
#pragma once

#include <string>
#include <vector>

#include "core/io/json.h"
#include "layers/graph/graph.h"
#include "models/encoder.h"
#include "models/words.h"

namespace lrcn {

// In place of a word: a step that is not trained.
inline constexpr std::int32_t kIgnoredTarget = -1;

struct CaptionerConfig {
  EncoderConfig encoder;
  std::string variant = "2f";
  std::int64_t vocabulary = 0;    // V, with end of sentence and unknown word
  std::int64_t embedding = 1000;  // E
  std::int64_t hidden = 1000;     // H
  float dropout = 0.0f;           // behind the embedding and before the prediction

  int lstm_layers() const;
  // Which LSTM sees the image as static input; -1 for first_word.
  int image_layer() const;
  // Steps before the first word: 1 for first_word, else 0.
  int lead_steps() const { return image_layer() < 0 ? 1 : 0; }

  Json to_json() const;
  // Throws DataError for a missing key, a wrong type or an impossible value.
  static CaptionerConfig from_json(const Json& json);
  // Throws ArgumentError for an unknown variant or sizes below 1.
  void validate() const;
};

const std::vector<std::string>& captioner_variants();

// Everything for a training or scoring pass over T words of N captions. L = lead_steps().
struct CaptionerTraining {
  Graph graph;
  Value images;     // f32 [N, 3, S, S], normalised
  Value input_ids;  // i32 [T, N]: 0, then the words, then anything
  Value targets;    // i32 [L+T, N]: L times kIgnoredTarget, the words, 0, then kIgnoredTarget
  Value cont;       // f32 [L+T, N]: 0 at the first step, then 1, 0 behind the end
  Value loss;       // f32 []: mean of -log p over counted targets
  Value tally;      // f32 [2]: counted targets, correctly predicted ones
  Value nll;        // f32 [L+T, N]: -log p of each target, 0 where ignored
};
CaptionerTraining build_training(const CaptionerConfig& config, std::int64_t steps,
                                 std::int64_t batch);

// The part of a caption that depends on the picture alone.
struct CaptionerEncoding {
  Graph graph;
  Value images;      // f32 [N, 3, S, S]
  Value projection;  // f32 [N, 4H]: gates of the image; f32 [N, E]: first step of first_word
};
CaptionerEncoding build_encoding(const CaptionerConfig& config, std::int64_t batch);

// One step of decoding for R hypotheses. State in and out, layer by layer.
struct CaptionerStep {
  Graph graph;
  Value ids;         // i32 [1, R]; absent in the picture step of first_word
  Value projection;  // as in CaptionerEncoding, a row for each hypothesis
  std::vector<Value> h_in, c_in, h_out, c_out;  // f32 [R, H]
  Value logits;  // f32 [1, R, V]; absent in the picture step of first_word
};
enum class StepInput { word, picture };
// `picture` is the first step of first_word, that reads the projection in place of a word.
CaptionerStep build_step(const CaptionerConfig& config, std::int64_t rows,
                         StepInput input = StepInput::word);

}  // namespace lrcn
