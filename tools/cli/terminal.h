// What a person sees on stderr while a command works.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tools/train/progress.h"

namespace lrcn {

// How stderr takes text: a bar that is redrawn on a terminal, a line every 30 seconds elsewhere.
// Colours only on a terminal and when NO_COLOR is not set.
class Terminal {
 public:
  Terminal();

  // Replaces the line in progress; elsewhere than on a terminal prints it when the last one is 30
  // seconds old or `important`.
  void status(const std::string& line, bool important = false);
  // A line that stays.
  void line(std::string_view text);
  void warning(std::string_view text);
  void error(std::string_view text);
  // Ends the line in progress.
  void finish();

  bool interactive() const { return interactive_; }

 private:
  std::string coloured(const char* code, std::string_view text) const;

  bool interactive_;
  bool colours_;
  bool open_ = false;  // a status line is on the screen
  std::chrono::steady_clock::time_point last_;
};

// "1:02:03" or "2:03".
std::string clock_text(double seconds);
// "[#####-----]" of `width` characters.
std::string bar_text(double part, int width);

// Training progress: bar with step, loss, rate and time left; a line for evaluations and
// checkpoints.
class TerminalProgress final : public ProgressSink {
 public:
  explicit TerminalProgress(Terminal& terminal) : terminal_(terminal) {}

  void step_done(const Progress& progress) override;
  void evaluated(std::int64_t step, const EvaluationResult& result, bool is_best) override;
  void saved(std::int64_t step, const std::filesystem::path& checkpoint) override;
  void notice(std::string_view text) override;

 private:
  Terminal& terminal_;
};

}  // namespace lrcn
