// The style sheet of the report.
#pragma once

#include <string_view>

namespace lrcn {

std::string_view report_style();

}  // namespace lrcn
