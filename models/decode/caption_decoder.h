// Captions for batches of pictures.
#pragma once

#include <memory>
#include <vector>

#include "layers/graph/param_store.h"
#include "models/captioner.h"
#include "models/decode/search.h"

namespace lrcn {

// The captioner compiled for decoding: encoder and step programs for up to `batch` pictures,
// sharing the parameters of the store.
class CaptionDecoder {
 public:
  // Throws ArgumentError for options or sizes that do not fit.
  CaptionDecoder(Context& context, ParamStore& params, const CaptionerConfig& config,
                 std::int64_t batch, const SearchOptions& options);
  CaptionDecoder(CaptionDecoder&&) noexcept;
  CaptionDecoder& operator=(CaptionDecoder&&) noexcept;
  ~CaptionDecoder();

  std::int64_t batch() const;
  // Where the next pictures go: f32 [batch, 3, S, S], normalised.
  Tensor images() const;
  // Captions of the first `count` pictures, best first for each. `first_picture` numbers picture 0,
  // so that sampling does not depend on how pictures are put into batches.
  std::vector<std::vector<Caption>> decode(Context& context, std::int64_t count,
                                           std::uint64_t first_picture);

  // The two halves of decode(), for those who search several times or measure: the pictures' part
  // once, then the words.
  void encode(Context& context);
  std::vector<std::vector<Caption>> search_encoded(Context& context, std::int64_t count,
                                                   std::uint64_t first_picture);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lrcn
