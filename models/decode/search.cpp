#include "models/decode/search.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/elementwise.h"
#include "models/captioner.h"

namespace lrcn {
namespace {

// Words that a GPU is given before the host looks whether it has found the end of all captions.
constexpr std::int64_t kWordsAhead = 4;

void rank(std::vector<Caption>& captions) {
  std::stable_sort(captions.begin(), captions.end(), [](const Caption& a, const Caption& b) {
    return a.log_probability > b.log_probability;
  });
}

Tensor step_state_of(const Context& context) {
  return {context.step_state_memory(),
          {{std::int64_t(sizeof(StepState))}, DType::u8},
          context.device()};
}

template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  std::vector<T> values(tensor.bytes() / sizeof(T));
  download(values.data(), tensor);
  return values;
}

}  // namespace

int SearchOptions::rows_per_picture() const {
  return method == Method::beam ? beam_width : (method == Method::sample ? samples : 1);
}

void SearchOptions::validate() const {
  const auto check_number = [](const char* what, int value, int most) {
    check(value >= 1 && value <= most, "search: ", what, " must be 1 to ", most, ", got ", value);
  };
  check_number("the beam width", beam_width, kMostHypotheses);
  check(samples >= 1, "search: the number of samples must be at least 1, got ", samples);
  check_number("the length of a caption", max_words, kMostWords);
  check(temperature > 0.0f && temperature <= std::numeric_limits<float>::max(),
        "search: temperature must be above 0, got ", temperature);
}

Search::Search(const Context& context, const StepModel& model, const SearchOptions& options)
    : options_((options.validate(), options)), rows_(model.rows()), alive_read_(context) {
  check(rows_ % options.rows_per_picture() == 0, "search: ", rows_,
        " rows cannot be shared by pictures with ", options.rows_per_picture(), " each");
  const Device device = context.device();
  const Shape chosen =
      options.method == SearchOptions::Method::beam
          ? Shape{rows_, std::min<std::int64_t>(options.beam_width, model.vocabulary())}
          : Shape{rows_};
  const TensorSpec row{{rows_}, DType::i32};
  const TensorSpec history{{options.max_words, rows_}, DType::i32};
  last_ = OwnedTensor(device, row);
  parents_ = OwnedTensor(device, row);
  states_ = OwnedTensor(device, {{2 * rows_ * std::int64_t(sizeof(Hypothesis))}, DType::u8});
  words_ = OwnedTensor(device, history);
  origins_ = OwnedTensor(device, history);
  alive_ = OwnedTensor(device, {{1}, DType::i32});
  index_ = OwnedTensor(device, {chosen, DType::i32});
  log_probability_ = OwnedTensor(device, {chosen});
  step_state_ = OwnedTensor(device, step_state_of(context).spec);
}

HypothesisTable Search::table() const {
  return {.last = last_.tensor,
          .parents = parents_.tensor,
          .states = states_.tensor,
          .words = words_.tensor,
          .origins = origins_.tensor,
          .alive = alive_.tensor};
}

void Search::take_word(Context& context, StepModel& model, std::uint64_t first_picture) {
  const bool beams = options_.method == SearchOptions::Method::beam;
  const Tensor logits = model.step(context, last_.tensor, beams ? parents_.tensor : Tensor{});
  if (beams) {
    top_k_rows(context, logits, choice());
    continue_beams(context, table(), choice(), options_.beam_width, kEndOfSentence);
    return;
  }
  if (options_.method == SearchOptions::Method::greedy) {
    argmax_rows(context, logits, choice());
  } else {
    const auto each = std::uint64_t(options_.rows_per_picture());
    sample_rows(context, logits, choice(),
                {.temperature = options_.temperature,
                 .first_sequence = std::int64_t(first_picture * each)});
  }
  continue_rows(context, table(), choice(), kEndOfSentence);
}

std::int64_t Search::take_words(Context& context, StepModel& model, std::uint64_t first_picture) {
  RepeatedWork::Key key = model.revision();
  if (options_.method == SearchOptions::Method::sample) {
    key.push_back(first_picture);
  }
  bool looks = false;
  for (std::int64_t step = 1; step <= options_.max_words; ++step) {
    word_work_.give_to(context, key, [&] { take_word(context, model, first_picture); });
    if (context.device().is_cpu()) {
      if (*alive_.tensor.as<std::int32_t>() == 0) {
        return step;
      }
    } else if (step % kWordsAhead == 0) {
      if (looks && alive_read_.get() == 0) {
        return step;
      }
      alive_read_.start(context, alive_.tensor);
      looks = true;
    }
  }
  return options_.max_words;
}

std::vector<std::vector<Caption>> Search::run(Context& context, StepModel& model,
                                              std::uint64_t first_picture) {
  check(model.rows() == rows_, "search: planned for ", rows_, " rows, got ", model.rows());
  const bool beams = options_.method == SearchOptions::Method::beam;
  copy_to(context, step_state_of(context), step_state_.tensor);
  context.set_step_state({.seed = options_.seed});
  start_hypotheses(context, table(), beams ? options_.beam_width : 1, kEndOfSentence);
  const std::int64_t steps = take_words(context, model, first_picture);
  copy_to(context, step_state_.tensor, step_state_of(context));
  context.synchronize();
  return read(steps);
}

std::vector<std::vector<Caption>> Search::read(std::int64_t steps) const {
  const auto words = values_of<std::int32_t>(words_.tensor);
  const auto origins = values_of<std::int32_t>(origins_.tensor);
  const auto states = values_of<Hypothesis>(states_.tensor);
  const auto each = std::int64_t(options_.rows_per_picture());
  std::vector<std::vector<Caption>> captions(std::size_t(rows_ / each));
  for (std::int64_t row = 0; row < rows_; ++row) {
    const Hypothesis& hypothesis = states[std::size_t(steps % 2 * rows_ + row)];
    if (hypothesis.present == 0) {
      continue;
    }
    Caption caption;
    caption.log_probability = hypothesis.log_probability;
    caption.complete = hypothesis.ended != 0;
    std::int64_t from = row;
    for (std::int64_t step = steps; step-- > 0;) {
      const auto at = std::size_t(step * rows_ + from);
      if (words[at] != kEndOfSentence) {
        caption.words.push_back(words[at]);
      }
      from = origins[at];
    }
    std::reverse(caption.words.begin(), caption.words.end());
    captions[std::size_t(row / each)].push_back(std::move(caption));
  }
  if (options_.method != SearchOptions::Method::beam) {
    std::for_each(captions.begin(), captions.end(), rank);
  }
  return captions;
}

std::vector<std::vector<Caption>> search(Context& context, StepModel& model,
                                         const SearchOptions& options) {
  return Search(context, model, options).run(context, model, options.first_picture);
}

}  // namespace lrcn
