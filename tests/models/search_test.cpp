// Long because all searches are held against one model whose scores depend on the whole prefix.
#include "models/decode/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "core/buffer.h"
#include "core/error.h"
#include "core/rng.h"
#include "models/captioner.h"

namespace lrcn {
namespace {

using Words = std::vector<std::int32_t>;

// Scores that depend on all words so far: every prefix has its own distribution. Keeps the prefix
// of each row itself, so that wrong parents show.
class PrefixModel final : public StepModel {
 public:
  using Scores = std::function<float(std::int64_t picture, const Words& prefix, std::int32_t word)>;

  PrefixModel(std::int64_t rows, std::int64_t each, std::int64_t vocabulary, Scores scores)
      : each_(each),
        scores_(std::move(scores)),
        prefixes_(std::size_t(rows)),
        logits_(Device::cpu(), {{rows, vocabulary}}) {}

  std::int64_t rows() const override { return logits_.tensor.shape()[0]; }
  std::int64_t vocabulary() const override { return logits_.tensor.shape()[1]; }

  Tensor step(Context&, Tensor ids, Tensor parents) override {
    std::vector<Words> next(prefixes_.size());
    for (std::size_t row = 0; row < next.size(); ++row) {
      if (!first_) {
        next[row] = prefixes_[parents ? std::size_t(parents.span<std::int32_t>()[row]) : row];
        next[row].push_back(ids.span<std::int32_t>()[row]);
      }
      for (std::int32_t word = 0; word < vocabulary(); ++word) {
        logits_.tensor.as<float>()[std::int64_t(row) * vocabulary() + word] =
            scores_(std::int64_t(row) / each_, next[row], word);
      }
    }
    first_ = false;
    prefixes_ = std::move(next);
    return logits_.tensor;
  }

 private:
  std::int64_t each_;
  Scores scores_;
  std::vector<Words> prefixes_;
  OwnedTensor logits_;
  bool first_ = true;
};

// Repeatable scores in [-2, 2) that look random.
float random_score(std::int64_t picture, const Words& prefix, std::int32_t word) {
  std::uint64_t key = std::uint64_t(picture) + 1;
  for (const std::int32_t each : prefix) {
    key = key * 31 + std::uint64_t(each) + 7;
  }
  return 4.0f * Random(5, Purpose::generate).uniform(key, std::uint64_t(word)) - 2.0f;
}

double log_softmax(const PrefixModel::Scores& scores, std::int64_t picture, const Words& prefix,
                   std::int32_t word, std::int32_t vocabulary) {
  double sum = 0;
  for (std::int32_t each = 0; each < vocabulary; ++each) {
    sum += std::exp(double(scores(picture, prefix, each)));
  }
  return double(scores(picture, prefix, word)) - std::log(sum);
}

// All captions up to max_words words, ended or cut there.
void enumerate(const PrefixModel::Scores& scores, std::int64_t picture, std::int32_t vocabulary,
               int max_words, const Caption& prefix, std::vector<Caption>& all) {
  if (prefix.complete || int(prefix.words.size()) == max_words) {
    all.push_back(prefix);
    return;
  }
  for (std::int32_t word = 0; word < vocabulary; ++word) {
    Caption next = prefix;
    next.log_probability += log_softmax(scores, picture, prefix.words, word, vocabulary);
    next.complete = word == kEndOfSentence;
    if (!next.complete) {
      next.words.push_back(word);
    }
    enumerate(scores, picture, vocabulary, max_words, next, all);
  }
}

TEST(Search, GreedyTakesTheBestWordAtEveryStep) {
  Context context(Device::cpu());
  PrefixModel model(3, 1, 6, random_score);
  SearchOptions options;
  options.max_words = 9;
  const auto captions = search(context, model, options);
  ASSERT_EQ(captions.size(), 3u);
  for (std::int64_t picture = 0; picture < 3; ++picture) {
    Caption expected;
    while (!expected.complete && int(expected.words.size()) < options.max_words) {
      std::int32_t best = 0;
      for (std::int32_t word = 1; word < 6; ++word) {
        if (random_score(picture, expected.words, word) >
            random_score(picture, expected.words, best)) {
          best = word;
        }
      }
      expected.log_probability += log_softmax(random_score, picture, expected.words, best, 6);
      expected.complete = best == kEndOfSentence;
      if (!expected.complete) {
        expected.words.push_back(best);
      }
    }
    const Caption& found = captions[std::size_t(picture)].at(0);
    EXPECT_EQ(found.words, expected.words);
    EXPECT_EQ(found.complete, expected.complete);
    EXPECT_NEAR(found.log_probability, expected.log_probability, 1e-5);
  }
}

TEST(Search, AWideBeamFindsWhatTryingAllCaptionsFinds) {
  constexpr std::int32_t kVocabulary = 4;
  constexpr int kWords = 3;
  Context context(Device::cpu());
  SearchOptions options;
  options.method = SearchOptions::Method::beam;
  options.beam_width = 64;  // 4^3 captions at most are alive
  options.max_words = kWords;
  PrefixModel model(2 * 64, 64, kVocabulary, random_score);
  const auto captions = search(context, model, options);
  for (std::int64_t picture = 0; picture < 2; ++picture) {
    std::vector<Caption> all;
    enumerate(random_score, picture, kVocabulary, kWords, {}, all);
    std::sort(all.begin(), all.end(), [](const Caption& a, const Caption& b) {
      return a.log_probability > b.log_probability;
    });
    const auto& found = captions[std::size_t(picture)];
    ASSERT_EQ(found.size(), std::min<std::size_t>(all.size(), 64));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].words, all[i].words) << "picture " << picture << ", rank " << i;
      EXPECT_EQ(found[i].complete, all[i].complete);
      EXPECT_NEAR(found[i].log_probability, all[i].log_probability, 1e-5);
    }
  }
}

TEST(Search, ABeamOfOneIsGreedy) {
  Context context(Device::cpu());
  SearchOptions greedy;
  SearchOptions beam;
  beam.method = SearchOptions::Method::beam;
  beam.beam_width = 1;
  PrefixModel one(5, 1, 7, random_score);
  PrefixModel other(5, 1, 7, random_score);
  const auto a = search(context, one, greedy);
  const auto b = search(context, other, beam);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].at(0).words, b[i].at(0).words);
    EXPECT_NEAR(a[i].at(0).log_probability, b[i].at(0).log_probability, 1e-6);
  }
}

TEST(Search, BreaksTiesByTheEarlierParentAndTheLowerWord) {
  Context context(Device::cpu());
  const auto equal = [](std::int64_t, const Words&, std::int32_t word) {
    return word == kEndOfSentence ? -50.0f : 0.0f;
  };
  SearchOptions options;
  options.method = SearchOptions::Method::beam;
  options.beam_width = 3;
  options.max_words = 2;
  PrefixModel model(3, 3, 5, equal);
  const auto captions = search(context, model, options)[0];
  EXPECT_EQ(captions[0].words, (Words{1, 1}));
  EXPECT_EQ(captions[1].words, (Words{1, 2}));
  EXPECT_EQ(captions[2].words, (Words{1, 3}));
}

TEST(Search, AHypothesisThatHasEndedKeepsItsPlaceUntilBetterOnesPushItOut) {
  Context context(Device::cpu());
  // Ending at once has probability 0.4; going on costs nothing after the first word (0.6).
  const auto scores = [](std::int64_t, const Words& prefix, std::int32_t word) {
    if (prefix.empty()) {
      return word == 0 ? std::log(0.4f) : (word == 1 ? std::log(0.6f) : -80.0f);
    }
    const std::int32_t forced = prefix.size() < 4 ? 1 : 0;
    return word == forced ? 0.0f : -80.0f;
  };
  SearchOptions options;
  options.method = SearchOptions::Method::beam;
  options.beam_width = 2;
  options.max_words = 10;
  PrefixModel model(2, 2, 3, scores);
  const auto captions = search(context, model, options)[0];
  ASSERT_EQ(captions.size(), 2u);
  EXPECT_EQ(captions[0].words, (Words{1, 1, 1, 1}));
  EXPECT_TRUE(captions[0].complete);
  EXPECT_NEAR(captions[0].log_probability, std::log(0.6), 1e-5);
  EXPECT_TRUE(captions[1].words.empty());
  EXPECT_NEAR(captions[1].log_probability, std::log(0.4), 1e-5);
}

TEST(Search, DoesNotDependOnHowPicturesAreBatched) {
  Context context(Device::cpu());
  for (const auto method : {SearchOptions::Method::greedy, SearchOptions::Method::beam,
                            SearchOptions::Method::sample}) {
    SearchOptions options;
    options.method = method;
    options.beam_width = 4;
    options.samples = 4;
    options.seed = 17;
    const std::int64_t each = options.rows_per_picture();
    PrefixModel together(3 * each, each, 6, random_score);
    const auto all = search(context, together, options);
    for (std::int64_t picture = 0; picture < 3; ++picture) {
      PrefixModel alone(each, each, 6, [=](std::int64_t, const Words& prefix, std::int32_t word) {
        return random_score(picture, prefix, word);
      });
      options.first_picture = std::uint64_t(picture);
      const auto one = search(context, alone, options)[0];
      ASSERT_EQ(one.size(), all[std::size_t(picture)].size());
      for (std::size_t i = 0; i < one.size(); ++i) {
        EXPECT_EQ(one[i].words, all[std::size_t(picture)][i].words);
        EXPECT_EQ(one[i].log_probability, all[std::size_t(picture)][i].log_probability);
      }
    }
  }
}

TEST(Search, SamplesFollowTheDistributionAndTheSeed) {
  Context context(Device::cpu());
  const auto scores = [](std::int64_t, const Words& prefix, std::int32_t word) {
    if (!prefix.empty()) {
      return word == 0 ? 0.0f : -80.0f;
    }
    return word == 0 ? -80.0f : std::log(float(word));  // words 1, 2, 3 as 1 : 2 : 3
  };
  SearchOptions options;
  options.method = SearchOptions::Method::sample;
  options.samples = 6000;
  options.seed = 3;
  PrefixModel model(6000, 6000, 4, scores);
  const auto captions = search(context, model, options)[0];
  std::map<std::int32_t, int> counts;
  for (const Caption& caption : captions) {
    ASSERT_EQ(caption.words.size(), 1u);
    ++counts[caption.words[0]];
  }
  EXPECT_NEAR(counts[1], 1000, 120);
  EXPECT_NEAR(counts[2], 2000, 150);
  EXPECT_NEAR(counts[3], 3000, 160);
  EXPECT_TRUE(std::is_sorted(captions.begin(), captions.end(), [](const auto& a, const auto& b) {
    return a.log_probability > b.log_probability;
  }));

  PrefixModel again(6000, 6000, 4, scores);
  const auto same = search(context, again, options)[0];
  options.seed = 4;
  PrefixModel reseeded(6000, 6000, 4, scores);
  const auto other = search(context, reseeded, options)[0];
  const auto first_words = [](const std::vector<Caption>& list) {
    std::map<std::int32_t, int> result;
    for (const Caption& caption : list) {
      ++result[caption.words[0]];
    }
    return result;
  };
  EXPECT_EQ(first_words(same), counts);
  EXPECT_NE(first_words(other), counts);
}

TEST(Search, LowTemperatureComesCloseToGreedy) {
  Context context(Device::cpu());
  SearchOptions cold;
  cold.method = SearchOptions::Method::sample;
  cold.temperature = 1e-3f;
  PrefixModel sampled(4, 1, 6, random_score);
  PrefixModel greedy(4, 1, 6, random_score);
  const auto a = search(context, sampled, cold);
  const auto b = search(context, greedy, {});
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].at(0).words, b[i].at(0).words);
  }
}

TEST(Search, LeavesTheStepStateAsItWas) {
  Context context(Device::cpu());
  context.set_step_state({.seed = 123, .step = 456});
  SearchOptions options;
  options.method = SearchOptions::Method::sample;
  PrefixModel model(2, 1, 6, random_score);
  search(context, model, options);
  EXPECT_EQ(context.step_state().seed, 123u);
  EXPECT_EQ(context.step_state().step, 456u);
}

TEST(Search, RefusesOptionsThatMakeNoSense) {
  Context context(Device::cpu());
  PrefixModel model(4, 1, 6, random_score);
  SearchOptions options;
  options.method = SearchOptions::Method::beam;
  options.beam_width = 3;
  EXPECT_THROW(search(context, model, options), ArgumentError);  // 4 rows are no multiple of 3
  options.beam_width = 0;
  EXPECT_THROW(search(context, model, options), ArgumentError);
  options = {};
  options.max_words = 0;
  EXPECT_THROW(search(context, model, options), ArgumentError);
  options = {};
  options.temperature = 0.0f;
  EXPECT_THROW(search(context, model, options), ArgumentError);
}

}  // namespace
}  // namespace lrcn
