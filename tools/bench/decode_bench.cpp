// Captions a second: 20 words each, no early end, the encoder not counted.
#include <memory>

#include "core/error.h"
#include "core/rng.h"
#include "core/transfer.h"
#include "models/decode/caption_decoder.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/caption_model.h"

namespace lrcn {
namespace {

constexpr int kWords = 20;

PreparedCase prepare(Context& context, const SearchOptions& search, std::int64_t batch) {
  const CaptionerConfig config = bench_captioner();
  auto params = std::make_shared<ParamStore>(context.device(), 1);
  auto decoder = std::make_shared<CaptionDecoder>(context, *params, config, batch, search);
  // The end of sentence never wins, so every caption takes all steps, as in the peer.
  const int bias = params->find("decoder.output.bias");
  std::vector<float> values = params->get_value(bias);
  values[std::size_t(kEndOfSentence)] = -1e4f;
  params->set_value(bias, values);
  const Random random(1, Purpose::generate);
  std::vector<float> images(std::size_t(decoder->images().elements()));
  for (std::size_t i = 0; i < images.size(); ++i) {
    images[i] = random.uniform(0, i);
  }
  upload(decoder->images(), images.data());
  decoder->encode(context);
  PreparedCase prepared;
  prepared.run = [params, decoder, &context, batch] {
    decoder->search_encoded(context, batch, 0);
    context.synchronize();
  };
  prepared.items = double(batch);
  prepared.unit = "captions";
  return prepared;
}

}  // namespace

std::vector<BenchCase> decode_cases(const BenchRequest&) {
  std::vector<BenchCase> cases;
  for (const auto method : {SearchOptions::Method::greedy, SearchOptions::Method::beam}) {
    for (const std::int64_t batch : {1, 16, 64}) {
      SearchOptions search;
      search.method = method;
      search.beam_width = 5;
      search.max_words = kWords;
      const bool greedy = method == SearchOptions::Method::greedy;
      cases.push_back({"decode", concat(greedy ? "greedy-b" : "beam5-b", batch),
                       [=](Context& context) { return prepare(context, search, batch); }});
    }
  }
  return cases;
}

}  // namespace lrcn
