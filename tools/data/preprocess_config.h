// Preprocessing as preprocessor_config.json of a model directory, in the terms of Hugging Face's
// CLIPImageProcessor and its kin.
#pragma once

#include "core/io/json.h"
#include "tools/data/preprocess.h"

namespace lrcn {

Json to_json(const Preprocessing& preprocessing);
// Throws DataError naming the field that is absent, of another type or out of range, and for steps
// that are switched off or of another kind (resample other than bilinear).
Preprocessing preprocessing_from(const Json& json);

}  // namespace lrcn
