// A trained captioner, ready for pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/decode/caption_decoder.h"
#include "tools/cli/caption_output.h"
#include "tools/cli/caption_reader.h"
#include "tools/data/picture_upload.h"
#include "tools/train/model_folder.h"

namespace lrcn {

// How captions are searched for, as far as the command line says so.
struct SearchArguments {
  std::optional<std::int64_t> beam;
  bool sample = false;
  std::optional<std::int64_t> samples;
  std::optional<double> temperature;
  std::optional<std::int64_t> seed;
  std::optional<std::int64_t> max_words;
};

// The rest is as `standard`, from the model, says. Throws UsageError for numbers out of range and
// for arguments that contradict one another.
SearchOptions search_options(const SearchArguments& arguments, const SearchOptions& standard);

// As read_captioner_folder; NotFoundError for the folder of a run names its checkpoints.
CaptionerFolder read_model(const std::filesystem::path& folder);

class CaptionModel {
 public:
  // Compiles the captioner for batches of up to `batch` pictures and loads model.safetensors of
  // `folder`, for the device of `context`. Throws NotFoundError, DataError for weights that do not
  // fit or are not finite, DeviceError, MemoryError.
  CaptionModel(Context context, const std::filesystem::path& folder, CaptionerFolder captioner,
               const SearchOptions& search, std::int64_t batch);

  std::int64_t batch() const { return decoder_->batch(); }
  // Begins to send up to batch() good pictures to the device; two batches may be under way.
  void send(std::span<const PreparedPicture> pictures);
  // The pictures that were sent first go through the encoder; a GPU does that meanwhile.
  void encode();
  // Captions of the `count` pictures encoded last, best first for each; `first` numbers picture 0.
  std::vector<std::vector<CaptionText>> captions(std::size_t count, std::uint64_t first);

  double compile_seconds() const { return compile_seconds_; }
  double load_seconds() const { return load_seconds_; }

 private:
  Context context_;
  CaptionerFolder captioner_;
  ParamStore params_;
  std::optional<CaptionDecoder> decoder_;
  std::optional<PictureUpload> upload_;
  double compile_seconds_ = 0.0;
  double load_seconds_ = 0.0;
};

}  // namespace lrcn
