#include "models/decode/caption_decoder.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/elementwise.h"
#include "kernels/rows.h"
#include "layers/graph/program.h"

namespace lrcn {
namespace {

Program compile_encoding(Context& context, ParamStore& params, const CaptionerEncoding& encoding) {
  CompileOptions options;
  options.outputs = {encoding.projection};
  return Program::compile(context, encoding.graph, params, options);
}

Program compile_step(Context& context, ParamStore& params, const CaptionerStep& step) {
  CompileOptions options;
  options.outputs.insert(options.outputs.end(), step.h_out.begin(), step.h_out.end());
  options.outputs.insert(options.outputs.end(), step.c_out.begin(), step.c_out.end());
  if (step.logits) {
    options.outputs.push_back(step.logits);
  }
  return Program::compile(context, step.graph, params, options);
}

// The decoder half of the captioner for R hypotheses.
class DecoderSteps final : public StepModel {
 public:
  DecoderSteps(Context& context, ParamStore& params, const CaptionerConfig& config,
               std::int64_t rows)
      : rows_(rows),
        vocabulary_(config.vocabulary),
        word_step_(build_step(config, rows)),
        word_program_(compile_step(context, params, word_step_)) {
    if (config.image_layer() < 0) {
      picture_step_ = build_step(config, rows, StepInput::picture);
      picture_program_ = compile_step(context, params, *picture_step_);
    }
  }

  std::int64_t rows() const override { return rows_; }
  std::int64_t vocabulary() const override { return vocabulary_; }

  // projection: f32 [N, P], one row for each picture; picture_of: i32 [R].
  void start(Context& context, Tensor projection, Tensor picture_of) {
    // What lies behind the word before the first one.
    for (std::size_t layer = 0; layer < word_step_.h_in.size(); ++layer) {
      for (const Value state : {word_step_.h_out[layer], word_step_.c_out[layer]}) {
        fill_with(context, word_program_.value(state), 0.0f);
      }
    }
    if (!picture_step_) {
      gather_rows(context, projection, picture_of, word_program_.value(word_step_.projection));
      return;
    }
    for (const auto* states : {&picture_step_->h_in, &picture_step_->c_in}) {
      for (const Value& state : *states) {
        fill_with(context, picture_program_->value(state), 0.0f);
      }
    }
    gather_rows(context, projection, picture_of,
                picture_program_->value(picture_step_->projection));
    picture_program_->forward(context);
    for (std::size_t layer = 0; layer < word_step_.h_in.size(); ++layer) {
      copy_to(context, picture_program_->value(picture_step_->h_out[layer]),
              word_program_.value(word_step_.h_out[layer]));
      copy_to(context, picture_program_->value(picture_step_->c_out[layer]),
              word_program_.value(word_step_.c_out[layer]));
    }
  }

  Tensor step(Context& context, Tensor ids, Tensor parents) override {
    // The state behind the previous word becomes the state before the next one.
    for (std::size_t layer = 0; layer < word_step_.h_in.size(); ++layer) {
      carry(context, word_step_.h_out[layer], word_step_.h_in[layer], parents);
      carry(context, word_step_.c_out[layer], word_step_.c_in[layer], parents);
    }
    copy_to(context, ids.reshaped({1, rows_}), word_program_.value(word_step_.ids));
    word_program_.forward(context);
    return word_program_.value(word_step_.logits).reshaped({rows_, vocabulary_});
  }

  RepeatedWork::Key revision() const override { return word_program_.revision(); }

 private:
  void carry(Context& context, Value from, Value to, const Tensor& parents) {
    if (parents) {
      gather_rows(context, word_program_.value(from), parents, word_program_.value(to));
    } else {
      copy_to(context, word_program_.value(from), word_program_.value(to));
    }
  }

  std::int64_t rows_;
  std::int64_t vocabulary_;
  CaptionerStep word_step_;
  Program word_program_;
  std::optional<CaptionerStep> picture_step_;
  std::optional<Program> picture_program_;
};

}  // namespace

struct CaptionDecoder::Impl {
  std::int64_t batch;
  CaptionerEncoding encoding;
  Program encoder;
  DecoderSteps steps;
  Search search;
  OwnedTensor picture_of;  // i32 [R]: the picture of each hypothesis
};

CaptionDecoder::CaptionDecoder(Context& context, ParamStore& params, const CaptionerConfig& config,
                               std::int64_t batch, const SearchOptions& options) {
  options.validate();
  check(batch >= 1, "caption decoder: the batch must hold at least one picture, got ", batch);
  const std::int64_t each = options.rows_per_picture();
  CaptionerEncoding encoding = build_encoding(config, batch);
  Program encoder = compile_encoding(context, params, encoding);
  DecoderSteps steps(context, params, config, batch * each);
  Search search(context, steps, options);
  impl_.reset(new Impl{batch, std::move(encoding), std::move(encoder), std::move(steps),
                       std::move(search),
                       OwnedTensor(context.device(), {{batch * each}, DType::i32})});
  std::vector<std::int32_t> picture_of(std::size_t(batch * each));
  for (std::size_t row = 0; row < picture_of.size(); ++row) {
    picture_of[row] = std::int32_t(row / std::size_t(each));
  }
  upload(impl_->picture_of.tensor, picture_of.data());
}

CaptionDecoder::CaptionDecoder(CaptionDecoder&&) noexcept = default;
CaptionDecoder& CaptionDecoder::operator=(CaptionDecoder&&) noexcept = default;
CaptionDecoder::~CaptionDecoder() = default;

std::int64_t CaptionDecoder::batch() const { return impl_->batch; }

Tensor CaptionDecoder::images() const { return impl_->encoder.value(impl_->encoding.images); }

std::vector<std::vector<Caption>> CaptionDecoder::decode(Context& context, std::int64_t count,
                                                         std::uint64_t first_picture) {
  if (count == 0) {
    return {};
  }
  encode(context);
  return search_encoded(context, count, first_picture);
}

void CaptionDecoder::encode(Context& context) { impl_->encoder.forward(context); }

std::vector<std::vector<Caption>> CaptionDecoder::search_encoded(Context& context,
                                                                 std::int64_t count,
                                                                 std::uint64_t first_picture) {
  check(count >= 0 && count <= impl_->batch, "caption decoder: ", count,
        " pictures do not fit into a batch of ", impl_->batch);
  impl_->steps.start(context, impl_->encoder.value(impl_->encoding.projection),
                     impl_->picture_of.tensor);
  std::vector<std::vector<Caption>> captions =
      impl_->search.run(context, impl_->steps, first_picture);
  captions.resize(std::size_t(count));
  return captions;
}

}  // namespace lrcn
