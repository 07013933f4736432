import Voxtile

/// The weighted sums of one row of the grid: as deep as a layer, as tall as a patch, as wide as the image.
///
/// Lines of voxels have places in a ring, so that those that two rows of the grid share stay where they are. Every voxel
/// adds its patches in the order of the grid, whatever the number of threads.
///
/// Unchecked, because one thread at a time calls it, and those that it starts itself each write lines of their own.
final class GridRowSums: @unchecked Sendable {
  let geometry: MergeSchedule
  /// Values for each voxel.
  let channels: Int
  /// Numbers kept for a voxel: its values, the sum of the weights where that is not known, and where single patches are
  /// compared the first one's winner (from 1 on) and whether another one has a different winner.
  let planes: Int
  private let winners: VoxelDecision?
  private let votes: LabelVotes?
  let half: HalfSums?
  let shares: PatchShares
  let jobs: Jobs
  let memory: ScratchMemory
  /// The lines that have places.
  let height: Int
  let width: Int
  /// How many slices before those of a layer are held, and lines before those of a row.
  private let linesBefore: Int
  /// The slices that are held: the layer's, and those before it.
  private(set) var slices = 0..<0

  /// Makes room.
  ///
  /// - Parameters:
  ///   - winners: says which channel wins in a patch, where patches are to be compared.
  ///   - votes: how labels are kept, where the model gives labels.
  ///   - half: how sums of half precision are kept, where they are of that; the values of all networks are summed then.
  ///   - linesBefore: how many slices before those of a layer are held, and lines before those of a row.
  ///   - residentBytes: how much of it may be in memory at a time.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is none.
  init(
    _ geometry: MergeSchedule, channels: Int, shares: PatchShares, winners: VoxelDecision?,
    votes: LabelVotes? = nil, half: HalfSums? = nil, linesBefore: Int = 0, residentBytes: Int, jobs: Jobs
  ) throws(VoxtileError) {
    self.geometry = geometry
    self.channels = channels * (half?.networks ?? 1)
    self.half = half
    self.shares = shares
    self.jobs = jobs
    self.winners = winners
    self.votes = votes
    planes = Self.planes(
      channels: channels, shares: shares, tracksWinners: winners != nil, votes: votes, half: half)
    self.linesBefore = linesBefore
    height = geometry.tallestRow + linesBefore
    width = geometry.grid.extent.width
    memory = try ScratchMemory(
      byteCount: geometry.rowBytes(planes: planes, linesBefore: linesBefore), residentBytes: residentBytes)
  }

  /// How many numbers are kept for a voxel.
  static func planes(
    channels: Int, shares: PatchShares, tracksWinners: Bool, votes: LabelVotes? = nil, half: HalfSums? = nil
  ) -> Int {
    if let half { return half.planes(channels: channels * half.networks) + (tracksWinners ? 2 : 0) }
    // The weights of labels are kept with them, and show whether patches differ.
    return votes?.planes ?? channels + (shares.needsSums ? 1 : 0) + (tracksWinners ? 2 : 0)
  }

  /// Bytes of one slice of the ring.
  var sliceBytes: Int { planes * height * width * 4 }

  /// Begins a layer.
  func begin(layer: Int) {
    let own = geometry.slices(ofLayer: layer)
    slices = max(0, own.lowerBound - linesBefore)..<own.upperBound
  }

  /// Where a line of one plane lies.
  func place(_ slice: Int, plane: Int, line: Int) -> Int {
    (((slice - slices.lowerBound) * planes + plane) * height + line % height) * width
  }

  /// Calls a body with the parts of a run of lines that lie next to each other.
  func forEachPart<Failure: Error>(
    of lines: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    var first = lines.lowerBound
    while first < lines.upperBound {
      let end = min(lines.upperBound, first + height - first % height)
      try body(first..<end)
      first = end
    }
  }

  /// Begins some lines: with what an earlier layer handed on, or with nothing.
  ///
  /// - Parameter carried: the slices that were handed on.
  func begin(lines: Range<Int>, carried: Range<Int>, from carry: LayerHandover) throws {
    for slice in slices {
      memory.willTouch(sliceBytes)
      let sums = memory.values(of: Float.self)
      try forEachPart(of: lines) { part in
        for plane in 0..<planes {
          let start = place(slice, plane: plane, line: part.lowerBound)
          let target = UnsafeMutableBufferPointer(rebasing: sums[start..<start + part.count * width])
          if carried.contains(slice) {
            try carry.load(target, slice: slice, plane: plane, line: part.lowerBound)
          } else {
            target.update(repeating: 0)
          }
        }
      }
    }
  }

  /// Hands lines of a slice on to the next layer.
  func store(lines: Range<Int>, ofSlice slice: Int, to carry: LayerHandover) throws {
    memory.willTouch(sliceBytes)
    let sums = memory.values(of: Float.self)
    try forEachPart(of: lines) { part in
      for plane in 0..<planes {
        let start = place(slice, plane: plane, line: part.lowerBound)
        try carry.store(
          UnsafeBufferPointer(rebasing: sums[start..<start + part.count * width]), slice: slice,
          plane: plane, line: part.lowerBound)
      }
    }
  }

  /// Adds what was predicted of one patch of the row.
  ///
  /// - Parameter values: of shape `(channels, depth, height, width)`, of the patch's full size.
  func add(_ values: UnsafeBufferPointer<Float>, at patch: Patch) {
    let valid = patch.valid
    guard valid.voxelCount > 0 else { return }
    for first in stride(from: valid.z.lowerBound, to: valid.z.upperBound, by: 4 * jobs.count) {
      let some = first..<min(valid.z.upperBound, first + 4 * jobs.count)
      memory.willTouch(some.count * sliceBytes)
      let output = DisjointOutput(memory.values(of: Float.self))
      let source = SharedFloats(values)
      jobs.forEach(some.count) { number in
        add(some.lowerBound + number, of: patch, source.buffer, to: output)
      }
    }
  }

  /// Adds one slice of a patch.
  private func add(
    _ z: Int, of patch: Patch, _ values: UnsafeBufferPointer<Float>, to output: DisjointOutput<Float>
  ) {
    let (valid, region) = (patch.valid, patch.region)
    let slice = z - region.origin.z
    let skipped = valid.origin.x - region.origin.x
    forEachPart(of: valid.y) { lines in
      let first = lines.lowerBound - region.origin.y
      let shares = shares.slice(slice, rows: first..<first + lines.count, of: patch)
      if let votes { return add(votes, z, lines, of: patch, values, shares, to: output) }
      let count = lines.count * valid.extent.width
      var numbers = winners?.noWinners(count: count) ?? []
      var best = [Float](repeating: 0, count: winners == nil ? 0 : count)
      let slot = (half?.slot(of: patch) ?? 0) * (channels + 1)
      let rounds = half?.isInOrder == true
      for plane in 0..<channels + (self.shares.needsSums ? 1 : 0) {
        let target = place(z, plane: slot + plane, line: lines.lowerBound) + valid.origin.x
        let block = WeightedBlock(
          rows: lines.count, count: valid.extent.width,
          source: ((plane * region.extent.depth + slice) * region.extent.height + first)
            * region.extent.width + skipped,
          sourceStride: region.extent.width, shareStart: shares.start + skipped,
          shareStride: shares.stride, targetStride: width)
        output.withPart(target..<target + (lines.count - 1) * width + valid.extent.width) { sums in
          let (columns, rows) = (shares.columns.span, shares.rows.span)
          if plane < channels {
            addWeighted(block, of: values.span, columns: columns, rows: rows, inHalf: rounds, to: &sums)
            // While the values are still in the caches.
            if let winners {
              var numberSpan = numbers.mutableSpan
              var bestSpan = best.mutableSpan
              winners.take(plane, block, of: values.span, into: &numberSpan, best: &bestSpan)
            }
          } else {
            addWeights(block, columns: columns, rows: rows, inHalf: rounds, to: &sums)
          }
        }
      }
      if winners != nil { compare(numbers, z, lines, columns: valid.x, in: output) }
    }
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

/// What the sums of predictions take in memory, in 32-bit floats.
extension MergeSchedule {
  /// Bytes of the sums of one row of the grid, for a number of planes, with slices and lines before it.
  func rowBytes(planes: Int, linesBefore: Int = 0) -> Int {
    (deepestLayer + linesBefore) * planes * (tallestRow + linesBefore) * grid.extent.width * 4
  }

  /// Bytes of what one layer hands on.
  func carryBytes(planes: Int, slicesBefore: Int = 0) -> Int {
    (maxCarriedSlices + slicesBefore) * planes * grid.extent.height * grid.extent.width * 4
  }
}
