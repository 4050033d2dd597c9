// Searches step by step on both devices; the searches as a whole are held against trying all
// captions in tests/models/search_test.cpp.
#include "kernels/hypotheses.h"

#include <cmath>

#include "core/rng.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

constexpr std::int32_t kEnd = 0;

class CudaHypotheses : public CudaAgreement {
 protected:
  struct Twins {
    Twin &last, &parents, &states, &words, &origins, &alive;
    template <class On>
    HypothesisTable on(const On& each) const {
      return {each(last), each(parents), each(states), each(words), each(origins), each(alive)};
    }
  };

  Twins table(std::int64_t rows, std::int64_t steps) {
    // States begin as zeros: those of the other half are not written by every kernel.
    const auto words = 2 * rows * std::int64_t(sizeof(Hypothesis)) / 4;
    Twin& states = integers({words}, std::vector<std::int32_t>(std::size_t(words), 0));
    for (OwnedTensor* each : {&states.cpu, &states.cuda}) {
      each->tensor.spec = {{4 * words}, DType::u8};
    }
    return {blank({{rows}, DType::i32}),
            blank({{rows}, DType::i32}),
            states,
            blank({{steps, rows}, DType::i32}),
            blank({{steps, rows}, DType::i32}),
            blank({{1}, DType::i32})};
  }

  // For each step, [R, K] words that differ within a row, the end among them now and then, and
  // falling log probabilities of which some are equal and, where asked for, one is NaN.
  struct Chosen {
    Twin &index, &log_probability;
  };
  Chosen chosen(const Shape& shape, std::uint64_t seed, bool nan = false) {
    const std::int64_t k = shape.rank() == 2 ? shape[1] : 1;
    const Random random(seed, Purpose::generate);
    std::vector<std::int32_t> index;
    std::vector<float> log_p;
    for (std::int64_t row = 0; row < shape[0]; ++row) {
      const auto first = std::int32_t(random.below(4, std::uint64_t(row), 0));
      float p = -0.5f * float(random.below(3, std::uint64_t(row), 1));
      for (std::int64_t i = 0; i < k; ++i) {
        index.push_back(first + std::int32_t(i));
        log_p.push_back(p);
        p -= 0.25f * float(random.below(3, std::uint64_t(row), std::uint64_t(2 + i)));
      }
    }
    if (nan) {
      log_p[log_p.size() / 2] = std::nanf("");
    }
    return {integers(shape, index), floats({shape}, log_p)};
  }

  void expect_same_table(const Twins& twins) {
    for (const Twin* twin :
         {&twins.last, &twins.parents, &twins.states, &twins.words, &twins.origins, &twins.alive}) {
      expect_same(*twin);
    }
  }
};

TEST_F(CudaHypotheses, RowsGoTheirOwnWaysAsOnTheCpu) {
  for (const std::int64_t rows : {1, 33, 300}) {
    const Twins twins = table(rows, 3);
    std::vector<Chosen> words;
    for (std::uint64_t step = 0; step < 4; ++step) {  // one more than there is room for
      words.push_back(chosen({rows}, step));
    }
    run([&](Context& context, auto on) {
      start_hypotheses(context, twins.on(on), 1, kEnd);
      for (const Chosen& word : words) {
        continue_rows(context, twins.on(on), {on(word.index), on(word.log_probability)}, kEnd);
      }
      EXPECT_EQ(context.step_state().step, 3u);
    });
    expect_same_table(twins);
  }
}

TEST_F(CudaHypotheses, BeamsAreThoseOfTheCpu) {
  struct Case {
    std::int64_t groups, width, k;
  };
  for (const auto& [groups, width, k] :
       {Case{1, 1, 1}, {3, 5, 5}, {2, 7, 3}, {40, 2, 2}, {1, 150, 40}}) {
    const std::int64_t rows = groups * width;
    const Twins twins = table(rows, 4);
    std::vector<Chosen> tops;
    for (std::uint64_t step = 0; step < 5; ++step) {
      tops.push_back(chosen({rows, k}, 10 + step, step == 2));
    }
    run([&](Context& context, auto on) {
      start_hypotheses(context, twins.on(on), width, kEnd);
      for (const Chosen& top : tops) {
        continue_beams(context, twins.on(on), {on(top.index), on(top.log_probability)}, width,
                       kEnd);
      }
      EXPECT_EQ(context.step_state().step, 4u);
    });
    expect_same_table(twins);
  }
}

TEST_F(CudaHypotheses, RefusesTensorsThatDoNotFit) {
  const Twins twins = table(6, 3);
  const Chosen top = chosen({6, 2}, 1);
  const Chosen few = chosen({5}, 1);
  for (Context* context : {&cpu_context(), &cuda_context()}) {
    const auto on = [&](const Twin& twin) {
      return context->device().is_cpu() ? twin.cpu.tensor : twin.cuda.tensor;
    };
    HypothesisTable whole = twins.on(on);
    const Choice two{on(top.index), on(top.log_probability)};
    EXPECT_THROW(continue_beams(*context, whole, two, 4, kEnd), ArgumentError);
    EXPECT_THROW(continue_beams(*context, whole, {two.index, {}}, 3, kEnd), ArgumentError);
    EXPECT_THROW(continue_rows(*context, whole, {on(few.index), on(few.log_probability)}, kEnd),
                 ArgumentError);
    EXPECT_THROW(start_hypotheses(*context, whole, 0, kEnd), ArgumentError);
    whole.origins = whole.last;
    EXPECT_THROW(start_hypotheses(*context, whole, 1, kEnd), ArgumentError);
  }
}

}  // namespace
}  // namespace lrcn::test
