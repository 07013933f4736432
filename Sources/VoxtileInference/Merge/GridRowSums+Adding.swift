import Synchronization
import Voxtile

/// How predictions are added to the sums.
extension GridRowSums {
  /// Adds what was predicted of one patch of the row.
  ///
  /// - Parameter values: of shape `(channels, depth, height, width)`, of the patch's full size.
  /// - Returns: whether all values that were added are finite.
  func add(_ values: UnsafeBufferPointer<Float>, at patch: Patch) -> Bool {
    let valid = patch.valid
    guard valid.voxelCount > 0 else { return true }
    let isFinite = Atomic(true)
    for first in stride(from: valid.z.lowerBound, to: valid.z.upperBound, by: 4 * jobs.count) {
      let some = first..<min(valid.z.upperBound, first + 4 * jobs.count)
      memory.willTouch(some.count * sliceBytes)
      let output = DisjointOutput(memory.values(of: Float.self))
      let source = SharedFloats(values)
      jobs.forEach(some.count) { number in
        if !add(some.lowerBound + number, of: patch, source.buffer, to: output) {
          isFinite.store(false, ordering: .relaxed)
        }
      }
    }
    unset.set(before: valid.x.upperBound)
    return isFinite.load(ordering: .relaxed)
  }

  /// Adds one slice of a patch.
  private func add(
    _ z: Int, of patch: Patch, _ values: UnsafeBufferPointer<Float>, to output: DisjointOutput<Float>
  ) -> Bool {
    var isFinite = true
    for (lines, areUnset) in unset.parts(of: patch.valid.y, slice: z) {
      forEachPart(of: lines) { lines in
        if !add(z, lines, areUnset: areUnset, of: patch, values, to: output) { isFinite = false }
      }
    }
    return isFinite
  }

  /// Adds lines of a slice of a patch that lie next to each other.
  private func add(
    _ z: Int, _ lines: Range<Int>, areUnset: Bool, of patch: Patch, _ values: UnsafeBufferPointer<Float>,
    to output: DisjointOutput<Float>
  ) -> Bool {
    let (valid, region) = (patch.valid, patch.region)
    let slice = z - region.origin.z
    let skipped = valid.origin.x - region.origin.x
    let first = lines.lowerBound - region.origin.y
    let shares = shares.slice(slice, rows: first..<first + lines.count, of: patch)
    if let votes {
      add(votes, z, lines, of: patch, values, shares, to: output)
      return true
    }
    let columns = valid.x.count
    // Before this column sums are added to, from it on they are set.
    let set =
      areUnset && settablePlanes > 0 ? min(max(0, unset.columns - valid.x.lowerBound), columns) : columns
    if set < columns, unset.columns < valid.x.lowerBound {
      clear(lines, z, columns: unset.columns..<valid.x.lowerBound, in: output)
    }
    let count = lines.count * columns
    var numbers = winners?.noWinners(count: count) ?? []
    var best = [Float](repeating: 0, count: winners == nil ? 0 : count)
    let slot = (half?.slot(of: patch) ?? 0) * (channels + 1)
    let rounds = half?.isInOrder == true
    var isFinite = true
    for plane in 0..<channels + (self.shares.needsSums ? 1 : 0) {
      let target = place(z, plane: slot + plane, line: lines.lowerBound) + valid.origin.x
      let block = WeightedBlock(
        rows: lines.count, count: columns,
        source: ((plane * region.extent.depth + slice) * region.extent.height + first)
          * region.extent.width + skipped,
        sourceStride: region.extent.width, shareStart: shares.start + skipped,
        shareStride: shares.stride, targetStride: width)
      output.withPart(target..<target + (lines.count - 1) * width + columns) { sums in
        let (columns, rows) = (shares.columns.span, shares.rows.span)
        guard plane < channels else {
          return addWeights(block, columns: columns, rows: rows, inHalf: rounds, to: &sums)
        }
        let areFinite = addWeighted(
          block, of: values.span, columns: columns, rows: rows, inHalf: rounds, settingFrom: set, to: &sums)
        if !areFinite { isFinite = false }
        // While the values are still in the caches.
        if let winners {
          var numberSpan = numbers.mutableSpan
          var bestSpan = best.mutableSpan
          winners.take(plane, block, of: values.span, into: &numberSpan, best: &bestSpan)
        }
      }
    }
    if winners != nil { compare(numbers, z, lines, columns: valid.x, in: output) }
    return isFinite
  }

  /// Adds the labels of some lines of a patch.
  private func add(
    _ votes: LabelVotes, _ z: Int, _ lines: Range<Int>, of patch: Patch, _ values: UnsafeBufferPointer<Float>,
    _ shares: SliceShares, to output: DisjointOutput<Float>
  ) {
    let (valid, region) = (patch.valid, patch.region)
    let skipped = valid.origin.x - region.origin.x
    let block = WeightedBlock(
      rows: lines.count, count: valid.extent.width,
      source: ((z - region.origin.z) * region.extent.height + lines.lowerBound - region.origin.y)
        * region.extent.width + skipped,
      sourceStride: region.extent.width, shareStart: shares.start + skipped, shareStride: shares.stride,
      targetStride: width)
    let first = place(z, plane: 0, line: lines.lowerBound) + valid.origin.x
    let end =
      place(z, plane: planes - 1, line: lines.lowerBound) + valid.origin.x + (lines.count - 1) * width
      + valid.extent.width
    output.withPart(first..<end) { sums in
      addVotes(
        block, of: values.span, columns: shares.columns.span, rows: shares.rows.span, votes: votes,
        stride: height * width, to: &sums)
    }
  }

  /// Compares the winners of some lines of a patch with those of the patches before it.
  private func compare(
    _ winners: [Int32], _ z: Int, _ lines: Range<Int>, columns: Range<Int>, in output: DisjointOutput<Float>
  ) {
    let count = columns.count
    for line in lines {
      let start = (line - lines.lowerBound) * count
      let first = place(z, plane: planes - 2, line: line) + columns.lowerBound
      let second = place(z, plane: planes - 1, line: line) + columns.lowerBound
      output.withPart(first..<first + count) { known in
        output.withPart(second..<second + count) { differs in
          for index in 0..<count {
            // 0: no patch yet; 1: no channel won; 2: the first channel won, and so on.
            let number = Float(winners[start + index] + 1)
            if known[index] == 0 {
              known[index] = number
            } else if known[index] != number {
              differs[index] = 1
            }
          }
        }
      }
    }
  }
}
