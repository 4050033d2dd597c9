#include "tools/report/html_report.h"

#include <gtest/gtest.h>

#include <regex>

namespace lrcn::test {
namespace {

std::string page(const ReportContent& content) {
  std::string html;
  write_report(content, [&](std::string_view text) { html += text; });
  return html;
}

ReportContent some_content() {
  ReportContent content;
  content.title = "Shapes & <colours>";
  content.headline = {{"CIDEr", "1.25"}};
  content.scores = {{"BLEU-4", "0.5"}};
  content.config = "key = \"<script>\"\n";
  content.metrics.training = {{1, 0, 2.0, 0.5, 0.1, 9.0}, {2, 0, {}, {}, 0.1, 9.0}};
  content.metrics.validation = {{2, {{"loss", 1.5}, {"cider", 0.25}}, true}};
  content.pictures = {{"a.png",
                       {"data:image/png;base64,AAAA", 64, 64},
                       "a red <square>",
                       {"a red square", "red square"},
                       true},
                      {"b.png", {}, "", {"a dog"}, false}};
  content.captioned = 10;
  content.right = 7;
  return content;
}

// Elements are closed in the order in which they were opened.
void expect_well_formed(const std::string& html) {
  static const std::regex tag(R"(<(/?)([a-z0-9]+)[^>]*?(/?)>)");
  std::vector<std::string> open;
  const std::vector<std::string> single = {"meta", "img", "input", "br", "line", "circle", "path"};
  for (auto each = std::sregex_iterator(html.begin(), html.end(), tag);
       each != std::sregex_iterator(); ++each) {
    const std::string name = (*each)[2];
    if ((*each)[3] == "/" || ((*each)[1] == "" && std::find(single.begin(), single.begin() + 4,
                                                            name) != single.begin() + 4)) {
      continue;
    }
    if ((*each)[1] == "") {
      open.push_back(name);
    } else {
      ASSERT_FALSE(open.empty()) << name;
      ASSERT_EQ(open.back(), name);
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty()) << open.back();
}

TEST(HtmlReport, RefersToNothingOutsideOfItself) {
  const std::string html = page(some_content());
  for (const char* forbidden : {"http:", "https:", "<script", "<link", "url(", "@import", "//"}) {
    EXPECT_EQ(html.find(forbidden), std::string::npos) << forbidden;
  }
  EXPECT_NE(html.find("Content-Security-Policy"), std::string::npos);
}

TEST(HtmlReport, EscapesAllText) {
  const std::string html = page(some_content());
  EXPECT_NE(html.find("Shapes &amp; &lt;colours&gt;"), std::string::npos);
  EXPECT_NE(html.find("a red &lt;square&gt;"), std::string::npos);
  EXPECT_EQ(html.find("<square>"), std::string::npos);
}

TEST(HtmlReport, IsWellFormed) {
  expect_well_formed(page(some_content()));
  expect_well_formed(page({}));
}

TEST(HtmlReport, ShowsCurvesScoresAndPictures) {
  const std::string html = page(some_content());
  for (const char* part :
       {"Loss, nats per word", "CIDEr of greedy captions", "BLEU-4", "class=\"picture right\"",
        "class=\"picture wrong\"", "data:image/png;base64,AAAA", "2 references", "7 of 10 are",
        "not shown", "(no words)", "Configuration", "prefers-color-scheme: dark",
        "width=device-width"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(html.find("Exact match of greedy captions"), std::string::npos) << "has no points";
}

TEST(HtmlReport, LeavesOutWhatIsNotThere) {
  const std::string html = page({});
  for (const char* part : {"<h2>Training", "<h2>Scores", "<h2>Configuration", "<figure"}) {
    EXPECT_EQ(html.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace lrcn::test
