#include "models/decode/search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/buffer.h"
#include "core/error.h"
#include "core/transfer.h"
#include "kernels/decode.h"
#include "models/captioner.h"

namespace lrcn {
namespace {

using Captions = std::vector<std::vector<Caption>>;

// The chosen words of a step and their log probabilities, on the device and on the host.
struct StepChoice {
  OwnedTensor index, log_probability;
  std::vector<std::int32_t> words;
  std::vector<float> log_p;

  StepChoice(Device device, const Shape& shape)
      : index(device, {shape, DType::i32}),
        log_probability(device, {shape}),
        words(std::size_t(shape.elements())),
        log_p(std::size_t(shape.elements())) {}
  Choice choice() const { return {index.tensor, log_probability.tensor}; }
  void fetch() {
    download(words.data(), index.tensor);
    download(log_p.data(), log_probability.tensor);
  }
};

void rank(std::vector<Caption>& captions) {
  std::stable_sort(captions.begin(), captions.end(), [](const Caption& a, const Caption& b) {
    return a.log_probability > b.log_probability;
  });
}

// Greedy and sampling: every row goes its own way.
Captions one_word_at_a_time(Context& context, StepModel& model, const SearchOptions& options) {
  const std::size_t rows = std::size_t(model.rows());
  const std::size_t each = std::size_t(options.rows_per_picture());
  StepChoice chosen(context.device(), {model.rows()});
  std::vector<Caption> captions(rows);
  std::vector<std::int32_t> ids(rows, kEndOfSentence);
  const StepState before = context.step_state();
  StepState state = before;
  state.seed = options.seed;
  context.set_step_state(state);
  for (int step = 0; step < options.max_words; ++step) {
    const Tensor logits = model.step(context, ids, {});
    if (options.method == SearchOptions::Method::greedy) {
      argmax_rows(context, logits, chosen.choice());
    } else {
      state.step = std::uint64_t(step);
      context.set_step_state(state);
      sample_rows(context, logits, chosen.choice(),
                  {.temperature = options.temperature,
                   .first_sequence = std::int64_t(options.first_picture * each)});
    }
    chosen.fetch();
    bool all_complete = true;
    for (std::size_t row = 0; row < rows; ++row) {
      Caption& caption = captions[row];
      const bool end = chosen.words[row] == kEndOfSentence;
      if (!caption.complete) {
        caption.log_probability += double(chosen.log_p[row]);
        caption.complete = end;
        if (!end) {
          caption.words.push_back(chosen.words[row]);
        }
      }
      ids[row] = caption.complete ? kEndOfSentence : chosen.words[row];
      all_complete = all_complete && caption.complete;
    }
    if (all_complete) {
      break;
    }
  }
  context.set_step_state(before);

  Captions result(rows / each);
  for (std::size_t row = 0; row < rows; ++row) {
    result[row / each].push_back(std::move(captions[row]));
  }
  std::for_each(result.begin(), result.end(), rank);
  return result;
}

// A way to continue a beam: hypothesis `parent` with `word`, or as it is when it has ended.
struct Candidate {
  double log_probability;
  std::size_t parent;
  std::int32_t word;
  bool ended;
};

// NaN, which only broken weights give, must not upset the ordering.
double sum_of_log_p(double so_far, float next) {
  const double sum = so_far + double(next);
  return std::isnan(sum) ? -std::numeric_limits<double>::infinity() : sum;
}

// The candidates of one picture, best first, at most `width`.
std::vector<Candidate> best_candidates(const std::vector<Caption>& beam, const StepChoice& top,
                                       std::size_t first_row, std::size_t width) {
  const std::size_t k = std::size_t(top.index.tensor.shape()[1]);
  std::vector<Candidate> candidates;
  for (std::size_t parent = 0; parent < beam.size(); ++parent) {
    const Caption& hypothesis = beam[parent];
    if (hypothesis.complete) {
      candidates.push_back({hypothesis.log_probability, parent, kEndOfSentence, true});
      continue;
    }
    for (std::size_t i = 0; i < k; ++i) {
      const std::size_t at = (first_row + parent) * k + i;
      candidates.push_back({sum_of_log_p(hypothesis.log_probability, top.log_p[at]), parent,
                            top.words[at], top.words[at] == kEndOfSentence});
    }
  }
  const auto better = [](const Candidate& a, const Candidate& b) {
    if (a.log_probability != b.log_probability) {
      return a.log_probability > b.log_probability;
    }
    return a.parent != b.parent ? a.parent < b.parent : a.word < b.word;
  };
  std::sort(candidates.begin(), candidates.end(), better);
  candidates.resize(std::min(candidates.size(), width));
  return candidates;
}

Captions beam_search(Context& context, StepModel& model, const SearchOptions& options) {
  const std::size_t width = std::size_t(options.beam_width);
  const std::size_t pictures = std::size_t(model.rows()) / width;
  const std::int64_t k = std::min<std::int64_t>(std::int64_t(width), model.vocabulary());
  StepChoice top(context.device(), {model.rows(), k});
  Captions beams(pictures, std::vector<Caption>(1));  // all rows of a picture start the same
  std::vector<std::int32_t> ids(pictures * width, kEndOfSentence);
  std::vector<std::int32_t> parents;
  for (int step = 0; step < options.max_words; ++step) {
    top_k_rows(context, model.step(context, ids, parents), top.choice());
    top.fetch();
    parents.assign(pictures * width, 0);
    bool all_complete = true;
    for (std::size_t picture = 0; picture < pictures; ++picture) {
      const std::size_t first_row = picture * width;
      const std::vector<Candidate> best = best_candidates(beams[picture], top, first_row, width);
      std::vector<Caption> next;
      for (std::size_t row = 0; row < width; ++row) {
        parents[first_row + row] = std::int32_t(first_row);
        if (row >= best.size()) {
          continue;
        }
        const Candidate& candidate = best[row];
        Caption caption = beams[picture][candidate.parent];
        if (!caption.complete && !candidate.ended) {
          caption.words.push_back(candidate.word);
        }
        caption.complete = candidate.ended;
        caption.log_probability = candidate.log_probability;
        all_complete = all_complete && caption.complete;
        next.push_back(std::move(caption));
        parents[first_row + row] = std::int32_t(first_row + candidate.parent);
        ids[first_row + row] = candidate.word;
      }
      beams[picture] = std::move(next);
    }
    if (all_complete) {
      return beams;
    }
  }
  return beams;
}

}  // namespace

int SearchOptions::rows_per_picture() const {
  return method == Method::beam ? beam_width : (method == Method::sample ? samples : 1);
}

void SearchOptions::validate() const {
  check(beam_width >= 1 && beam_width <= 1024, "search: beam width must be 1 to 1024, got ",
        beam_width);
  check(samples >= 1, "search: the number of samples must be at least 1, got ", samples);
  check(max_words >= 1, "search: the longest caption must have at least 1 word, got ", max_words);
  check(temperature > 0.0f && temperature <= std::numeric_limits<float>::max(),
        "search: temperature must be above 0, got ", temperature);
}

Captions search(Context& context, StepModel& model, const SearchOptions& options) {
  options.validate();
  check(model.rows() % options.rows_per_picture() == 0, "search: ", model.rows(),
        " rows cannot be shared by pictures with ", options.rows_per_picture(), " each");
  return options.method == SearchOptions::Method::beam
             ? beam_search(context, model, options)
             : one_word_at_a_time(context, model, options);
}

}  // namespace lrcn
