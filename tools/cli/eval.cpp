// lrcn eval: scores of generated captions, and a page that shows them.
#include <array>

#include "tools/cli/eval_captions.h"
#include "tools/cli/eval_report.h"
#include "tools/cli/subverb.h"

namespace lrcn {

int run_eval(std::span<const std::string> arguments, Terminal& terminal) {
  static constexpr std::array<Subverb, 2> kSubverbs = {{
      {"captions", run_eval_captions, "BLEU, ROUGE-L and CIDEr of captions against references"},
      {"report", run_eval_report, "an HTML page with curves, scores and captioned pictures"},
  }};
  return run_subverb("eval", kSubverbs, arguments, terminal);
}

}  // namespace lrcn
