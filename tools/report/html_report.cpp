#include "tools/report/html_report.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "tools/report/curve_chart.h"
#include "tools/report/html_text.h"
#include "tools/report/report_style.h"

namespace lrcn {
namespace {

using Facts = ReportContent::Facts;

constexpr int kFewPixels = 128;  // smaller pictures are enlarged without blurring

std::string head_html(const ReportContent& content) {
  return concat(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      // Nothing but what is inside of the page is ever loaded or run.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n<title>",
      escape_html(content.title), "</title>\n<style>", report_style(),
      "</style>\n</head>\n<body>\n<main>\n");
}

std::string headline_html(const ReportContent& content) {
  std::string html =
      concat("<header>\n<h1>", escape_html(content.title), "</h1>\n<p class=\"subtitle\">",
             escape_html(content.subtitle), "</p>\n");
  if (!content.headline.empty()) {
    html += "<dl class=\"headline\">\n";
    for (const auto& [name, value] : content.headline) {
      html +=
          concat("<div><dt>", escape_html(name), "</dt><dd>", escape_html(value), "</dd></div>\n");
    }
    html += "</dl>\n";
  }
  return html + "</header>\n";
}

std::string table_html(const char* title, const Facts& facts) {
  if (facts.empty()) {
    return {};
  }
  std::string html = concat("<section><h2>", title, "</h2><table>\n");
  for (const auto& [name, value] : facts) {
    html += concat("<tr><th scope=\"row\">", escape_html(name), "</th><td>", escape_html(value),
                   "</td></tr>\n");
  }
  return html + "</table></section>\n";
}

template <class Value>
Curve training_curve(const RunMetrics& metrics, const Value& value) {
  Curve curve{.name = "training", .colour = "training", .points = {}, .marked = false};
  for (const TrainingPoint& point : metrics.training) {
    if (const std::optional<double> y = value(point)) {
      curve.points.emplace_back(double(point.step), *y);
    }
  }
  return curve;
}

Curve validation_curve(const RunMetrics& metrics, const std::string& name) {
  Curve curve{.name = "validation", .colour = "validation", .points = {}, .marked = false};
  for (const ValidationPoint& point : metrics.validation) {
    if (const auto value = point.metrics.find(name); value != point.metrics.end()) {
      curve.points.emplace_back(double(point.step), value->second);
    }
  }
  curve.marked = curve.points.size() <= 60;
  return curve;
}

std::string charts_html(const RunMetrics& metrics) {
  const auto chart = [&](const char* title, std::vector<Curve> curves, bool from_zero) {
    return chart_html(
        {.title = title, .x_label = "step", .curves = std::move(curves), .from_zero = from_zero});
  };
  std::string html =
      chart("Loss, nats per word",
            {training_curve(metrics, [](const TrainingPoint& point) { return point.loss; }),
             validation_curve(metrics, "loss")},
            true);
  html += chart("CIDEr of greedy captions", {validation_curve(metrics, "cider")}, true);
  html += chart("Exact match of greedy captions", {validation_curve(metrics, "exact_match")}, true);
  html += chart("Accuracy of the next word",
                {training_curve(metrics, [](const TrainingPoint& point) { return point.accuracy; }),
                 validation_curve(metrics, "accuracy")},
                true);
  return html.empty()
             ? ""
             : "<section><h2>Training</h2><div class=\"charts\">\n" + html + "</div></section>\n";
}

std::string picture_html(const ReportPicture& picture) {
  const char* verdict = picture.right ? "right" : "wrong";
  std::string html = concat("<figure class=\"picture ", verdict, "\">");
  const EmbeddedPicture& shown = picture.picture;
  const bool small = std::max(shown.width, shown.height) <= kFewPixels;
  html += shown.uri.empty() ? "<div class=\"lost\">not shown</div>"
                            : concat("<img loading=\"lazy\" width=\"", shown.width, "\" height=\"",
                                     shown.height, small ? "\" class=\"small" : "", "\" src=\"",
                                     shown.uri, "\" alt=\"", escape_html(picture.caption), "\">");
  html +=
      concat("<figcaption><p class=\"says\">",
             picture.caption.empty() ? "(no words)" : escape_html(picture.caption),
             "</p><span class=\"name\" title=\"", escape_html(picture.name), "\">",
             escape_html(picture.name), "</span><span class=\"badge\">", verdict,
             "</span><details><summary>", picture.references.size(), " references</summary><ul>");
  for (const std::string& reference : picture.references) {
    html += "<li>" + escape_html(reference) + "</li>";
  }
  return html + "</ul></details></figcaption></figure>\n";
}

void write_pictures(const ReportContent& content,
                    const std::function<void(std::string_view)>& write) {
  if (content.pictures.empty()) {
    return;
  }
  write(concat("<section><h2>Captions of held-out pictures</h2>\n<p class=\"note\">",
               content.pictures.size(), " of ", content.captioned,
               " pictures, evenly spaced through the file of references. A caption counts as right "
               "when it is one of the references word by word: ",
               content.right, " of ", content.captioned, " are.</p>\n"));
  write(
      "<fieldset class=\"filter\"><label><input type=\"radio\" name=\"show\" id=\"all\" "
      "checked>all</label><label><input type=\"radio\" name=\"show\" id=\"only-right\">right"
      "</label><label><input type=\"radio\" name=\"show\" id=\"only-wrong\">wrong</label>"
      "</fieldset>\n<div class=\"pictures\">\n");
  for (const ReportPicture& picture : content.pictures) {
    write(picture_html(picture));
  }
  write("</div></section>\n");
}

}  // namespace

void write_report(const ReportContent& content,
                  const std::function<void(std::string_view)>& write) {
  write(head_html(content));
  write(headline_html(content));
  write(charts_html(content.metrics));
  write("<div class=\"columns\">\n");
  write(table_html("Scores", content.scores));
  write(table_html("Model", content.model));
  write(table_html("Time", content.timing));
  write("</div>\n");
  write_pictures(content, write);
  if (!content.config.empty()) {
    write(
        concat("<section><h2>Configuration</h2><details><summary>As it was resolved for the run"
               "</summary><pre>",
               escape_html(content.config), "</pre></details></section>\n"));
  }
  write("<footer>Written by lrcn eval report.</footer>\n</main>\n</body>\n</html>\n");
}

}  // namespace lrcn
