// The keys of a captioner's TOML configuration.
#pragma once

#include "tools/cli/settings.h"
#include "tools/train/caption_run.h"

namespace lrcn {

// Asks `settings` for every key, with its default. Throws UsageError naming the key that is wrong.
CaptionRunConfig caption_run_config(Settings& settings);

}  // namespace lrcn
