// In place of json.cpp in a build without nlohmann/json (LRCN_JSON=OFF).
#include "core/error.h"
#include "core/io/json.h"

namespace lrcn {

Json Json::parse(std::string_view, const JsonLimits&, std::string_view source) {
  fail<ArgumentError>(source,
                      ": this build reads no JSON; configure it where nlohmann/json is "
                      "installed (Debian: nlohmann-json3-dev)");
}

}  // namespace lrcn
