// From a decoded picture to the planes of floats that a network reads.
//
// The steps: resize (bilinear, antialiased), crop, scale by `rescale_factor`, subtract the mean and
// divide by the deviation of the channel, bring into [3, H, W]. Only the pixels inside the crop are
// resized, so that an extreme aspect ratio costs no memory.
//
// Small pictures are enlarged by the resizing, and a crop never exceeds what resizing gives, so
// nothing is ever padded.
#pragma once

#include <array>
#include <span>

#include "kernels/normalize_pictures.h"
#include "tools/data/image.h"

namespace lrcn {

enum class ResizeMode {
  none,           // the picture must be as large as the crop or larger
  shortest_edge,  // keeps the aspect ratio; the long side is cut to whole pixels, as in torchvision
  exact,          // to resize_width x resize_height, whatever the aspect ratio
};

// The fields of a Hugging Face preprocessor_config.json that such pictures need. `mean` and
// `deviation` are in the order of the output channels.
struct Preprocessing {
  ResizeMode resize = ResizeMode::shortest_edge;
  int shortest_edge = 256;  // size.shortest_edge
  int resize_width = 0;     // size.width, for ResizeMode::exact
  int resize_height = 0;    // size.height
  int crop_width = 224;     // crop_size.width: the width of the network's input
  int crop_height = 224;    // crop_size.height
  double rescale_factor = 1.0 / 255.0;
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};       // image_mean
  std::array<float, 3> deviation = {0.229F, 0.224F, 0.225F};  // image_std
  bool blue_first = false;                                    // do_flip_channel_order
};

// torchvision's transform for ImageNet weights: short side `shortest_edge`, centre crop, RGB, /255,
// mean .485 .456 .406, deviation .229 .224 .225. Bit for bit what torchvision computes from a
// Pillow picture.
Preprocessing torchvision_preprocessing(int crop_side = 224, int shortest_edge = 256);

// For Caffe's weights: 256x256 whatever the aspect ratio, crop 227 (CaffeNet) or 224 (VGG), BGR
// from 0 to 255 minus 104, 117, 123. Caffe's own tools resize without antialiasing; this does not.
Preprocessing caffe_preprocessing(int crop_side = 227);

// Resized to exactly width x height, no crop; the numbers as in torchvision.
Preprocessing exact_preprocessing(int width, int height);

// Where a training crop lies, as fractions of the room that there is: 0 is left or top, 1 is right
// or bottom. An offset is min(room, floor(fraction (room + 1))), so that a uniform fraction in [0,
// 1) makes all offsets equally probable.
struct CropChoice {
  double across = 0;
  double down = 0;
  bool mirrored = false;  // left and right exchanged after the crop
};

// ArgumentError: sides below 1 or above 8192, a crop larger than what resizing gives, a deviation
// of zero, or a number that is not finite.
void check_preprocessing(const Preprocessing& preprocessing);

// The crop of the resized picture as bytes, before scaling: [crop_height, crop_width, 3], RGB. The
// centre is at round_half_even((size - crop) / 2), as in torchvision.
// DataError: ResizeMode::none and a picture smaller than the crop.
Image resize_and_crop(const Image& image, const Preprocessing& preprocessing);
Image resize_and_crop(const Image& image, const Preprocessing& preprocessing,
                      const CropChoice& choice);

// The arithmetic behind the crop, as the device does it.
PictureNumbers picture_numbers(const Preprocessing& preprocessing);

// All steps. planes: [3, crop_height, crop_width], written whole; ArgumentError: another length.
void to_planes(const Image& image, const Preprocessing& preprocessing, std::span<float> planes);
void to_planes(const Image& image, const Preprocessing& preprocessing, const CropChoice& choice,
               std::span<float> planes);

}  // namespace lrcn
