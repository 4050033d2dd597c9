// Batches of pictures on their way into a program: their bytes are copied while the device computes
// what it was given before, and are normalised there.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "core/staging.h"
#include "tools/data/preprocess.h"

namespace lrcn {

class PictureUpload {
 public:
  // What the host writes for a batch of N pictures.
  struct Room {
    std::span<std::uint8_t> pictures;  // [N, H, W, 3], of the size of the crop
    std::span<PicturePlace> places;    // [N], at first all absent

    // Picture n: [H, W, 3], resized and cropped. Throws ArgumentError for another size.
    void put(std::size_t n, std::span<const std::uint8_t> pixels) const;
  };

  // For batches of `batch` pictures of crop_height x crop_width. Tensors that a program reads
  // beside the pictures may go with them: `more` is the most bytes of each. Throws ArgumentError
  // for what check_preprocessing refuses, MemoryError.
  PictureUpload(Context& context, const Preprocessing& preprocessing, std::int64_t batch,
                std::initializer_list<std::size_t> more = {});

  // Room for the next batch. Two may be under way at a time; ArgumentError for a third.
  Room next();
  // Begins to send it, and the bytes of the other tensors with it. Throws ArgumentError for more of
  // them than was said, DataError for places that are none.
  void send(std::initializer_list<std::span<const std::byte>> more = {});
  // Gives the context the work that puts the batch sent first into `images`, [N, 3, H, W] in f32 or
  // what else normalize_pictures writes, and its other bytes into their tensors.
  void arrive(Context& context, Tensor images, std::initializer_list<Tensor> more = {});
  // Leaves the batch sent first out.
  void drop(Context& context);

  int under_way() const { return staging_.under_way(); }  // batches sent and not arrived

 private:
  // Where things lie in a slot, in bytes.
  struct Part {
    std::size_t offset;
    std::size_t bytes;
  };

  const Part& other_part(std::size_t index, std::size_t bytes) const;

  PictureNumbers numbers_;
  PictureCrop crop_;
  std::vector<Part> parts_;  // places, pictures, more
  Staging staging_;
  std::span<std::byte> slot_;  // of next()
};

}  // namespace lrcn
