// The page that shows what a trained captioner can do.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/report/embedded_picture.h"
#include "tools/report/run_metrics.h"

namespace lrcn {

struct ReportPicture {
  std::string name;
  EmbeddedPicture picture;  // without one a note stands in its place
  std::string caption;
  std::vector<std::string> references;
  bool right = false;  // the caption is one of the references, word by word
};

struct ReportContent {
  using Facts = std::vector<std::pair<std::string, std::string>>;  // name and value

  std::string title;
  std::string subtitle;
  Facts headline;                       // a few numbers to see first
  Facts scores;                         // of all captioned pictures
  Facts timing;                         // how long what took
  Facts model;                          // what was trained
  std::string config;                   // the resolved configuration; may be empty
  RunMetrics metrics;                   // may be empty
  std::vector<ReportPicture> pictures;  // those to show
  std::size_t captioned = 0;            // pictures that there are captions for
  std::size_t right = 0;                // of these, captioned right
};

// Writes the page piece by piece. It refers to nothing outside of itself, fits phones and desktops
// and follows the reader's choice of light or dark. All text is escaped.
void write_report(const ReportContent& content, const std::function<void(std::string_view)>& write);

}  // namespace lrcn
