#include "tools/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::chrono::seconds kQuietInterval(30);
constexpr std::chrono::milliseconds kRedrawInterval(100);

std::string number(double value, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

Terminal::Terminal()
    : interactive_(isatty(STDERR_FILENO) != 0),
      colours_(interactive_ && std::getenv("NO_COLOR") == nullptr),
      last_(std::chrono::steady_clock::now() - kQuietInterval) {}

std::string Terminal::coloured(const char* code, std::string_view text) const {
  return colours_ ? concat("\033[", code, 'm', text, "\033[0m") : std::string(text);
}

void Terminal::status(const std::string& line, bool important) {
  const auto now = std::chrono::steady_clock::now();
  const auto age = now - last_;
  if (interactive_ ? age < kRedrawInterval && !important : age < kQuietInterval && !important) {
    return;
  }
  last_ = now;
  if (interactive_) {
    std::cerr << '\r' << line << "\033[K" << std::flush;
    open_ = true;
  } else {
    std::cerr << line << std::endl;
  }
}

void Terminal::line(std::string_view text) {
  finish();
  std::cerr << text << std::endl;
}

void Terminal::warning(std::string_view text) { line(concat(coloured("33", "warning: "), text)); }

void Terminal::error(std::string_view text) { line(concat(coloured("31", "lrcn: "), text)); }

void Terminal::finish() {
  if (open_) {
    std::cerr << std::endl;
    open_ = false;
  }
}

std::string clock_text(double seconds) {
  const auto total = std::int64_t(std::max(0.0, std::round(seconds)));
  char text[32];
  if (total >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(total / 3600),
                  static_cast<long long>(total / 60 % 60), static_cast<long long>(total % 60));
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(total / 60),
                  static_cast<long long>(total % 60));
  }
  return text;
}

std::string bar_text(double part, int width) {
  const int inside = std::max(0, width - 2);
  const int full = int(std::lround(std::clamp(part, 0.0, 1.0) * inside));
  return '[' + std::string(std::size_t(full), '#') + std::string(std::size_t(inside - full), '-') +
         ']';
}

void TerminalProgress::step_done(const Progress& progress) {
  const double part = progress.total > 0 ? double(progress.step) / double(progress.total) : 1.0;
  std::string line = terminal_.interactive() ? bar_text(part, 26) + ' ' : "";
  line += concat("step ", progress.step, '/', progress.total, "  epoch ", progress.epoch, "  loss ",
                 number(progress.loss, "%.4f"), "  lr ", number(progress.learning_rate, "%.3g"),
                 "  ", number(progress.examples_per_second, "%.1f"), "/s  ",
                 clock_text(progress.remaining_seconds), " left");
  terminal_.status(line, progress.step == progress.total);
  if (progress.skipped) {
    terminal_.warning(
        concat("step ", progress.step, " was skipped: its loss or gradient is not finite"));
  }
}

void TerminalProgress::evaluated(std::int64_t step, const EvaluationResult& result, bool is_best) {
  std::string line = concat("step ", step, " validation:");
  for (const Metric& metric : result.metrics) {
    line += concat("  ", metric.name, ' ', number(metric.value, "%.4f"));
  }
  terminal_.line(line + (is_best ? "  (best so far)" : ""));
}

void TerminalProgress::saved(std::int64_t step, const std::filesystem::path& checkpoint) {
  terminal_.line(concat("step ", step, " saved to ", checkpoint.string()));
}

void TerminalProgress::notice(std::string_view text) { terminal_.line(text); }

}  // namespace lrcn
