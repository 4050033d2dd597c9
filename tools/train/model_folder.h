// A captioner as a directory, laid out as on the Hugging Face hub:
//
//   config.json               architecture and sizes (CaptionerConfig)
//   model.safetensors         the parameters under PyTorch-like names
//   preprocessor_config.json  how pictures are prepared
//   generation_config.json    how captions are searched for, unless the caller says otherwise
//   vocab.txt                 one word a line
#pragma once

#include <filesystem>

#include "core/io/file_system.h"
#include "layers/graph/param_store.h"
#include "models/captioner.h"
#include "models/decode/search.h"
#include "tools/data/preprocess.h"
#include "tools/data/vocabulary.h"

namespace lrcn {

struct CaptionerFolder {
  CaptionerConfig config;
  Preprocessing preprocessing;
  SearchOptions search;
  Vocabulary vocabulary;
};

// All but the weights. Throws NotFoundError for a missing folder or file, DataError naming file and
// field for content that is wrong or does not fit together (vocabulary and config, picture sizes).
CaptionerFolder read_captioner_folder(const std::filesystem::path& folder);

// Writes all but model.safetensors. Throws IoError.
void write_captioner_folder(const std::filesystem::path& folder, const CaptionerFolder& captioner,
                            const FileSystem& files = posix_file_system());

// generation_config.json: num_beams, max_length, do_sample, temperature, num_return_sequences.
Json to_json(const SearchOptions& search);
SearchOptions search_options_from(const Json& json);

}  // namespace lrcn
