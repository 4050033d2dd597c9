// Training and validating a captioner.
#pragma once

#include <memory>

#include "layers/graph/program.h"
#include "models/decode/caption_decoder.h"
#include "tools/data/caption_loader.h"
#include "tools/data/picture_upload.h"
#include "tools/train/model_folder.h"
#include "tools/train/task.h"

namespace lrcn {

struct CaptionTaskOptions {
  std::int64_t batch = 16;            // captions in a training batch (N)
  std::vector<std::int64_t> buckets;  // caption lengths that programs are compiled for
  int threads = 1;                    // of the loader
  int prefetch = 4;                   // batches
  std::uint64_t seed = 0;
  bool random_crop = false;
  bool random_mirror = false;
  std::int64_t evaluate_pictures = 1000;  // at most so many validation pictures are captioned
};

// What a captioner is trained with; all of it outlives the task. The parameters are declared by the
// task and loaded or drawn by whoever owns them.
struct CaptionTaskParts {
  Context& context;
  ParamStore& params;
  const CaptionerFolder& captioner;
  const CaptionData& training;
  const CaptionData* validation = nullptr;  // none: evaluate() gives no metrics
};

// A picture of the validation data and what the model says about it.
struct CaptionedPicture {
  std::size_t picture = 0;  // number in the data
  Caption caption;
  std::string text;
};

// What CaptionTask::evaluate tells: of the words, and of greedy captions, if pictures are
// captioned.
const std::vector<std::string>& word_metrics();
const std::vector<std::string>& caption_metrics();

class CaptionTask final : public TrainingTask {
 public:
  // Compiles the programs of all buckets. Throws ArgumentError for options that do not fit,
  // MemoryError naming the largest tensors when a batch does not fit into memory.
  CaptionTask(const CaptionTaskParts& parts, const CaptionTaskOptions& options);
  ~CaptionTask() override;

  std::int64_t batches_per_epoch() const override;
  std::int64_t run_batch(Context& context, const BatchPosition& position, Tensor meters) override;
  // loss (mean NLL of a token), perplexity, accuracy (of tokens); of greedy captions CIDEr, BLEU-4
  // and exact_match, the part of pictures whose caption is one of its references, word by word.
  std::optional<EvaluationResult> evaluate(Context& context, const StopRequested& stop) override;
  void save_model_files(const std::filesystem::path& folder, const FileSystem& files) override;

 private:
  struct Bucket;

  // Begins to send that batch of the training data.
  void send(std::int64_t index, const CaptionBatch& batch);
  // The same for the batch behind, as far as it can be read.
  void send_ahead(std::int64_t index);

  CaptionTaskParts parts_;
  CaptionTaskOptions options_;
  std::shared_ptr<Arena> arena_;
  CaptionBatcher batcher_;
  CaptionLoader loader_;
  PictureUpload upload_;
  std::int64_t sent_index_ = -1;  // of the batch under way; none: -1
  std::int64_t sent_steps_ = 0;   // its length
  std::vector<std::unique_ptr<Bucket>> buckets_;
  std::unique_ptr<Bucket> validation_bucket_;
  std::unique_ptr<CaptionDecoder> decoder_;
};

// Captions pictures [0, count) of the data in batches of the decoder; nothing when `stop` becomes
// true. Bad pictures (BadPolicy::skip) are left out.
std::optional<std::vector<CaptionedPicture>> caption_pictures(
    Context& context, CaptionDecoder& decoder, const CaptionData& data, std::size_t count,
    const CaptionerFolder& captioner, const StopRequested& stop);

}  // namespace lrcn
