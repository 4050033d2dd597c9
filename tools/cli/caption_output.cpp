#include "tools/cli/caption_output.h"

#include <cmath>

#include "core/error.h"
#include "core/io/json.h"
#include "core/io/utf8.h"
#include "tools/cli/data_table.h"

namespace lrcn {
namespace {

// Broken weights can give a sum that JSON has no number for.
Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json json_of(const PictureInput& picture, const std::vector<CaptionText>& captions) {
  check<DataError>(!find_invalid_utf8(picture.name), "caption: the file name ", picture.name,
                   " is not UTF-8, so JSON cannot hold it");
  Json json = Json::object({{"file", picture.name}});
  if (picture.image_id) {
    json.set("image_id", *picture.image_id);
  }
  Json list = Json::array();
  for (const CaptionText& caption : captions) {
    list.push_back(Json::object(
        {{"text", caption.text}, {"logprob", finite_or_null(caption.log_probability)}}));
  }
  return json.set("captions", std::move(list));
}

}  // namespace

void CaptionWriter::add(const PictureInput& picture, const std::vector<CaptionText>& captions) {
  switch (format_) {
    case Format::lines:
      output_.write(printable(picture.name) + '\t' + printable(captions.front().text) + '\n');
      break;
    case Format::scored:
      for (const CaptionText& caption : captions) {
        output_.write(printable(picture.name) + '\t' + decimal_text(caption.log_probability, 4) +
                      '\t' + printable(caption.text) + '\n');
      }
      break;
    case Format::json:
      add_element(json_of(picture, captions).dump());
      break;
    case Format::results:
      add_element(
          Json::object({{"image_id", picture.image_id.value()}, {"caption", captions.front().text}})
              .dump());
      break;
  }
}

void CaptionWriter::add_element(const std::string& element) {
  output_.write((empty_ ? "[" : ",\n ") + element);
  empty_ = false;
}

void CaptionWriter::finish() {
  if (format_ == Format::json || format_ == Format::results) {
    output_.write(empty_ ? "[]\n" : "]\n");
  }
}

CaptionOutputs::CaptionOutputs(const std::filesystem::path& output, CaptionWriter::Format format,
                               const std::filesystem::path& results)
    : output_(output), writer_(output_, format) {
  if (!results.empty()) {
    results_.emplace(results);
    results_writer_.emplace(*results_, CaptionWriter::Format::results);
  }
}

void CaptionOutputs::add(const PictureInput& picture, const std::vector<CaptionText>& captions) {
  writer_.add(picture, captions);
  if (results_writer_) {
    results_writer_->add(picture, captions);
  }
}

void CaptionOutputs::finish() {
  if (results_writer_) {
    results_writer_->finish();
    results_->finish();
  }
  writer_.finish();
  output_.finish();
}

}  // namespace lrcn
