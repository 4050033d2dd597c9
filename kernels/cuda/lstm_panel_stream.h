// How the rows that a block multiplies in a step come to its ring in shared memory.
#pragma once

#include <cstdint>

#include "kernels/cuda/lstm_panel.h"
#include "kernels/cuda/ptx/copy.h"

namespace lrcn::cuda {

// wait_for_copies for a number that only the planner knows.
__device__ inline void wait_for_all_copies_but(int pending) {
  static_assert(kMostPanelStages == 8);
  switch (pending) {
    case 6:
      return wait_for_copies<6>();
    case 5:
      return wait_for_copies<5>();
    case 4:
      return wait_for_copies<4>();
    case 3:
      return wait_for_copies<3>();
    case 2:
      return wait_for_copies<2>();
    case 1:
      return wait_for_copies<1>();
    default:
      return wait_for_copies<0>();
  }
}

// The panels of the rows of x, one behind the other: multiply() is to be called for each. All
// threads of the block make it, when nobody reads the ring any more, and call it.
template <class Factors>
class PanelStream {
 public:
  using Word = typename Factors::Word;

  // x: [rows, depth], its rows `stride` words apart. Starts as many copies as the ring takes.
  __device__ PanelStream(const Panel<Factors>& panel, const Word* x, std::int64_t stride, int rows)
      : panel_(panel), x_(x), stride_(int(stride)), rows_(rows) {
    for (int i = 0; i < panel.shape.stages; ++i) {
      copy_next();
    }
  }

  // Multiplies the next panel; its sums are complete for all threads on return.
  __device__ void multiply() {
    const LstmPanelShape& shape = panel_.shape;
    const int columns = shape.outputs / Factors::kOutputs;  // of tiles
    const int tiles = columns * (shape.rows / Factors::kRows);
    const int warp = int(threadIdx.x / 32);
    const int split = warp / tiles;
    const int row = warp % tiles / columns * Factors::kRows;
    const int output = warp % columns * Factors::kOutputs;
    const bool works = split < shape.splits;
    const int depth = shape.piece / shape.splits;  // of a piece for a warp

    typename Factors::Sums sums;
    for (int term = 0; term < shape.padded_depth; term += shape.piece) {
      wait_for_all_copies_but(shape.stages - 2);
      __syncthreads();  // this piece is there for all, and all are done with the piece before
      if (has_done_one_) {
        copy_next();  // to the place of that piece
      }
      has_done_one_ = true;
      if (works) {
        const Word* from = panel_.ring + (slot_ * shape.rows + row) * panel_.ring_stride();
        const Word* w = panel_.weights + output * panel_.weight_stride() + term;
        sums.multiply(from + split * depth, panel_.ring_stride(), w + split * depth,
                      panel_.weight_stride(), depth);
      }
      slot_ = behind(slot_);
    }
    if (works) {
      float* to = panel_.sums + (split * shape.rows + row) * panel_.sum_stride() + output;
      sums.store(to, panel_.sum_stride());
    }
    __syncthreads();
  }

 private:
  __device__ int behind(int slot) const { return slot + 1 == panel_.shape.stages ? 0 : slot + 1; }

  // Starts the copies of the next piece, and closes their group also where there is none.
  __device__ void copy_next() {
    const LstmPanelShape& shape = panel_.shape;
    if (next_row_ < rows_) {
      const int present = rows_ - next_row_;
      const int terms = shape.depth - next_term_;
      if (present < shape.rows || terms < shape.piece) {
        copy_piece<false>(present, terms);
      } else {
        copy_piece<true>(present, terms);
      }
      next_slot_ = behind(next_slot_);
      next_term_ += shape.piece;
      if (next_term_ == shape.padded_depth) {
        next_term_ = 0;
        next_row_ += shape.rows;
      }
    }
    commit_copies();
  }

  // Of a piece that is not whole, other rows than the `present` ones and other terms than `terms`
  // become zero.
  template <bool kWhole>
  __device__ void copy_piece(int present, int terms) const {
    constexpr int kWords = int(16 / sizeof(Word));  // of a copy
    const LstmPanelShape& shape = panel_.shape;
    const PieceWalk& walk = panel_.walk;
    const Word* from = x_ + std::int64_t(next_row_) * stride_ + next_term_;
    Word* to = panel_.ring + next_slot_ * shape.rows * panel_.ring_stride();
    for (int row = walk.row, word = walk.word; row < shape.rows;) {
      Word* place = to + row * panel_.ring_stride() + word;
      const int at = row * stride_ + word;
      if constexpr (kWhole) {
        copy_async<16>(place, from + at);
      } else {
        const bool is_there = row < present && word < terms;
        const int words = !is_there ? 0 : terms - word < kWords ? terms - word : kWords;
        copy_async_or_zero<16>(place, from + (is_there ? at : 0), words * int(sizeof(Word)));
      }
      row += walk.rows_on;
      word += walk.words_on;
      if (word >= shape.piece) {
        word -= shape.piece;
        ++row;
      }
    }
  }

  const Panel<Factors>& panel_;
  const Word* x_;
  int stride_;
  int rows_;
  int next_row_ = 0;  // of the next piece to be copied, and so on
  int next_term_ = 0;
  int next_slot_ = 0;
  int slot_ = 0;  // of the next piece to be multiplied
  bool has_done_one_ = false;
};

}  // namespace lrcn::cuda
