// What `lrcn caption` writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/caption_inputs.h"
#include "tools/cli/data_output.h"

namespace lrcn {

struct CaptionText {
  std::string text;
  double log_probability = 0.0;
};

// Writes picture by picture, so that any number of them fits; nothing is written before the first.
class CaptionWriter {
 public:
  //   lines    FILE<TAB>TEXT, the best caption; line breaks and tabs in a name become \n, \r, \t
  //   scored   FILE<TAB>LOG_P<TAB>TEXT, a line for each caption
  //   json     [{"file": str, "captions": [{"text": str, "logprob": float}]}], with "image_id" for
  //            pictures that have one
  //   results  [{"image_id": int, "caption": str}], the best caption: results as MS COCO has them
  enum class Format { lines, scored, json, results };

  CaptionWriter(DataOutput& output, Format format) : output_(output), format_(format) {}

  // `captions` are best first. Throws IoError, and DataError for a file name that JSON cannot hold
  // because it is not UTF-8.
  void add(const PictureInput& picture, const std::vector<CaptionText>& captions);
  // Ends a JSON array; throws IoError.
  void finish();

 private:
  void add_element(const std::string& element);

  DataOutput& output_;
  Format format_;
  bool empty_ = true;
};

// The output that the caller asked for and, beside it, a file of results.
class CaptionOutputs {
 public:
  // An empty `output` is standard output, an empty `results` no file. Throws IoError.
  CaptionOutputs(const std::filesystem::path& output, CaptionWriter::Format format,
                 const std::filesystem::path& results);

  bool uses_standard_output() const { return !output_.is_file(); }
  bool writes_files() const { return output_.is_file() || results_; }
  // `captions` are best first. Errors as CaptionWriter.
  void add(const PictureInput& picture, const std::vector<CaptionText>& captions);
  void flush() { output_.flush(); }
  // Ends everything and puts the files in their places.
  void finish();

 private:
  DataOutput output_;
  CaptionWriter writer_;
  std::optional<DataOutput> results_;
  std::optional<CaptionWriter> results_writer_;
};

}  // namespace lrcn
